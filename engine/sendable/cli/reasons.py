"""`sendable reasons`: the reasons of a pack as a table."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sendable.cli.console import say, terminal_width
from sendable.cli.options import load_policy, locale_option, policy_option
from sendable.render.table import reason_to_dict, reasons_as_markdown, reasons_as_text


@click.command("reasons")
@policy_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="text for people; md, Markdown with the messages too; json.",
)
@locale_option
def command(policy_directory: Path | None, output_format: str, locale: str | None) -> None:
    """Show the reasons of a policy pack as a table, in the order of their priorities.

    The lowest priority that applies is the reason people are shown. A floor (■) is a reason that nothing may switch
    off, and that missing data may not get past.

    \b
    Examples:
      sendable reasons
      sendable reasons --policy policies --locale sv --format md > reasons.md
    """  # noqa: D301 - \b keeps click from filling the lines
    policy = load_policy(policy_directory)
    served = policy.pack.locale_for(locale)
    match output_format:
        case "json":
            rows = [reason_to_dict(reason, served) for reason in policy.reasons]
            say(json.dumps(rows, ensure_ascii=False, indent=2))
        case "md":
            say(reasons_as_markdown(policy.reasons, served))
        case _:
            say(reasons_as_text(policy.reasons, served, terminal_width()))
