"""`sendable explain`: why an email may be sent or not, and what would change that."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

import sendable
from sendable.cli.console import NO_CONTEXT, Failure, complain, paint_for, terminal_width
from sendable.cli.contexts import STANDARD_INPUT, STANDARD_OUTPUT, Clock, files_of_contexts
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import format_option, load_policy, locale_option, now_option, policy_option
from sendable.decide.documents import ContextDocument, ContextFault, read_contexts
from sendable.diagnostics.wording import near_miss, shown
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Explanations, Screen
from sendable.render.terminal.paint import plain


@click.command("explain")
@click.argument("files", nargs=-1, required=True, metavar="CONTEXT...")
@policy_option
@click.option("--reason", metavar="ID", help="Explain this reason alone: why it applies, or why it does not.")
@click.option("--full", is_flag=True, help="Show the value of every part of each condition, and where it stands.")
@format_option(Explanations)
@locale_option
@now_option
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write to FILE, whole or not at all, and not to standard output.",
)
@overwrite_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    policy_directory: Path | None,
    reason: str | None,
    full: bool,
    output_format: str,
    locale: str | None,
    now: datetime | None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Explain why an email may be sent or not, what would clear it, and when it clears by itself.

    CONTEXT is a file or a folder as `sendable dry-run` reads it, or - for standard input. What would clear it is the
    smallest change of the context that makes the email sendable, found on the conditions and tried: who can make it is
    said, and what would still suppress the email when only the primary reason is cleared.

    \b
    Examples:
      sendable explain contact.yaml
      sendable explain contact.yaml --locale sv --full
      sendable explain contact.yaml --reason frequency_capped
      sendable explain contact.yaml --format json
      sendable explain contact.yaml --format html --output explanation.html
    """  # noqa: D301 - \b keeps click from filling the lines
    sources = files_of_contexts(files)
    read = [Path(one) for one in sources if one != STANDARD_INPUT]
    output = None if str(output) == STANDARD_OUTPUT else output
    require_outputs([output], inputs=read, packs=[policy_directory], overwrite=overwrite)
    policy = load_policy(policy_directory)
    if reason is not None:
        _require_reason(policy, reason)
    else:
        _require_contexts(policy, sources)
    clock = Clock(now)
    explained: list[tuple[str, sendable.Explanation]] = []
    faults = 0
    for source in sources:
        for item in read_contexts(sys.stdin.buffer if source == STANDARD_INPUT else source):
            found = _explained(policy, item, clock)
            faults += found is None
            if found is not None:
                explained.append((item.place, found))
    clock.tell()
    if not explained and not faults:
        complain(f"warning: {NO_CONTEXT}")
    writer = writers(Explanations)[output_format]
    if writer.only_one and len(explained) != 1:
        raise Failure(f"a page is of one context, and there are {len(explained)}", "Name a file with one context.")
    with ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(written_whole(output, overwrite=overwrite))
        screen = Screen(terminal_width(), paint_for(stream) if output is None else plain)
        stream.writelines(writer.write(Explanations(policy, tuple(explained), locale, full, reason), screen))
    if faults:
        ctx.exit(2)


def _require_reason(policy: sendable.Policy, reason: str) -> None:
    ids = [one.id for one in policy.reasons]
    if reason not in ids:
        meant = near_miss(reason, ids)
        advice = f"Did you mean `{meant}`?" if meant else "`sendable reasons` lists them."
        raise Failure(f"the pack has no reason `{shown(reason)}`", advice)


def _require_contexts(policy: sendable.Policy, sources: tuple[str, ...]) -> None:
    """Fails where a reason was named in the place of a context."""
    ids = [one.id for one in policy.reasons]
    for source in sources:
        if "." in source or Path(source).exists():
            continue
        if (meant := near_miss(source, ids)) is not None:
            raise Failure(
                f"there is no file `{shown(source)}`, and a reason `{meant}`",
                f"Name a file with a context, and with it the reason: sendable explain CONTEXT --reason {meant}",
            )


def _explained(
    policy: sendable.Policy, item: ContextDocument | ContextFault, clock: Clock
) -> sendable.Explanation | None:
    """The explanation of one context; None, and what is wrong on standard error, where it can't be decided."""
    if isinstance(item, ContextFault):
        complain(f"{item.place}: {item.message}")
        return None
    try:
        return policy.explain(clock.timed(item.context), now=clock.now)
    except sendable.ContextError as error:
        for problem in error.problems:
            complain(f"{item.place}: {problem}")
        return None
