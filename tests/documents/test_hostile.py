"""What hostile files of a pack cost: twice the file takes twice the steps, and no more is told than somebody reads.

`python -m tests.benchmarks.hostile` measures the same files in seconds and mebibytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sendable
from sendable.diagnostics import codes
from sendable.diagnostics.record import MOST_TOLD
from sendable.lints.fixes import Fixed, fixed
from sendable.pack import loader
from sendable.testing.reader import load_suites
from tests.support import hostile
from tests.support.steps import MOST_TIMES, steps

SMALL = 12_000
SIZES = {"equal priorities": 60_000}
"""Where pairs are compared, up to a bound."""


def looked_at(name: str, size: int, root: Path) -> Callable[[], tuple[sendable.Diagnostic, ...]]:
    """What reads the pack, or its tests, with the hostile file of this size in it."""
    hostile.write(root, hostile.SOUND)
    sound = sendable.load(root) if hostile.HOSTILE[name][0] == hostile.TESTS else None
    hostile.write(root, hostile.pack(name, size))
    if sound is not None:
        return lambda: load_suites(root / hostile.TESTS, sound.pack)[1]
    return lambda: sendable.lint(root)


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_twice_the_file_takes_twice_the_steps_and_no_more_is_told_than_somebody_reads(
    name: str, tmp_path: Path
) -> None:
    small = SIZES.get(name, SMALL)
    looked_at(name, SMALL // 4, tmp_path / "first")()  # what is worked out once for a process
    found: list[tuple[sendable.Diagnostic, ...]] = []
    asked = [looked_at(name, size, tmp_path / str(size)) for size in (small, 2 * small)]
    once, twice = (steps(lambda ask=ask: found.append(ask())) for ask in asked)  # type: ignore[misc]
    assert twice <= MOST_TIMES * once
    for told in found:
        assert len(told) <= MOST_TOLD + 1
        assert all(one.code != codes.UNTOLD.code for one in told[:-1])


@pytest.mark.parametrize("name", ["conditions with misspelt values", "many channels"])
def test_twice_as_much_put_right_takes_twice_the_steps(name: str, tmp_path: Path) -> None:
    found: list[Fixed] = []
    counts: list[int] = []
    for size in (SMALL // 4, SMALL // 3, 2 * SMALL // 3):
        hostile.write(tmp_path / str(size), {**hostile.SOUND, **hostile.pack(name, size)})
        counts.append(steps(lambda: found.append(fixed(tmp_path / str(size)))))  # noqa: B023 - it is called at once
    _, once, twice = counts
    assert twice <= MOST_TIMES * once
    assert len(found[2].mended) > 1.8 * len(found[1].mended) > 100


@pytest.mark.parametrize("name", ["the same entry", "excluded codes"])
def test_an_item_that_stands_twice_takes_few_steps(name: str, tmp_path: Path) -> None:
    looked_at(name, SMALL // 4, tmp_path / "first")()
    once, twice = (steps(looked_at(name, size, tmp_path / str(size))) for size in (SMALL, 2 * SMALL))
    assert (twice - once) / (SMALL / len("    - e\n")) < 100


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("\x1b[31mSND520", {"SND113"}),
        ("\u202eSND520", {"SND113"}),
        ("SND520\0", {"SND113"}),
        ("SND520\u2028SND521", {"SND113"}),
        ("::error::x", {"SND525"}),
        ("snd520", {"SND525"}),
        ("ＳＮＤ５２０", {"SND525"}),
        ("S" * 500_000, {"SND525"}),
        ("," * 500_000, set()),
        (" " * 500_000, set()),
        ("SND520 # sendable: allow SND521 " * 10_000, {"SND524"}),
    ],
    ids=lambda given: given[:20] if isinstance(given, str) else None,
)
def test_a_comment_that_allows_may_be_of_any_form(comment: str, told: set[str], tmp_path: Path) -> None:
    text = ("reasons:\n  # sendable: allow " + comment + "\n" + hostile.reason()).replace("@", "1")
    hostile.write(tmp_path, {hostile.MANIFEST: hostile.MANIFEST_TEXT, hostile.REASONS: text})
    found = sendable.lint(tmp_path)
    assert {one.code for one in found} == told
    assert all(len(one.message) < 1_000 and (one.message + one.help).isprintable() for one in found)


def test_more_exceptions_than_a_pack_may_have_are_told_in_words(tmp_path: Path) -> None:
    hostile.write(tmp_path, hostile.pack("exceptions", 150_000))
    [found] = [one for one in sendable.lint(tmp_path) if one.severity is sendable.Severity.ERROR]
    assert found.code == codes.OUT_OF_BOUNDS.code
    assert found.message.endswith("it must be at most 1000 entries")


class Asked(dict[int, int]):
    """A mapping that counts how often it is asked."""

    times = 0

    def __contains__(self, key: object) -> bool:
        self.times += 1
        return super().__contains__(key)


@pytest.mark.parametrize("equal", [True, False])
def test_free_priorities_are_found_in_few_steps(equal: bool) -> None:
    def asked(count: int) -> int:
        taken = Asked({priority: priority + 1 for priority in ([1] if equal else range(1, count))})
        for priority in range(1, count):
            free = loader._next_free(1 if equal else priority, taken)
            taken[free] = free + 1
        assert len(taken) == count - 1 + (1 if equal else count - 1)
        return taken.times

    assert asked(2_000) <= MOST_TIMES * asked(1_000)


def test_a_followed_pack_tells_no_more_either(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hostile.write(tmp_path, hostile.SOUND)
    with sendable.watch(tmp_path, interval=3600) as followed:
        hostile.write(tmp_path, hostile.pack("the same key", 10 * SMALL))
        status = followed.reload()
    assert len(status.diagnostics) == MOST_TOLD + 1
    assert status.diagnostics[-1].message.startswith("not told here: ")
    assert len(caplog.records[-1].getMessage().splitlines()) == MOST_TOLD + 2
