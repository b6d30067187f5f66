"""What every language says: one form, of which each language is one value in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sendable.language.types import Kind
from sendable.pack.differences import What
from sendable.pack.model import Actor, Basis, Channel, OnUnknown, Retry


class State(StrEnum):
    """What an email, a contact, a reason or a condition can be found to be; the value is its key in JSON."""

    SENDABLE = "sendable"
    SUPPRESSED = "suppressed"
    UNDETERMINED = "undetermined"
    INVALID = "invalid"
    MONITORED = "monitored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """What surrounds a decision on a terminal."""

    held_back: str
    fix: str
    retry: str
    retries: Mapping[Retry, str]
    fixable_by: str
    clears_at: str
    also: str
    needs: str
    one_context: str
    contexts: str
    counted: str


@dataclass(frozen=True, slots=True)
class ExplanationWords:
    """What surrounds an explanation on a terminal."""

    because: str
    if_it_is_so: str
    would_clear: str
    nothing_would: str
    nothing_found: str
    more_remedies: str
    not_complete: str
    still: str
    nothing: str
    by_itself: str
    no: str
    by_sender: str
    by_time: str
    by_nobody: str
    settled_by: str
    applies: str
    does_not_apply: str
    applies_if: str
    is_unknown: str
    other_channel: str
    reads: str
    uses: str
    looks_up: str
    stands_at: str
    no_data: str
    none: str
    lacking: str


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What is said of a case of a parameter."""

    case: str
    since: str
    until: str
    owner: str
    why: str
    cases: str


@dataclass(frozen=True, slots=True)
class LimitWords:
    """When and for whom a reason is enforced."""

    enforced: str
    share: str
    before: str
    after: str
    outside: str


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """The table and the reference of the reasons."""

    columns: Mapping[str, str]
    reference: str
    to_reasons: str
    reference_intro: str
    contents: str
    search: str
    search_found: str
    search_none: str
    reasons: str
    name: str
    channels_name: str
    basis: str
    bases: Mapping[Basis, str]
    on_unknown: str
    on_unknowns: Mapping[OnUnknown, str]
    message: str
    if_unknown: str
    codes: str
    reason_count: str


@dataclass(frozen=True, slots=True)
class SummaryWords:
    """What stands around the figures of an audience, on a terminal and in part on its page."""

    contacts: str
    suppressed_by: str
    count: str
    share: str
    alone: str
    monitored: str
    newly: str
    lacking: str
    invalid_in: str
    such_as: str
    no_value: str
    one_of: str
    at_least: str
    at_most: str
    of_these: str
    long: str
    long_each: str
    write: str
    how: Mapping[Kind, str]
    unmatched: str
    unused: str
    ignored: str
    repeated: str
    number: str
    rows: str
    addresses: str
    disagreeing: str
    keys: str
    as_strictest: str
    by_row: str
    others: str


@dataclass(frozen=True, slots=True)
class ExceptionWords:
    """What is told of exceptions, wherever they are told of."""

    heading: str
    lifted: str
    holds: str
    not_true: str
    unknown: str
    lacking: str
    to_come: str
    over: str
    counted: str
    note: str
    let_through: str
    listed: str
    listed_from: str


@dataclass(frozen=True, slots=True)
class PageWords:
    """What several pages say."""

    on_this_page: str
    pack: str
    place: str
    channels: Mapping[Channel, str]
    priority: str
    condition: str
    written: str
    floor: str


@dataclass(frozen=True, slots=True)
class ExplanationPageWords:
    """What the page of one decision says around what a pack and a context say."""

    explanation: str
    to_answer: str
    sendable: str
    suppressed: str
    undetermined: str
    nothing_found: str
    email_to: str
    channel: str
    decided: str
    way: str
    way_note: str
    email: str
    not_reached: str
    passed: str
    decides: str
    applies_too: str
    undetermined_decides: str
    undetermined_too: str
    unknown_passes: str
    monitored: str
    monitored_undetermined: str
    why: str
    parts: str
    all_of: str
    any_of: str
    negation: str
    other_channels: str
    clear: str
    one_way: str
    many_ways: str
    together: str
    other_way: str
    example: str
    no_value: str
    no_way: str
    more_ways: str
    still: str
    still_intro: str
    still_nothing: str
    when: str
    from_then: str
    some_day: str
    never: str
    missing: str
    missing_intro: str
    either: str
    value: str
    outcome: str
    applies: str
    applies_not: str


