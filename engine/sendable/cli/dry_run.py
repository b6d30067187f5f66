"""`sendable dry-run`: contexts in, decisions out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

import click

import sendable
from sendable.cli.console import NO_CONTEXT, complain, paint_for, terminal_width
from sendable.cli.contexts import STANDARD_INPUT, STANDARD_OUTPUT, Clock, files_of_contexts
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import format_option, load_policy, locale_option, now_option, policy_option
from sendable.decide.documents import ContextDocument, ContextFault, Format, Progress, read_contexts
from sendable.diagnostics.record import MOST_TOLD
from sendable.diagnostics.wording import shown
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Decisions, Screen
from sendable.render.terminal.paint import Role, plain
from sendable.render.terminal.text import state_of
from sendable.render.words.forms import State

_LONG_INPUT: Final = 2 * 1024 * 1024
_MOST_UNDECLARED: Final = 100


@click.command("dry-run")
@click.argument("files", nargs=-1, metavar="[FILES]...")
@policy_option
@format_option(Decisions)
@locale_option
@now_option
@click.option("--fail-on-suppress", is_flag=True, help="Exit with 1 when anything was suppressed.")
@click.option(
    "--input",
    "written",
    type=click.Choice(["auto", *(each.value for each in Format)]),
    default="auto",
    show_default=True,
    help="How the contexts are written; auto goes by the file's suffix, and by the first line where there is none.",
)
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
    output_format: str,
    locale: str | None,
    now: datetime | None,
    fail_on_suppress: bool,
    written: str,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Say of each context whether its email may be sent, and if not, why and what would clear it.

    FILES hold contexts as YAML (.yaml, .yml), JSON (.json; one object, or a list of them) or JSON Lines (.jsonl,
    .ndjson; one object a line, of any number), or are folders of such files, which are read by name. Without FILES, or
    for -, standard input is read. Nothing is sent.

    Contexts that can't be read or decided are named on standard error, the others are decided, and the exit code is 2.

    \b
    Examples:
      sendable dry-run contact.yaml
      sendable dry-run --policy policies --locale sv contexts
      sendable dry-run --format jsonl audience.jsonl > decisions.jsonl
      psql -Atc "select json from contexts" | sendable dry-run --fail-on-suppress
    """  # noqa: D301 - \b keeps click from filling the lines
    sources = files_of_contexts(_sources(ctx, files))
    read = [Path(one) for one in sources if one != STANDARD_INPUT]
    output = None if str(output) == STANDARD_OUTPUT else output
    require_outputs([output], inputs=read, packs=[policy_directory], overwrite=overwrite)
    policy = load_policy(policy_directory)
    with ExitStack() as stack:
        stream = sys.stdout if output is None else stack.enter_context(written_whole(output, overwrite=overwrite))
        progress = stack.enter_context(_progress(sources, quiet=stream.isatty()))
        run = _Run(policy, Clock(now))
        form = None if written == "auto" else Format(written)
        given = (sys.stdin.buffer if source == STANDARD_INPUT else source for source in sources)
        items = chain.from_iterable(read_contexts(one, written=form, progress=progress) for one in given)
        writer = writers(Decisions)[output_format]
        screen = Screen(terminal_width(), paint_for(stream) if output is None else plain)
        for piece in writer.write(Decisions(policy, run.decided(items), run.counts, locale), screen):
            stream.write(piece)
            if writer.at_once:
                stream.flush()
    if run.counts[State.INVALID]:
        ctx.exit(2)
    if fail_on_suppress and (run.counts[State.SUPPRESSED] or run.counts[State.UNDETERMINED]):
        ctx.exit(1)


def _sources(ctx: click.Context, files: tuple[str, ...]) -> tuple[str, ...]:
    if files.count(STANDARD_INPUT) > 1:
        ctx.fail("Standard input (-) can be read only once.")
    if STANDARD_INPUT in files or not files:
        if sys.stdin is None:
            ctx.fail("There is no standard input; name the files that hold the contexts.")
        if not files and sys.stdin.isatty():
            ctx.fail("Name the files that hold the contexts, or give - and type a context, ended with Ctrl-D.")
    return files or (STANDARD_INPUT,)


# -- deciding


class _Run:
    """What comes of the contexts of all sources together."""

    def __init__(self, policy: sendable.Policy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._undeclared: Counter[str] = Counter()
        self._more_undeclared = False
        self._tell = _Teller()
        self._faults = 0
        self.counts: Counter[State] = Counter()

    def decided(
        self, items: Iterable[ContextDocument | ContextFault]
    ) -> Iterator[tuple[sendable.Decision, ContextDocument]]:
        """Each context that can be decided, with its decision; what is wrong is said on standard error."""
        unreadable = object()
        last: object = unreadable
        for item in items:
            if isinstance(item, ContextFault):
                # A document with several faults is one context that is not decided.
                place = (item.file, item.number)
                self.counts[State.INVALID] += place != last
                last = place
                self._fault(f"{item.place}: {item.message}")
                continue
            last = unreadable
            self._note_undeclared(item)
            try:
                decision = self._policy.decide(self._clock.timed(item.context), now=self._clock.now)
            except sendable.ContextError as error:
                self.counts[State.INVALID] += 1
                for problem in error.problems:
                    self._fault(f"{item.place}: {problem}")
                continue
            self.counts[state_of(decision)] += 1
            yield decision, item
        self._finish()

    def _fault(self, text: str) -> None:
        self._faults += 1
        if self._faults <= MOST_TOLD:
            self._tell.error(text)

    def _finish(self) -> None:
        """Says what comes after the last decision."""
        if self._faults > MOST_TOLD:
            complain(f"not told here: {self._faults - MOST_TOLD:,} more problems")
        self._clock.tell()
        if not self.counts.total():
            self._tell.warning(NO_CONTEXT)
        for path, count in self._undeclared.items():
            if count > 1:
                self._tell.warning(f"`{path}` stood in {count} contexts")
        if self._more_undeclared:
            self._tell.warning(f"there are more undeclared fields than the {_MOST_UNDECLARED} that are named above")

    def _note_undeclared(self, item: ContextDocument) -> None:
        for path, meant in self._policy.undeclared(item.context):
            name = shown(path)
            if name not in self._undeclared:
                if len(self._undeclared) == _MOST_UNDECLARED:
                    self._more_undeclared = True
                    continue
                advice = "" if meant is None else f"; did you mean `{meant}`?"
                self._tell.warning(f"{item.place}: `{name}` is not a declared field, and is ignored{advice}")
            self._undeclared[name] += 1


class _Teller:
    """Writes problems to standard error, over the progress bar if there is one."""

    def __init__(self) -> None:
        self._paint = paint_for(sys.stderr)
        self._clear = "\r\x1b[K" if sys.stderr.isatty() else ""

    def error(self, text: str) -> None:
        place, colon, message = text.partition(": ")
        complain(f"{self._clear}{self._paint(place, Role.HEADING)}{colon}{message}")

    def warning(self, text: str) -> None:
        complain(f"{self._clear}{self._paint('warning', Role.WARNING)}: {text}")


@contextmanager
def _progress(sources: tuple[str, ...], *, quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on standard error, where that is a terminal, the input is long, and it disturbs nothing."""
    size = sum(map(_size, sources))
    if quiet or size <= _LONG_INPUT or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=size, file=sys.stderr, update_min_steps=size // 200) as bar:
        yield bar.update


def _size(source: str) -> int:
    try:
        return os.fstat(sys.stdin.fileno()).st_size if source == STANDARD_INPUT else Path(source).stat().st_size
    except (OSError, ValueError):
        return 0
