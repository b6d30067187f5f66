"""Terminals: who gets colours, how wide a line may be, and how a command says that it can't go on."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

import click

from sendable.diagnostics.wording import printed, shortened
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Report, Screen, Unanswered
from sendable.render.terminal.paint import Paint, Role, plain

if TYPE_CHECKING:
    from sendable.diagnostics.record import Diagnostic

_STYLES: Final[dict[Role, dict[str, Any]]] = {
    Role.HEADING: {"bold": True},
    Role.GOOD: {"fg": "green", "bold": True},
    Role.BAD: {"fg": "red", "bold": True},
    Role.WARNING: {"fg": "yellow", "bold": True},
    Role.HINT: {"fg": "cyan"},
    Role.FAINT: {"fg": "bright_black"},
}


NO_CONTEXT: Final = "there is no context in what was read"
"""What is said on standard error where nothing was given to decide, which would pass for nothing to say."""


class Failure(click.ClickException):
    """The command can't go on: why, and what to do about it."""

    exit_code = 2

    def __init__(self, message: str, advice: str = "", found: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.advice = advice
        self.found = found
        """The problems that are the cause, and that have been said."""

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - always standard error
        complain(f"error: {self.message}")
        if self.advice:
            complain(f"  {self.advice}")


def say(text: str = "") -> None:
    """Writes a line to standard output, painted or not as it is."""
    click.echo(_cleaned(text, sys.stdout), color=True)


def show(report: Report, form: str) -> None:
    """Writes a report to standard output in the format of this name."""
    for piece in writers(type(report))[form].write(report, Screen(terminal_width(), paint_for(sys.stdout))):
        click.echo(piece, nl=False, color=True)


@contextmanager
def answering(command: str, form: str) -> Iterator[None]:
    """What keeps a command from answering is said in its format, too, where whoever reads that waits for a report."""
    try:
        yield
    except click.ClickException as error:
        if form in writers(Unanswered):
            advice, found = (error.advice, error.found) if isinstance(error, Failure) else ("", ())
            failed = isinstance(error, Failure) and error.exit_code != Failure.exit_code
            show(Unanswered(command, error.message, advice, found, failed), form)
        raise


def complain(text: str) -> None:
    """Writes a line to standard error, painted or not as it is."""
    click.echo(_cleaned(shortened(text), sys.stderr), err=True, color=True)


def _cleaned(text: str, stream: IO[Any]) -> str:
    return printed(text, painted=paint_for(stream) is not plain)


def paint_for(stream: IO[Any]) -> Paint:
    """The way to paint text on `stream`: with colours on a terminal only, unless the environment says otherwise.

    FORCE_COLOR and NO_COLOR count when they are not empty (force-color.org, no-color.org); of both, the first wins, as
    in the former's example.
    """
    if os.environ.get("FORCE_COLOR"):
        return _painted
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return plain
    return _painted


def _painted(text: str, role: Role) -> str:
    return click.style(text, **_STYLES[role])


def terminal_width() -> int:
    """How many columns a line may have: COLUMNS, else the terminal's, else 80."""
    return shutil.get_terminal_size((80, 24)).columns
