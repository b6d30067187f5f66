"""How two texts differ, line by line, in time that grows as they do and no faster."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

_MOST_COMPARED: Final = 4_096
"""How many pairs of lines are compared between two lines that stay; where there are more, all of them are told."""


def unified(before: Sequence[str], after: Sequence[str], old: str, new: str) -> Iterator[str]:
    """What changes between the lines, as `diff -u` tells it; nothing where they are the same."""
    if before == after:
        return
    yield f"--- {old}"
    yield f"+++ {new}"
    for group in _Blocks(before, after).get_grouped_opcodes():
        (_, start, _, into, _), (_, _, end, _, ended) = group[0], group[-1]
        yield f"@@ -{_lines(start, end)} +{_lines(into, ended)} @@"
        for tag, i, k, j, m in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[i:k])
            else:
                yield from (f"-{line}" for line in before[i:k])
                yield from (f"+{line}" for line in after[j:m])


def _lines(start: int, end: int) -> str:
    """Lines as a hunk names them: the first, counted from 1, and how many; of none, the one before them."""
    count = end - start
    return f"{start + (count > 0)}" + ("" if count == 1 else f",{count}")


class _Blocks(difflib.SequenceMatcher[str]):
    """The lines that stay. Those that stand once on either side, in the same order, hold the others in their places."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        super().__init__()
        self._blocks = [difflib.Match(0, 0, 0)]
        for i, j in _pairs(before, after):
            last = self._blocks[-1]
            if (i, j) == (last.a + last.size, last.b + last.size):
                self._blocks[-1] = last._replace(size=last.size + 1)
            else:
                self._blocks.append(difflib.Match(i, j, 1))
        self._blocks.append(difflib.Match(len(before), len(after), 0))

    def get_matching_blocks(self) -> list[difflib.Match]:
        return self._blocks


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The indices of each line that stays, on both sides, in their order."""
    ends = (len(before), len(after))
    for (i, j), (k, m) in pairwise([(-1, -1), *_held(before, after), ends]):
        if i >= 0:
            yield i, j
        yield from _between(before, after, (i + 1, k), (j + 1, m))


def _between(
    before: Sequence[str], after: Sequence[str], left: tuple[int, int], right: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """The same of what stands between two lines that stay: the beginning, the end, and a little in the middle."""
    (i, k), (j, m) = left, right
    while i < k and j < m and before[i] == after[j]:
        yield i, j
        i, j = i + 1, j + 1
    alike = 0
    while alike < min(k - i, m - j) and before[k - 1 - alike] == after[m - 1 - alike]:
        alike += 1
    k, m = k - alike, m - alike
    if (k - i) * (m - j) <= _MOST_COMPARED:
        middle = difflib.SequenceMatcher(None, before[i:k], after[j:m], autojunk=False)
        for block in middle.get_matching_blocks():
            yield from ((i + block.a + step, j + block.b + step) for step in range(block.size))
    yield from ((k + step, m + step) for step in range(alike))


def _held(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The most lines that stand once on either side and in the same order on both (a patience diff)."""
    once, among = Counter(before), Counter(after)
    places = {line: j for j, line in enumerate(after) if among[line] == 1}
    chains: list[tuple[int, int]] = []  # by its length, the last pair of the chain of that length that ends first
    linked: dict[tuple[int, int], tuple[int, int] | None] = {}
    for i, line in enumerate(before):
        if once[line] == 1 and line in places:
            pair = (i, places[line])
            length = bisect_left(chains, pair[1], key=itemgetter(1))
            linked[pair] = chains[length - 1] if length else None
            chains[length : length + 1] = [pair]
    found: list[tuple[int, int]] = []
    last = chains[-1] if chains else None
    while last is not None:
        found.append(last)
        last = linked[last]
    return found[::-1]
