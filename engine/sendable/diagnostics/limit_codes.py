"""The rules of what holds for some emails, or for some time: periods, rollouts, cases and exceptions.

Codes and wording are as in `codes`.
"""

from __future__ import annotations

from sendable.diagnostics.record import Rule, Severity

EMPTY_PERIOD = Rule(
    "SND540",
    "empty-period",
    Severity.ERROR,
    "`until` is not after `from`, so that there is no time between them",
    "write a later `until`, or an earlier `from`",
)
FLOOR_LIMITED = Rule(
    "SND548",
    "floor-limited",
    Severity.ERROR,
    "`{reason}` is a floor, and a floor has no `{key}`",
    "remove `{key}`: a floor holds for everybody, and at all times",
)
MONITORED_ANYWAY = Rule(
    "SND549",
    "monitored-anyway",
    Severity.ERROR,
    "`{reason}` is only monitored, so `{key}` does nothing",
    "remove `mode: monitor`, or `{key}`",
)
EXCEPTION_UNKNOWN_REASON = Rule(
    "SND541",
    "exception-unknown-reason",
    Severity.ERROR,
    "there is no reason `{reason}`, so this exception lifts nothing of it",
    "an exception names reasons of the pack by their ids",
)
EXCEPTION_OF_FLOOR = Rule(
    "SND542",
    "exception-of-floor",
    Severity.ERROR,
    "`{reason}` is a floor, and no exception can lift a floor",
    "leave it out here",
)
EXCEPTION_OF_MONITORED = Rule(
    "SND543",
    "exception-of-monitored",
    Severity.ERROR,
    "`{reason}` is only monitored and keeps no email back, so there is nothing to lift",
    "leave it out here, or write `mode: enforce` in the reason",
)
CASE_READS_CONTACT = Rule(
    "SND550",
    "case-reads-contact",
    Severity.ERROR,
    "`{text}` differs from contact to contact, and a case of a parameter holds for whole campaigns",
    "a case can ask of `email`, `account`, `sender` and fields of your own; what is asked of a contact stands in the "
    "condition of the reason",
)
CASE_READS_TIME = Rule(
    "SND551",
    "case-reads-time",
    Severity.ERROR,
    "`{text}` hangs on the time of the decision, and the condition of a case can't",
    "say when it holds by `from` and `until`",
)
CASE_READS_PARAMETER = Rule(
    "SND552",
    "case-reads-parameter",
    Severity.ERROR,
    "`{text}` is a parameter, and the condition of a case can't read one",
    "write the value itself, or a list of the pack",
)
