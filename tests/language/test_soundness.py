"""A pack that the checker accepts never raises anything but ContextError when it decides, whatever the context.

`SOUND_CONTEXTS` in the environment sets about how many contexts are decided.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings

import sendable
from sendable.diagnostics.record import Collector
from sendable.language.checker import check
from sendable.language.nodes import Node
from sendable.language.parser import parse, unparse
from sendable.language.scope import Scope
from sendable.language.types import Field, Kind
from sendable.pack.messages import parse_template
from sendable.pack.model import Channel, Localized
from tests.support.expressions import Program, programs
from tests.support.helpers import embedded, scope
from tests.support.programs import pack_of

CONTEXTS = int(os.environ.get("SOUND_CONTEXTS", "5000"))
PER_PACK = 100 if CONTEXTS < 100_000 else 1_000
SCOPE = scope()

TEXTS = ("", " ", "info", "Info+x@GMIAL.com", "a@b@c", "@", "kim@xn--mnchen-3ya.de", "xn--", "ß", "İ", "😀", "\x00",
         "\ud800", "\u202e", "{contact.email}", "%s", "a" * 5_000, "2026-02-30T00:00:00Z", "null", "true")  # fmt: skip
NUMBERS = (0, 1, -1, 11, 0.5, -0.0, 1e-300, 2**53, -(2**53), 2**53 + 2, 10**5_000, 1e300, math.inf, -math.inf, math.nan)
TIMES = ("2026-11-23T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-23T09:00:00",
         "2026-11-23", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1))  # noqa: DTZ001  # fmt: skip
LISTS: tuple[Any, ...] = ((), [], ["a"], ["info", "INFO"], [""] * 50, ["a", None], [1], [["a"]], "a", {"a": 1})
JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    7,
    "x",
    [],
    {},
    [None],
    {"a": {"b": None}},
    b"x",
    object(),
    {1: 2},
    (),
    {"now": {}},
)


class Unhelpful(dict[str, Any]):
    """A mapping with methods of its own, of which only `get` is to be used."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def value(random: Random, field: Field) -> Any:
    if random.random() < 0.02:
        return random.choice(JUNK)
    sound = random.random() < 0.97
    match field.type.kind:
        case Kind.BOOLEAN:
            return random.random() < 0.5
        case Kind.INTEGER:
            return random.randrange(1, 20) if sound else random.choice(NUMBERS)
        case Kind.NUMBER:
            return random.choice((0.5, 3, 11)) if sound else random.choice(NUMBERS)
        case Kind.TIMESTAMP:
            return TIMES[0] if sound else random.choice(TIMES)
        case Kind.STRING_LIST:
            return random.choice(LISTS[:5]) if sound else random.choice(LISTS)
        case Kind.STRING:
            return random.choice(field.type.enum) if field.type.enum and sound else random.choice(TEXTS)


def context(random: Random, fields: list[Field]) -> Any:
    """A context, partial more often than not, and hostile now and then."""
    if random.random() < 0.01:
        return random.choice(JUNK)
    known = random.random()
    document: dict[str, Any] = Unhelpful() if random.random() < 0.1 else {}
    for field in fields:
        if field.required or random.random() < known:
            *groups, leaf = field.path.split(".")
            inside = document
            for group in groups:
                inside = inside.setdefault(group, {})
            inside[leaf] = value(random, field)
    if random.random() < 0.01:
        document[random.choice(["contact", "email", "own", "no such", "items"])] = random.choice(JUNK)
    return document


def accepted(tree: Node, names: Scope) -> bool:
    """Whether the checker takes the text of the tree, as it would stand in a pack."""
    source, collector = embedded(unparse(tree)), Collector()
    node = parse(source, collector)
    return node is not None and check(node, source, names, collector, key="when", expected=Kind.BOOLEAN)


@given(programs(3, 3))
@settings(max_examples=max(10, CONTEXTS // PER_PACK), suppress_health_check=list(HealthCheck), deadline=None)
def test_what_is_accepted_never_fails(program: Program) -> None:
    trees, seed = program
    random = Random(seed)
    pack = pack_of([tree for tree in trees if accepted(tree, SCOPE)])
    shown = " ".join(f"{{{path}}}" for path in [*pack.fields, *(f"params.{name}" for name in pack.parameters)])
    template = parse_template(embedded(shown + " {details.part}"), Collector())
    assert template is not None
    texts = Localized(dict.fromkeys(pack.locales, (template,)))
    reasons = (
        replace(one, message=texts, fix=texts, undetermined=texts, channels=frozenset(Channel)) for one in pack.reasons
    )
    policy = sendable.Policy(replace(pack, reasons=tuple(reasons)))
    fields = list(pack.fields.values())
    for _ in range(PER_PACK):
        try:
            decision = policy.decide(context(random, fields))
        except sendable.ContextError as error:
            assert error.problems  # noqa: PT017 - most contexts raise nothing
        else:
            assert decision.sendable is (decision.reason is None)
            if random.random() < 0.1:
                decision.to_dict("sv-SE")
                decision.message("en")
