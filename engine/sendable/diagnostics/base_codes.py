"""The rules of a pack that stands on another one. Codes and wording are as in `codes`."""

from __future__ import annotations

from sendable.diagnostics.record import Rule, Severity

NO_BASE = Rule(
    "SND560",
    "no-base",
    Severity.ERROR,
    "`{base}` is no policy pack, so there is nothing to extend",
    "name a folder that has a policy.yaml, as seen from this file and with `/`; or `bundled`",
)
BASE_CIRCLE = Rule(
    "SND561",
    "base-circle",
    Severity.ERROR,
    "the pack extends itself: {circle}",
    "let one of them extend nothing",
)
NO_BASE_TO_CHANGE = Rule(
    "SND562",
    "no-base-to-change",
    Severity.ERROR,
    "the pack extends no other one, so there is nothing to change",
    "say under `extends` which; what is the pack's own is changed where it stands",
)
NOTHING_TO_CHANGE = Rule("SND563", "nothing-to-change", Severity.ERROR, "the base has no {what}", "{advice}")
CHANGES_NOTHING = Rule(
    "SND564",
    "changes-nothing",
    Severity.ERROR,
    "this changes nothing: {why}",
    "remove it, or write what was meant",
)
CHANGED_TWICE = Rule(
    "SND565",
    "changed-twice",
    Severity.ERROR,
    "`{name}` is already changed in {other}",
    "write all that is changed of it in one place",
)
FLOOR_CHANGED = Rule(
    "SND566",
    "floor-changed",
    Severity.ERROR,
    "`{reason}` is a floor of the base, and {problem}",
    "it can be given texts, codes, a priority and further channels; whoever needs more adds a floor of their own",
)
FLOOR_READS = Rule(
    "SND567",
    "floor-reads",
    Severity.ERROR,
    "`{name}` can't be changed: `{reason}`, a floor of the base, reads it",
    "declare another one, and read that in a reason of your own",
)
FLOOR_CASES = Rule(
    "SND570",
    "floor-cases",
    Severity.ERROR,
    "`{name}` has cases, and `{reason}`, a floor of the base, reads it",
    "let the floor read a parameter without cases: it is the same for every account",
)
IN_THE_BASE = Rule("SND568", "in-the-base", Severity.ERROR, "the base has the {what} already, in {other}", "{advice}")
