"""Why an email may be sent or not, what would change that, and when it changes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sendable.decide.decision import Certainty, Decision
from sendable.decide.facts import Facts
from sendable.explain.exceptions import ExceptionTrace, exceptions_of
from sendable.explain.missing import Settling, settlings
from sendable.explain.remedies import Remedy, Search, remedies
from sendable.explain.traces import Trace, trace
from sendable.language.interpreter import Interpreter
from sendable.pack.model import Pack


@dataclass(frozen=True)
class Explanation:
    """A decision explained. What takes time is worked out when it is asked for, and once."""

    pack: Pack
    decision: Decision
    facts: Facts
    """The values of the context's declared fields, `now` among them."""

    @cached_property
    def held(self) -> Pack:
        """The pack with its parameters as they are here, case or no case: what conditions are put into words by."""
        if not any(one.cases for one in self.pack.parameters.values()):
            return self.pack
        interpreter = Interpreter(self.pack.parameters, self.pack.lists)
        parameters = dict(self.pack.parameters)
        for name, declared in parameters.items():
            case = interpreter.case_of(name, self.facts)
            parameters[name] = replace(declared, value=declared.value if case is None else case.value, cases=())
        return replace(self.pack, parameters=parameters)

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """Every reason of the pack, in the order of the priorities, with what its condition came to."""
        return tuple(trace(self.pack, reason, self.facts) for reason in self.pack.reasons)

    def trace(self, reason: str) -> Trace:
        """The trace of the reason with this id. Raises KeyError where the pack has none."""
        found = next((one for one in self.pack.reasons if one.id == reason), None)
        if found is None:
            raise KeyError(reason)
        return trace(self.pack, found, self.facts)

    @cached_property
    def exceptions(self) -> tuple[ExceptionTrace, ...]:
        """The exceptions that name a reason that is found, whether they hold or not, in the order of the pack."""
        return tuple(exceptions_of(self.pack, self.decision, self.facts))

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The smallest changes that would make the email sendable, the fewest first; none where it is.

        None either where nobody may change what a floor rests on. `complete` says whether the search came to its end.
        """
        return self._search.remedies

    @property
    def complete(self) -> bool:
        """Whether every smallest remedy was looked for. If not, there may be others than those told."""
        return self._search.complete

    @cached_property
    def _search(self) -> Search:
        return remedies(self.pack, self.facts)

    @cached_property
    def of_primary(self) -> tuple[Remedy, ...]:
        """The smallest changes that would clear the primary reason; each `leaves` what would suppress all the same."""
        primary = self.decision.reason
        return () if primary is None else remedies(self.pack, self.facts, only=primary.id).remedies

    @cached_property
    def still(self) -> tuple[str, ...]:
        """The ids of the reasons that would suppress the email after the primary one is cleared in the best way."""
        others = tuple(finding.id for finding in self.decision.reasons[1:])
        return self.of_primary[0].leaves if self.of_primary else others

    @property
    def clears_at(self) -> datetime | None:
        """When the email becomes sendable by itself; None where it does not."""
        return self.decision.clears_at

    @cached_property
    def settlings(self) -> Mapping[str, tuple[Settling, ...]]:
        """What has to be known, by the id of each finding that is not known to apply."""
        by_id = {reason.id: reason for reason in self.pack.reasons}
        return {
            finding.id: settlings(self.pack, by_id[finding.id], self.facts)
            for finding in (*self.decision.reasons, *self.decision.monitored)
            if finding.certainty is Certainty.UNDETERMINED
        }
