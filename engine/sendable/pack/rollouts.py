"""Rollouts: to what share of the values of a field a reason is enforced, before it is for everyone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sendable.language.functions import in_rollout
from sendable.language.nodes import Call, Constant, Node, Path

_SHARE: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,9}))?\s*%")
WHOLE: Final = 100
"""Everything, in percent."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """To the values of the path `by` that a share has in it: in percent, without its point, and with its decimals.

    A larger share has every value in it that a smaller one has, for the same reason. Another reason has others.
    """

    share: int
    decimals: int
    by: str

    def holds(self, reason: str, value: str) -> bool:
        """Whether the reason with this id is rolled out to the value."""
        return in_rollout(reason, value, self.share, self.decimals)

    def condition(self, reason: str) -> Node:
        """What is true where the reason is rolled out to the path's value, and false elsewhere, never unknown."""
        held = Call("in_rollout", (Constant(reason), Path(self.by), Constant(self.share), Constant(self.decimals)))
        return Call("default", (held, Constant(value=False)))

    @property
    def percent(self) -> str:
        """The share as its author wrote it, without the sign: `0.5`."""
        text = str(self.share).rjust(self.decimals + 1, "0")
        return f"{text[: -self.decimals]}.{text[-self.decimals :]}" if self.decimals else text


def read_share(text: str) -> tuple[int, int] | None:
    """A share as it is written, such as `10 %`, without its point, and its decimals; None of what is written otherwise.

    It may be more than everything.
    """
    found = _SHARE.fullmatch(text)
    if found is None:
        return None
    decimals = found[2] or ""
    return int(found[1] + decimals), len(decimals)
