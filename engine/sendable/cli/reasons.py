"""`sendable reasons`: the reasons of a pack as a table."""

from __future__ import annotations

from pathlib import Path

import click

from sendable.cli.console import show, terminal_width
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import format_option, load_policy, locale_option, policy_option
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Reasons, Screen


@click.command("reasons")
@policy_option
@format_option(Reasons)
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
    report = Reasons(policy, policy.pack.locale_for(locale))
    if output is None:
        show(report, output_format)
    else:
        with written_whole(output, overwrite=overwrite) as stream:
            stream.writelines(writers(Reasons)[output_format].write(report, Screen(terminal_width())))
