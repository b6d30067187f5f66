"""Options that several commands have, and the pack they work on."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sendable.cli.console import Failure, complain, paint_for
from sendable.diagnostics.record import PolicyError
from sendable.diagnostics.wording import shown
from sendable.language.timestamps import parse_timestamp
from sendable.language.zones import zone_named
from sendable.pack import locales
from sendable.pack.resources import BUNDLED, MANIFEST, is_pack, nearly_manifest, pack_named
from sendable.render.reports.choice import writers
from sendable.render.reports.format import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    import sendable
    from sendable.pack.model import Pack


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


def _pack(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Path | None:
    if value == BUNDLED:
        return None
    if value is None:
        return nearest_pack(Path.cwd())
    return pack_named(value) or Path(value)


policy_option = click.option(
    "--policy",
    "policy_directory",
    metavar="DIR",
    type=click.Path(),
    callback=_pack,
    help="The policy pack, a directory with a policy.yaml, `bundled` or `extended`.  [default: the nearest one, from "
    "the current directory upwards, else the bundled pack]",
)
"""The pack that a command is about; None stands for the bundled one."""


def is_named(ctx: click.Context) -> bool:
    """Whether the command was told with --policy which pack it is about."""
    return ctx.get_parameter_source("policy_directory") is not ParameterSource.DEFAULT


def nearest_pack(start: Path) -> Path | None:
    """The innermost pack that `start` is, or is in, written from the current directory; None where there is none."""
    whole = start.resolve()
    for folder in (whole, *whole.parents):
        if is_pack(folder):
            return Path(os.path.relpath(folder))
    return None


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


lint_now_option = click.option(
    "--now",
    metavar="TIMESTAMP",
    callback=_timestamp,
    help="When what lapses has lapsed.  [default: the current time]",
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
        nearly = nearly_manifest(directory)
        raise Failure(
            f"`{shown(directory)}` is no policy pack: there is no {MANIFEST} in it",
            "Name the directory that has the policy.yaml, or make a pack with `sendable init DIR`."
            if nearly is None
            else f"If `{shown(nearly)}` is its manifest, call it {MANIFEST}.",
        )


def load_policy(directory: Path | None) -> sendable.Policy:
    """The policy of the pack; says what is wrong with it, and fails, when it can't be used."""
    import sendable  # noqa: PLC0415 - not needed to say what options there are
    from sendable.render.terminal import diagnostics as rendered  # noqa: PLC0415

    if directory is not None:
        require_pack(directory)
    try:
        policy = sendable.load(directory)
    except PolicyError as error:
        for text in rendered.as_text(error.diagnostics, paint_for(sys.stderr)):
            complain(text)
        advice = "Correct what is named above; `sendable lint` checks it."
        raise Failure(f"{pack_in_words(directory)} can't be used", advice, error.diagnostics) from error
    tell_pack(directory, policy.pack)
    return policy


def pack_in_words(directory: Path | None) -> str:
    """The pack that a message is about."""
    return "the bundled pack" if directory is None else f"the pack `{shown(directory)}`"


def tell_pack(directory: Path | None, pack: Pack | None) -> None:
    """Says on standard error which pack answers; `pack` is None where its files are looked at and not what they say.

    Whoever needs standard error for faults alone sets SENDABLE_QUIET.
    """
    if os.environ.get("SENDABLE_QUIET"):
        return
    place = "comes with sendable" if directory is None else f"in {shown(directory.resolve())}"
    if pack is None:
        complain(f"pack: {BUNDLED if directory is None else shown(directory.resolve().name)} ({place})")
    else:
        complain(f"pack: {shown(pack.name)}, version {pack.version} ({place})")
