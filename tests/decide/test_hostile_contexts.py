"""What hostile contexts cost: twice the context takes twice the steps to read, to decide and to explain."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from sendable.decide.documents import ContextFault, read_contexts
from sendable.decide.facts import ContextError
from sendable.policy import Policy
from tests.support.packs import bundled
from tests.support.steps import MOST_TIMES, steps

SMALL: Final = 4_000


def made(contact: Any = None, **more: Any) -> str:
    given = {"channel": "marketing"}
    held = {"email": "kim@example.com", **(contact or {})}
    return json.dumps({"now": "2026-11-23T09:00:00Z", "email": given, "contact": held, **more})


CONTEXTS: dict[str, Callable[[int], str]] = {
    "keys": lambda n: made(**{f"key{number}": 1 for number in range(n)}),
    "keys that are nearly fields": lambda n: made({f"emial{number}": 1 for number in range(n)}),
    "long keys": lambda n: made(**{"contact" + "x" * 80 + str(number): 1 for number in range(n // 10)}),
    "a list": lambda n: made({"unsubscribed_types": [f"type {number}" for number in range(n)]}),
    "a list of the same": lambda n: made({"unsubscribed_types": ["Ab"] * n}),
    "a list of numbers": lambda n: made({"unsubscribed_types": [*range(n)]}),
    "lists in lists": lambda n: made(x=0).replace('"x": 0', f'"x": {"[" * n}{"]" * n}'),
    "maps in maps": lambda n: made(x=0).replace('"x": 0', '"x": ' + '{"a": ' * n + "1" + "}" * n),
    "a long local part": lambda n: made({"email": "a." * n + "a@example.com"}),
    "a long domain": lambda n: made({"email": "a@" + "b." * n + "se"}),
    "Punycode": lambda n: made({"email": "a@" + "xn--a-eva." * n + "se"}),
    "marks that combine": lambda n: made({"email": "a" + "\u0300\u0323" * n + "@example.com"}),
    "at signs": lambda n: made({"email": "@" * n}),
    "pluses": lambda n: made({"email": "+" * n + "@example.com"}),
    "an id of controls": lambda n: made({"id": "\u202e\x1b[31m" * n}),
    "a long number": lambda n: made(x=0).replace('"kim@example.com"', f'"kim@example.com", "hard_bounces": {"9" * n}'),
    "a long exponent": lambda n: made().replace('"kim@example.com"', f'"kim@example.com", "hard_bounces": 1e{"9" * n}'),
    "an open list": lambda n: made(x=0).replace('"x": 0}', '"x": ' + "[1, " * n),
    "NUL": lambda n: made({"id": "\0" * n}),
}


def refused(policy: Policy, context: Mapping[str, Any]) -> str | None:
    """Why a context can't be decided; None where it can."""
    try:
        policy.decide(context)
    except ContextError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", CONTEXTS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_twice_the_context_takes_twice_the_steps(name: str, form: str, tmp_path: Path) -> None:
    policy = Policy(bundled().pack)  # one of its own: after a hundred contexts another function is written

    def asked(count: int) -> Callable[[], None]:
        file = tmp_path / f"{count}.{form}"
        file.write_text(CONTEXTS[name](count), encoding="utf-8")

        def ask() -> None:
            for one in read_contexts(file):
                if isinstance(one, ContextFault):
                    assert len(one.message) < 1_000
                    continue
                policy.undeclared(one.context)
                said = refused(policy, one.context)
                if said is None:
                    decision = policy.decide(one.context)
                    assert policy.explain(one.context).decision == decision
                    said = decision.message("en")
                assert len(said or "") < 1_000

        return ask

    asked(SMALL // 10)()
    once, twice = steps(asked(SMALL)), steps(asked(2 * SMALL))
    assert twice <= MOST_TIMES * once
