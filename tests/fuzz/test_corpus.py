"""What fuzzing found is tried again: every input of the corpus on its target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_of_the_corpus_break_nothing(name: str) -> None:
    for path in (CORPUS / name).iterdir():
        TARGETS[name](path.read_bytes())
