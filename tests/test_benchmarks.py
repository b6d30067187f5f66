"""The benchmarks that need none of the packages they compare with: what is written by hand answers as the pack does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from sendable.compiler import InterpretedProgram
from sendable.facts import FactReader
from sendable.model import OnUnknown
from tests.benchmarks import hand
from tests.test_decide import contexts
from tests.test_examples import EXAMPLES, bundled, read

REFERENCE = InterpretedProgram(bundled().pack)
READER = FactReader.of(bundled().pack.fields.values())


def said_by_the_reference(context: dict[str, Any]) -> hand.Found:
    outcomes = REFERENCE.outcomes(READER.read(context))
    matched = [outcome.reason.id for outcome in outcomes if outcome.missing is None]
    return matched, [outcome.reason.id for outcome in outcomes if outcome.missing is not None]


def agrees(context: dict[str, Any]) -> None:
    matched, undetermined = said_by_the_reference(context)
    assert hand.every(context) == (matched, undetermined)
    assert hand.first(context) == next(iter([*matched, *undetermined]), None)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_chains_written_by_hand_agree_on_the_examples(path: Path) -> None:
    agrees(read(path))


@given(contexts())
def test_the_chains_written_by_hand_agree_with_the_reference(context: dict[str, Any]) -> None:
    agrees(context)


def test_the_chains_have_every_reason_of_the_pack() -> None:
    written = Path(hand.__file__).read_text(encoding="utf-8")
    for reason in bundled().reasons:
        assert written.count(f'return "{reason.id}"') == len(reason.channels)
        assert written.count(f'undetermined.append("{reason.id}")') == (
            len(reason.channels) if reason.on_unknown is OnUnknown.SUPPRESS else 0
        )
