"""`sendable reasons`: the reasons of a pack as a table."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sendable.cli.console import say, terminal_width
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import load_policy, locale_option, policy_option
from sendable.policy import Policy
from sendable.render.pages.reference_page import reference_markdown, reference_page
from sendable.render.reports.reasons import reason_to_dict
from sendable.render.terminal.table import reasons_as_text


@click.command("reasons")
@policy_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "md", "html", "json"]),
    default="text",
    show_default=True,
    help="text for people; md and html, a reference in all languages of the pack; json.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write to FILE, whole or not at all.  [default: standard output]",
)
@overwrite_option
@locale_option
def command(
    policy_directory: Path | None, output_format: str, output: Path | None, overwrite: bool, locale: str | None
) -> None:
    """Show the reasons of a policy pack as a table, in the order of their priorities.

    The lowest priority that applies is the reason people are shown. A floor (■) is a reason that nothing may switch
    off, and that missing data may not get past.

    As html it is one page that needs no other file, with all that a reason says and a search; as md, the same as
    Markdown. Both have every language of the pack, that of --locale first.

    \b
    Examples:
      sendable reasons
      sendable reasons --policy policies --locale sv --format md > reasons.md
      sendable reasons --policy policies --format html --output reasons.html
    """  # noqa: D301 - \b keeps click from filling the lines
    require_outputs([output], packs=[policy_directory], overwrite=overwrite)
    policy = load_policy(policy_directory)
    text = _text(policy, output_format, policy.pack.locale_for(locale))
    if output is None:
        say(text)
    else:
        with written_whole(output, overwrite=overwrite) as stream:
            stream.write(f"{text}\n")


def _text(policy: Policy, output_format: str, served: str) -> str:
    """What is asked for, without the end of its last line."""
    every = (served, *(locale for locale in policy.pack.locales if locale != served))
    match output_format:
        case "json":
            rows = [reason_to_dict(reason, served) for reason in policy.reasons]
            return json.dumps(rows, ensure_ascii=False, indent=2)
        case "md":
            return reference_markdown(policy, every)
        case "html":
            return reference_page(policy, every).rstrip("\n")
        case _:
            return reasons_as_text(policy.reasons, served, terminal_width())
