"""Texts of conditions that stand for the name of something, and name nothing: no time zone, no time of day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sendable.diagnostics import codes
from sendable.diagnostics.record import Rule
from sendable.diagnostics.wording import Near
from sendable.language import zones
from sendable.language.functions import FUNCTIONS, NAMING, ParameterKind, Special
from sendable.language.nodes import Call, Node, Path, walk
from sendable.language.scope import Scope
from sendable.language.spellings import certain_texts

_CLOCK: Final = re.compile(
    r"(?:kl\.? ?)?([0-9]{1,2})(?:[:.h ]?([0-9]{2}))?(?::[0-9]{2})? ?(?:([ap])\.?m\.?)?", re.IGNORECASE
)


def meant_zone(name: str) -> str | Near:
    """The time zone that was probably meant: that of a city, or what is nearly called so."""
    wanted = re.sub("[ -]", "_", name.strip()).casefold()
    found = sorted(one for one in zones.names() if wanted in (one.casefold(), one.rpartition("/")[2].casefold()))
    return found[-1] if found else Near(name, zones.names())


def meant_clock(text: str) -> str | None:
    """The time of day, `HH:MM`, that was probably meant by `8:00`, `8.00`, `8 pm` or `24:00`."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, half = int(found[1]), (found[3] or "").lower()
    hour = (hour % 12 + (12 if half == "p" else 0)) if half else 0 if hour == 24 else hour
    meant = f"{hour:02}:{found[2] or '00'}"
    return None if zones.clock_of(meant) is None else meant


SAMPLES: Final[Mapping[ParameterKind, tuple[str, ...]]] = {
    Special.ZONE: ("UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia"),
    Special.CLOCK: ("08:00", "20:00"),
}
"""Names of each kind that there are, in zones apart from each other and at times of day likewise."""


def named_by(nodes: Iterable[Node]) -> dict[str, ParameterKind]:
    """The paths that say the name of something in expressions, each with the kind of that."""
    found: dict[str, ParameterKind] = {}
    for node in nodes:
        if isinstance(node, Call):
            for (_, kind), argument in zip(FUNCTIONS[node.function].parameters, node.arguments, strict=True):
                if kind in SAMPLES:
                    found |= {one.name: kind for one in walk(argument) if isinstance(one, Path)}
    return found


def nameless(node: Node, kind: Special, scope: Scope) -> Iterator[tuple[Node, Rule, str, str | Near | None]]:
    """The certain texts of `node` that name nothing: what says each, what is wrong, the text, and what was meant."""
    if isinstance(node, Call) and node.function == "default":
        for one in node.arguments:
            yield from nameless(one, kind, scope)
    for said, text in certain_texts(node, scope) or ():
        if NAMING[kind](text) is not None:
            continue
        if kind is Special.ZONE:
            yield said, codes.NOT_A_ZONE, text, meant_zone(text)
        else:
            yield said, codes.NOT_A_CLOCK, text, meant_clock(text)
