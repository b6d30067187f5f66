"""`sendable schema`: the JSON Schemas that come with the package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import click

from sendable.cli.console import Failure, say
from sendable.diagnostics.wording import near_miss, shown
from sendable.pack.resources import schema_names, schema_path

_PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "columns": "what columns of files are called: intake/columns.yaml of a pack",
        "context": "one email to one contact: what `dry-run` reads",
        "decision": "the answer: what `dry-run --format json` writes",
        "explanation": "why, and what would change it: what `explain --format json` writes",
        "lists": "the files of a pack under lists/",
        "lock": "what each file of a pack holds, policy.lock: what `lint --lock` writes",
        "policy": "the manifest of a pack, policy.yaml",
        "reasons": "the files of a pack under reasons/",
        "tests": "the files of a pack under tests/",
    }
)


@click.command("schema")
@click.argument("name", required=False, metavar="[NAME]")
def command(name: str | None) -> None:
    """Print the JSON Schema (2020-12) of a kind of document; without NAME, the names there are.

    \b
    Examples:
      sendable schema
      sendable schema context > context.schema.json
    """  # noqa: D301 - \b keeps click from filling the lines
    names = schema_names()
    if name is None:
        width = max(map(len, names), default=0)
        for each in names:
            say(f"{each:<{width}}  {_purpose(each)}")
    elif name in names:
        say(schema_path(name).read_text(encoding="utf-8").removesuffix("\n"))
    else:
        meant = near_miss(name, names)
        advice = "" if meant is None else f"Did you mean `{meant}`? "
        raise Failure(f"there is no schema `{shown(name)}`", f"{advice}The schemas are {', '.join(names)}.")


def _purpose(name: str) -> str:
    return _PURPOSES.get(name) or str(json.loads(schema_path(name).read_text(encoding="utf-8")).get("title", ""))
