"""The command line: a command reads its arguments, calls the public API and hands the result to `render`.

Exit codes: 0 it ran and answered; 1 what was checked does not hold; 2 wrong usage, or something that can't be read or
is invalid, or that can't be written; 130 interrupted; 141 whoever read the output has gone; 129 and 143 ended by a
signal.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from sendable.cli.files import remove_drafts
from sendable.diagnostics.wording import near_miss, printed, refused, shortened, shown

FAILED = 2
INTERRUPTED = 130
BROKEN_PIPE = 141

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "dry-run": ("dry_run", "Say of each context whether its email may be sent, and if not, why."),
        "explain": ("explain", "Explain why an email may be sent or not, and what would change that."),
        "audience": ("audience", "Decide a whole audience: who gets the email, who does not, and why."),
        "lint": ("lint", "Find every problem of a policy pack, with its place."),
        "fmt": ("fmt", "Put the files of a policy pack into one layout."),
        "test": ("test", "Run the tests of a policy pack."),
        "reasons": ("reasons", "Show the reasons of a policy pack as a table."),
        "init": ("init", "Make a policy pack of your own to start from."),
        "upgrade": ("upgrade", "Take a newer bundled pack into a pack over a copy of it."),
        "lists": ("lists", "Bring the lists of a policy pack up to date."),
        "schema": ("schema", "Print the JSON Schema of a kind of document."),
        "compile": ("compile", "Show the code that decides."),
    }
)
"""The module of each command in this package, and what its help begins with."""


class _Commands(click.Group):
    """Commands whose modules are imported when they are run: `sendable --help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"the module of `{cmd_name}` has no command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        meant = near_miss(name, COMMANDS)
        if name not in COMMANDS and not name.startswith("-") and meant is not None:
            ctx.fail(f"No such command {name!r}. Did you mean {meant!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_end("interrupted", INTERRUPTED))
        except BrokenPipeError:
            ctx.exit(BROKEN_PIPE)
        except OSError as error:
            ctx.exit(_end(f"error: {_told(error)}", FAILED))
        return result


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""Start with `sendable dry-run CONTEXT.yaml`, or make a pack of your own with `sendable init DIR`.

    \b
    Tab completes commands and options once this is in ~/.bashrc (zsh_source and fish_source for other shells):
      eval "$(_SENDABLE_COMPLETE=bash_source sendable)"
    """,
)
@click.version_option(package_name="sendable", prog_name="sendable", message="%(prog)s %(version)s")
def sendable() -> None:
    """May this email go to this contact, and if not, why, and what would clear it?

    \b
      sendable dry-run contact.yaml            decide one context or many
      sendable lint policies                   check a policy pack you changed
      sendable reasons                         see what the bundled pack looks at
    """  # noqa: D301 - \b keeps click from filling the lines


def main() -> None:
    """Runs the command that the process was called with, and ends the process."""
    for stream in (sys.stdout, sys.stderr):
        # Contacts' names do not fit into ASCII, whatever the locale of the machine is.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    _end_whole()
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                code = code or BROKEN_PIPE
            elif code in (0, 1):
                code = _end(f"error: {_told(error)}", FAILED)
            # Python flushes once more at its end, and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _run() -> int:
    """The exit code of the command, once what is wrong has been said."""
    try:
        code = sendable.main(prog_name="sendable", standalone_mode=False)
    except click.ClickException as error:
        with suppress(OSError):
            _show(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _end("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:
        return _end(f"error: {_told(error)}", FAILED)
    return code if isinstance(code, int) else 0


def _show(error: click.ClickException) -> None:
    """Says what is wrong: click shows names of files and arguments as they are."""
    said = io.StringIO()
    error.show(said)
    click.echo(printed(shortened(said.getvalue())), err=True, nl=False)


def _end(text: str, code: int) -> int:
    """Says why it ends, where that can be said."""
    with suppress(OSError):
        click.echo(printed(text), err=True)
    return code


def _told(error: OSError) -> str:
    """What the system says, such as that a disk is full, and of which file."""
    text = refused(error)
    return text if error.filename is None else f"`{shown(error.filename)}`: {text}"


def _end_whole() -> None:
    """Lets SIGTERM and SIGHUP end the process with nothing of a draft left.

    A thread waits for them: an engine may be at work for minutes before Python runs a handler in the main one.
    """
    if sys.platform == "win32":
        return
    ending = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_DFL]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for one in ending:
        signal.signal(one, _go_on)  # without a handler in Python, nothing is written to the pipe

    def wait() -> None:
        while (received := os.read(reader, 1)[0]) not in ending:
            pass
        remove_drafts()
        os._exit(128 + received)

    threading.Thread(target=wait, name="sendable-signals", daemon=True).start()


def _go_on(_signal: int, _frame: object) -> None:
    """Leaves the signal to the thread that waits for it."""
