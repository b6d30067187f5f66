"""`sendable schema`: the JSON Schemas that come with the package."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from sendable.cli.console import Failure, paint_for, say, terminal_width
from sendable.cli.options import is_named, load_policy, policy_option
from sendable.diagnostics.wording import near_miss, shown
from sendable.pack.resources import schema_names, schema_path
from sendable.render.terminal.schema import Key, keys_as_text, keys_of_fields, keys_of_schema

_PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "changes": "the files of a pack under changes/: what it has otherwise than its base",
        "columns": "what columns of files are called: intake/columns.yaml of a pack",
        "context": "one email to one contact: what `dry-run` reads",
        "decision": "the answer: what `dry-run --format json` writes",
        "explanation": "why, and what would change it: what `explain --format json` writes",
        "lists": "the files of a pack under lists/",
        "lock": "what each file of a pack holds, policy.lock: what `lint --lock` writes",
        "policy": "the manifest of a pack, policy.yaml",
        "reasons": "the files of a pack under reasons/",
        "summary": "what became of an audience: what `audience --format json` writes",
        "tests": "the files of a pack under tests/",
    }
)


@click.command("schema")
@click.argument("name", required=False, metavar="[NAME]")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["json", "text"]),
    default="json",
    show_default=True,
    help="json is the schema; text a list of the keys for people.",
)
@policy_option
@click.pass_context
def command(ctx: click.Context, name: str | None, output_format: str, policy_directory: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a kind of document; without NAME, the names there are.

    As text it is a list of the keys, and what may stand there: of a context all fields that conditions can read,
    those of the pack's own too; of tests the keys of `expect`; of reasons the keys of a reason.

    \b
    Examples:
      sendable schema
      sendable schema context > context.schema.json
      sendable schema context --format text
      sendable schema tests --format text
    """  # noqa: D301 - \b keeps click from filling the lines
    names = schema_names()
    if is_named(ctx) and (name != "context" or output_format != "text"):
        ctx.fail("--policy is for `context` with --format text: the fields of a pack of one's own.")
    if name is None:
        width = max(map(len, names), default=0)
        for each in names:
            say(f"{each:<{width}}  {_purpose(each)}")
    elif name in names and output_format == "text":
        for line in keys_as_text(_keys(name, policy_directory), terminal_width(), paint_for(sys.stdout)):
            say(line)
    elif name in names:
        say(schema_path(name).read_text(encoding="utf-8").removesuffix("\n"))
    else:
        meant = near_miss(name, names)
        advice = "" if meant is None else f"Did you mean `{meant}`? "
        raise Failure(f"there is no schema `{shown(name)}`", f"{advice}The schemas are {', '.join(names)}.")


def _keys(name: str, policy_directory: Path | None) -> Iterable[Key]:
    """The keys of a kind of document; of a context, the fields of the pack."""
    if name != "context":
        return keys_of_schema(json.loads(schema_path(name).read_text(encoding="utf-8")))
    return keys_of_fields(load_policy(policy_directory).pack.fields.values())


def _purpose(name: str) -> str:
    return _PURPOSES.get(name) or str(json.loads(schema_path(name).read_text(encoding="utf-8")).get("title", ""))