@dataclass(frozen=True, slots=True)
class AudiencePageWords:
    """What the page of an audience says. Numbers come in written as the locale has it."""

    audience_summed_up: str
    to_figures: str
    heading: str
    heading_none: str
    nobody: str
    funnel: str
    funnel_note: str
    funnel_described: str
    audience: str
    step: str
    contacts: str
    share: str
    left: str
    adds_up: str
    reasons: str
    reasons_note: str
    reasons_described: str
    reason: str
    alone: str
    reason_alone: str
    together: str
    any: str
    sum: str
    others: str
    no_reasons: str
    gains: str
    gains_lead: str
    gains_note: str
    gains_none: str
    gain: str
    sendable_then: str
    fixable_by: str
    overlaps: str
    overlaps_note: str
    overlaps_described: str
    overlaps_none: str
    and_reason: str
    more_pairs: str
    from_to: str
    no_overlap: str
    monitored: str
    monitored_note: str
    newly: str
    missing: str
    missing_note: str
    missing_none: str
    invalid_values: str
    invalid_note: str
    invalid_none: str
    fields: str
    more_rows: str
    repeated: str
    repeated_note: str
    repeated_strictest: str
    repeated_none: str
    repeated_what: str
    addresses: str
    disagreeing: str
    disagreeing_in: str
    keys: str
    number: str
    rows: str
    columns: str
    columns_note: str
    columns_ignored: str
    columns_none: str
    samples: str
    samples_note: str
    message: str
    fix: str
    sample: str
    no_sample: str
    percent: str
    below: str
    above: str


@dataclass(frozen=True, slots=True)
class TestingWords:
    """What came of the tests of a pack, on a terminal."""

    subjects: Mapping[str, str]
    """What an outcome is one of, by the value of a `Subject`."""
    passed: str
    failed: str
    case_failed: str
    one_case: str
    cases: str
    left_out: str
    expected: str
    actual: str
    priority: str
    other_channel: str
    condition_is: str
    ignored: str
    never_seen: str
    one_outcome: str
    outcomes: str
    coverage: str
    impossible: str
    condition: str
    as_primary: str
    as_monitored: str
    as_lifting: str
    case_holds: str
    text_in: str
    survived: str
    no_case: str
    this_case: str
    one_change: str
    changes: str
    mutation: str
    equivalent: str
    kind: str
    kinds: Mapping[str, str]
    likewise: str
    failed_case: str
    unseen: str
    unnoticed: str
    would_notice: str
    coverage_below: str
    mutation_below: str
    mismatch: str


@dataclass(frozen=True, slots=True)
class CoveragePageWords:
    """What the page of the coverage says."""

    title: str
    to_report: str
    version: str
    ran: str
    share: str
    noticed: str
    never_seen: str
    lacking: str
    noticing: str
    survivors: str
    outcomes: str
    of: str
    outcome: str
    seen_by: str
    seen: str
    and_more: str
    never: str
    impossible: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """What holds phrases together in one language. Each text has the placeholders that its name lets expect."""

    conjunction: str
    disjunction: str
    quoted: str
    comparisons: Mapping[str, str]
    limits: Mapping[str, str]
    times: Mapping[str, str]
    since: Mapping[str, str]
    """How the time of the decision stands to another."""
    is_case: str
    is_not_case: str
    among: str
    not_among: str
    data: str
    no_data: str
    or_no_data: str
    otherwise: str
    hours_after: str
    calls: Mapping[str, str]
    negated_calls: Mapping[str, str]
    clock: Mapping[str, str]
    """What clocks show: `from` a time on, `before` one, `between` two or `outside` of them, `on` days, on `others`; how
    an `hour` and a `zone` are called, and the `next` time that they show something."""
    weekdays: tuple[str, ...]
    sums: Mapping[str, str]
    minus: str
    same: str
    different: str
    always: str
    never: str
    on: str
    off: str
    field: str
    list: str
    nothing: str
    see_to_it: str
    look_up: str
    look_up_list: str
    supply: str
    passes: str
    change: str
    lower: str
    raise_: str
    remove: str
    add_item: str
    remove_item: str


@dataclass(frozen=True, slots=True)
class UpgradeWords:
    """What a newer pack has otherwise: things that are new, gone or others, by what they are."""

    new: Mapping[What, str]
    gone: Mapping[What, str]
    other: Mapping[What, str]
    more: str
    less: str
    others: str
    nothing: str
    rest: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said in one language. `language` is its BCP 47 tag, `name` what it calls itself."""

    language: str
    name: str
    states: Mapping[State, str]
    """What each state is called wherever people read of it, as it stands within a line."""
    who: Mapping[Actor, str]
    """What each that may act is called, as it stands within a line."""
    decision: DecisionWords
    explanation: ExplanationWords
    cases: CaseWords
    limits: LimitWords
    reasons: ReasonWords
    exceptions: ExceptionWords
    summary: SummaryWords
    page: PageWords
    explanation_page: ExplanationPageWords
    audience_page: AudiencePageWords
    tests: TestingWords
    coverage_page: CoveragePageWords
    upgrade: UpgradeWords
    grammar: Grammar

    def label(self, state: State) -> str:
        """What the state is called at the beginning of a line, and in a cell."""
        return self.states[state].capitalize()

    def actor(self, actor: Actor) -> str:
        """Who acts, at the beginning of a line."""
        return self.who[actor].capitalize()
