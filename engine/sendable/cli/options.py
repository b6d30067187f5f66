"""Options that several commands have, and the pack they work on."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sendable.cli.console import Failure, complain, paint_for
from sendable.diagnostics.record import PolicyError
from sendable.diagnostics.wording import shown
from sendable.language.timestamps import parse_timestamp, zone_named
from sendable.pack import locales
from sendable.pack.resources import MANIFEST
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    import sendable


def _locale(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is None or locales.is_nobodys(value):
        return None
    tag = locales.of_reader(value)
    if tag is None:
        raise click.BadParameter(f"`{shown(value)}` is not a language tag; write one such as sv, en-GB or sv_SE.UTF-8.")
    return tag


def _timestamp(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_timestamp(value)
    except ValueError as error:
        raise click.BadParameter(f"`{shown(value)}`: {error}.") from error


policy_option = click.option(
    "--policy",
    "policy_directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The policy pack, a directory with a policy.yaml.  [default: the bundled pack]",
)

locale_option = click.option(
    "--locale",
    metavar="TAG",
    callback=_locale,
    help="The language of messages, such as sv, en-GB or sv_SE.UTF-8.  [default: the pack's]",
)


def _time_zone(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        zone_named(value)
    except ValueError as error:
        raise click.BadParameter(f"{shown(str(error))}.") from error
    return value


clock_option = click.option(
    "--time-zone",
    metavar="ZONE",
    callback=_time_zone,
    help="Whose clocks show the dates and times without an offset, such as Europe/Stockholm.  [default: nobody's]",
)

now_option = click.option(
    "--now",
    metavar="TIMESTAMP",
    callback=_timestamp,
    help="The time of the decision, whatever a context says.  [default: the context's, else the current one]",
)


def format_option(report: type[Report]) -> Callable[[Any], Any]:
    """The option that names the format of a command that reports so."""
    offered = writers(report)
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(list(offered)),
        default="text",
        show_default=True,
        help="; ".join(f"{name}{one.help}" for name, one in offered.items()) + ".",
    )


def require_pack(directory: Path) -> None:
    """Fails when `directory` is no pack at all."""
    if not os.path.isdir(directory):  # noqa: PTH112 - it raises nothing where a folder above may not be looked into
        raise Failure(
            f"there is no directory `{shown(directory)}`",
            "Name the directory of a policy pack, or make one with `sendable init DIR`.",
        )
    if not os.path.lexists(directory / MANIFEST):  # what is there and can't be read, the loader reports
        raise Failure(
            f"`{shown(directory)}` is no policy pack: there is no {MANIFEST} in it",
            "Name the directory that has the policy.yaml, or make a pack with `sendable init DIR`.",
        )


def load_policy(directory: Path | None) -> sendable.Policy:
    """The policy of the pack; says what is wrong with it, and fails, when it can't be used."""
    import sendable  # noqa: PLC0415 - not needed to say what options there are
    from sendable.render.terminal import diagnostics as rendered  # noqa: PLC0415

    if directory is not None:
        require_pack(directory)
    try:
        return sendable.load(directory)
    except PolicyError as error:
        for text in rendered.as_text(error.diagnostics, paint_for(sys.stderr)):
            complain(text)
        name = "the bundled pack" if directory is None else f"the pack `{shown(directory)}`"
        advice = "Correct what is named above; `sendable lint` checks it."
        raise Failure(f"{name} can't be used", advice, error.diagnostics) from error
