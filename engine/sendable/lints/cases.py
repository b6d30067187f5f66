"""Cases of parameters that are hardly meant: hidden by those before them, of no effect, never true, lapsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sendable.diagnostics import lint_codes
from sendable.diagnostics.record import Collector
from sendable.language.cells import Choices, Effort, TooManyError
from sendable.language.nodes import And, Call, Constant, Not
from sendable.language.scope import ParameterCase, ParameterDeclaration, Scope
from sendable.language.space import Space
from sendable.pack.model import Channel

_CHANNELS: Final = tuple(channel.value for channel in Channel)

_Holding: TypeAlias = tuple[int | None, int | None]
"""Of the cases of a parameter, the number of the first that holds, and of the next one after it."""


@dataclass(frozen=True)
class CaseLints:
    """What is odd about the cases of parameters, as it is at the time `now`."""

    scope: Scope
    collector: Collector
    effort: Effort
    now: datetime

    def run(self) -> None:
        """Reports it for every parameter."""
        for declared in self.scope.parameters.values():
            if declared.cases:
                self._cases(declared)

    def _cases(self, declared: ParameterDeclaration) -> None:
        live: list[ParameterCase] = []
        for case in declared.cases:
            if case.end is not None and case.end <= self.now:
                consequence = f"`params.{declared.name}` no longer has this value"
                self.collector.report(lint_codes.LAPSED, case.places["until"], consequence=consequence, what="the case")
            elif self._is_never_true(case):
                self.collector.report(lint_codes.CASE_NEVER_HOLDS, case.source.span)
            else:
                live.append(case)
        found = self._holding(live)
        for number, case in enumerate(live):
            after = {following for first, following in found if first == number}
            if found and not after:
                also = [one.source.span for one in live[:number] if self._covers(one, case)]
                self.collector.report(lint_codes.HIDDEN_CASE, case.source.span, also=also)
            elif after and all(_value(declared, live, one) == case.value for one in after):
                self.collector.report(lint_codes.IDLE_CASE, case.places["value"], name=declared.name)

    def _is_never_true(self, case: ParameterCase) -> bool:
        try:
            return True not in Space(self.scope, _CHANNELS, (case.when,), effort=self.effort).outcomes(case.when)
        except TooManyError:
            return False

    def _covers(self, earlier: ParameterCase, case: ParameterCase) -> bool:
        """Whether one case by itself holds wherever another does."""
        alone = And((case.condition, Not(Call("default", (earlier.condition, Constant(value=False))))))
        try:
            return True not in Space(self.scope, _CHANNELS, (alone,), effort=self.effort).outcomes(alone)
        except TooManyError:
            return False

    def _holding(self, cases: list[ParameterCase]) -> set[_Holding]:
        """Which cases can hold at all, each with the one that would give the value without it; nothing if not known."""
        space = Space(self.scope, _CHANNELS, tuple(case.condition for case in cases), effort=self.effort)

        def ask(choices: Choices) -> _Holding:
            holding = (number for number, case in enumerate(cases) if space.outcome(case.condition, choices) is True)
            return next(holding, None), next(holding, None)

        try:
            return {answer for answer, _ in space.explored(ask)}
        except TooManyError:
            return set()


def _value(declared: ParameterDeclaration, cases: list[ParameterCase], number: int | None) -> object:
    return declared.value if number is None else cases[number].value
