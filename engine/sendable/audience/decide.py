"""Decide a whole audience at once: a frame of contacts and one campaign in, a frame of decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sendable.audience.question import Option, Problem, Question, problem
from sendable.audience.summary import InvalidValues, Repeated, Review, Summary, Unmatched, summarize
from sendable.decide import reference
from sendable.decide.clearing import changes_unforetold, depends_on_time
from sendable.decide.decision import Certainty
from sendable.decide.facts import FactReader, Facts
from sendable.decide.findings import certainties, is_enforced
from sendable.decide.reference import Outcome, Program, compile_pack
from sendable.language.nodes import Membership, Parameter, Path, walk
from sendable.language.types import CHANNEL, NOW, Field, Kind, Spelling, Type, Value
from sendable.language.zones import zone_named
from sendable.pack.messages import CLEARS_AT, Origin, origin_of, placeholders
from sendable.pack.model import Channel, Pack, PolicyException, Reason

try:
    from sendable.audience.columns import Columns
    from sendable.audience.decisions import MESSAGE, OUTPUTS, Timing, Wording, count, decide, review
    from sendable.audience.decisions import invalid_values as found_invalid
    from sendable.audience.decisions import unmatched as found_unmatched
    from sendable.audience.expressions import paths_read
    from sendable.audience.frame import Frame, FrameError, Place, Shape
    from sendable.audience.repeats import ADDRESS, STRICTEST_OF
    from sendable.audience.rows import RowFacts, microseconds, timestamp
    from sendable.audience.sources import Audience
except ModuleNotFoundError as error:
    if error.name != "narwhals":
        raise
    raise ModuleNotFoundError(
        "deciding a frame needs an extra: pip install 'sendable[audience]'", name=error.name
    ) from error

__all__ = [
    "FrameError",
    "Question",
    "decide_frame",
    "invalid_values",
    "review_frame",
    "summarize_frame",
    "unmatched",
]

_EXAMPLES: Final = 3
"""How many values are shown of those that are not allowed in a field."""


def decide_frame(pack: Pack, question: Question, *, locale: str | None, as_strictest: bool) -> Any:  # noqa: ANN401 - whatever kind of frame came in
    """May the email go to each contact of the frame? See `Policy.decide_frame`."""
    outputs = (*OUTPUTS, *([] if locale is None else [MESSAGE]), *([STRICTEST_OF] if as_strictest else []))
    asked = _Asked(pack, question, outputs)
    audience = asked.audience
    timing = _timing(pack, audience.facts, asked.columns)
    wording = None if locale is None else _wording(pack, audience.facts, asked.columns, locale)
    return audience.frame.like_given(decide(audience, asked.keys, timing, wording, as_strictest=as_strictest))


def summarize_frame(pack: Pack, question: Question) -> Summary:
    """What becomes of the contacts of the frame, counted. See `Policy.summarize_frame`."""
    asked = _Asked(pack, question)
    summary = summarize(count(asked.audience), [reason.id for reason in pack.reasons], pack.exceptions)
    return Review(asked.unused, asked.ignored).added_to(summary)


def invalid_values(pack: Pack, question: Question) -> tuple[InvalidValues, ...]:
    """What is not allowed in the columns of the frame. See `Policy.invalid_values`."""
    asked = _Asked(pack, question)
    found = found_invalid(asked.audience, _EXAMPLES)
    values = [InvalidValues(path, number, tuple(examples)) for path, (number, examples) in found.items()]
    return tuple(sorted(values, key=lambda one: (-one.contacts, one.field)))


def unmatched(pack: Pack, question: Question) -> tuple[Unmatched, ...]:
    """Which identifiers of the campaign are in nobody's list. See `Policy.unmatched`."""
    asked = _Asked(pack, question)
    facts = asked.audience.facts
    pairs = [pair for pair in _looked_up(pack, facts.get(CHANNEL)) if pair[0] in facts and pair[1] in asked.columns]
    if not pairs:
        return ()
    found = found_unmatched(asked.audience, pairs, _EXAMPLES)
    return tuple(
        Unmatched(path, str(facts[path]), listed, contacts, tuple(examples))
        for (path, listed), (contacts, examples) in found.items()
    )


def _looked_up(pack: Pack, channel: Value | None) -> list[tuple[str, str]]:
    """The identifiers that are looked up in lists for emails of the channel, each with the path of the lists.

    For emails of any channel, where it differs from row to row.
    """
    reasons = [one for one in pack.reasons if channel is None or channel in one.channels]
    conditions = [*(one.when.node for one in reasons), *(one.when.node for one in pack.exceptions)]
    nodes = (node for condition in conditions for node in walk(condition))
    pairs = {
        (node.item.name, node.container.name): None
        for node in nodes
        if isinstance(node, Membership) and isinstance(node.item, Path) and isinstance(node.container, Path)
    }
    return [pair for pair in pairs if pack.fields[pair[0]].type.spelling is Spelling.IDENTIFIER]


def review_frame(pack: Pack, question: Question) -> Review:
    """What the frame is like, whatever is decided of it. See `Policy.review_frame`."""
    asked = _Asked(pack, question)
    read = {path for reason in pack.reasons if reason.floor for path in paths_read(reason.when.node, pack.parameters)}
    places = asked.audience.places
    keys = asked.told_apart_by
    address = places.get(ADDRESS)
    if address is not None and keys == (str(address),):
        keys = ()
    looked_at = {path: place for path, place in places.items() if path in {ADDRESS, *read}}
    found = review(replace(asked.audience, places=looked_at), keys)
    repeated = Repeated(found.addresses, found.rows, found.disagreeing, found.fields, found.keys, found.key_rows)
    return Review(asked.unused, asked.ignored, repeated)


class _Asked:
    """A question that fits the pack. Raises FrameError and ContextError."""

    def __init__(self, pack: Pack, question: Question, outputs: Sequence[str] = ()) -> None:
        """`outputs` are the columns that come out beside the keys; without any, rows need not be told apart."""
        zone = None if question.time_zone is None else zone_named(question.time_zone)
        campaign, frame = question.campaign, Frame(question.frame)
        found = Columns(pack, frame, question)
        self.unused = tuple(found.unused)
        self.ignored = tuple(found.ignored)
        self.told_apart_by = found.keys or found.default_keys()
        self.keys = found.keys or (found.default_keys() if outputs else ())
        problems: list[str | Problem] = [*found.problems, *_given_twice(campaign, found.places)]
        if outputs and not self.keys:
            problems.append(problem("there is no column to tell the rows by: name one or more ", Option.AS_KEYS))
        problems += [
            f"`{key}` is a key, and decisions have a column of that name" for key in self.keys if key in outputs
        ]
        if "contact.email" not in found.places and _at(campaign, "contact.email") is None:
            what = "no column is `contact.email`, which every decision needs; name it "
            problems.append(problem(what, Option.IN_COLUMNS))
        if problems:
            raise FrameError(problems)
        reader = FactReader.of(field for path, field in pack.fields.items() if path not in found.places)
        facts = reader.read(campaign, question.now)
        self.audience = Audience(frame, pack, facts, found.places, question.texts, zone)
        self.columns = {path for path, place in found.places.items() if place.held.shape is not Shape.NOTHING}
        """The paths that differ from row to row."""


def _timing(pack: Pack, facts: Facts, columns: AbstractSet[str]) -> Timing | None:
    """How it is told when rows clear; None where the passing of time changes nothing but by `clears_at`."""
    now = None if NOW in columns else facts.get(NOW)
    exceptions = tuple(one for one in pack.exceptions if not isinstance(now, datetime) or now < one.until)
    liftable = frozenset(name for one in exceptions for name in one.reasons)
    enforced = [one for reason in pack.reasons for one in reason.apart if is_enforced(one)]
    reasons = tuple(one for one in enforced if one.id in liftable or changes_unforetold(one, pack.parameters))
    if not reasons:
        return None
    to_begin = frozenset(name for one in exceptions if _may_begin(pack, one, now) for name in one.reasons)
    unforetold = frozenset(one.id for one in reasons if one.id in to_begin or changes_unforetold(one, pack.parameters))
    nodes = [one.when.node for one in reasons] + [one.clears_at.node for one in reasons if one.clears_at is not None]
    nodes += [one.condition for one in exceptions]
    read = {path for one in nodes for path in paths_read(one, pack.parameters)} | {NOW, CHANNEL}
    paths = tuple(sorted(read & columns))
    rows = RowFacts(facts, [pack.fields[path] for path in paths])
    return Timing(unforetold, paths, _Clears(replace(pack, reasons=reasons, exceptions=exceptions), rows))


def _may_begin(pack: Pack, exception: PolicyException, now: Value | None) -> bool:
    """Whether the exception may come to hold after `now`, None where that differs from row to row."""
    start = exception.period.start
    ahead = start is not None and (not isinstance(now, datetime) or now < start)
    return ahead or depends_on_time(exception.when.node, pack.parameters)


class _PerRow:
    """Something of a row that its facts and a program tell. Picklable: the program is made where it is needed."""

    def __init__(self, pack: Pack, rows: RowFacts) -> None:
        self._pack = pack
        self._rows = rows
        self._made: Program | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_made": None}

    @property
    def _program(self) -> Program:
        if self._made is None:
            self._made = compile_pack(self._pack)
        return self._made


class _Clears(_PerRow):
    """When a row clears, of a pack of nothing but reasons that time changes otherwise than by their `clears_at`."""

    def __call__(self, others: int | None, *values: Any) -> int | None:  # noqa: ANN401 - of any type of the language
        """As microseconds since 1970, no sooner than `others`, when all other reasons have passed; None for never."""
        facts = self._rows(values)
        clearing = self._program.clearing(Channel(str(facts[CHANNEL])))
        decision = reference.decide(self._pack, self._program, facts)
        moment = clearing.earliest(decision, facts, None if others is None else timestamp(others))
        return None if moment is None else microseconds(moment)


def _wording(pack: Pack, facts: Facts, columns: AbstractSet[str], locale: str) -> Wording:
    """The messages of all findings that rows can have, in `locale`."""
    served = pack.locale_for(locale)
    constant = _Message(pack, RowFacts(facts, []), locale)
    texts: dict[tuple[str, str], str] = {}
    varying: dict[str, set[str]] = {}
    for reason in pack.reasons:
        if not is_enforced(reason):
            continue
        for certainty in certainties(reason):
            localized = reason.message if certainty is Certainty.MATCHED else reason.undetermined
            text = () if localized is None else localized.texts[served]
            read = {path for one in text for name in placeholders(one) for path in _behind(pack, reason, name)}
            read &= columns | {CLEARS_AT}
            if read:
                varying.setdefault(reason.id, set()).update(read)
            else:
                texts[reason.id, certainty.value] = constant(reason.id, certainty.value)
    paths = sorted(set().union(*varying.values()))
    fields = {**pack.fields, CLEARS_AT: Field(CLEARS_AT, Type(Kind.TIMESTAMP))}
    rows = RowFacts(facts, [fields[path] for path in paths])
    return Wording(
        {key: text for key, text in texts.items() if key[0] not in varying},
        {reason: frozenset(read) for reason, read in varying.items()},
        _Message(pack, rows, locale),
    )


def _behind(pack: Pack, reason: Reason, name: str) -> Iterable[str]:
    """The paths that what a placeholder names is made of, and the time where it is shown only while it is to come."""
    if reason.clears_at is not None and reason.clears_at.node == Path(name):
        return (name, NOW)
    origin, rest = origin_of(name)
    if origin is Origin.PARAMETER:
        return paths_read(Parameter(rest), pack.parameters)
    detail = reason.details.get(rest) if origin is Origin.DETAIL else None
    return (name,) if detail is None else paths_read(detail.node, pack.parameters)


class _Message(_PerRow):
    """The message of a row's primary reason."""

    def __init__(self, pack: Pack, rows: RowFacts, locale: str) -> None:
        super().__init__(pack, rows)
        self._locale = locale

    def __call__(self, reason: str, certainty: str, *values: Any) -> str:  # noqa: ANN401 - of any type of the language
        """The message."""
        found = next(one for one in self._pack.reasons if one.id == reason)
        missing = None if certainty == Certainty.MATCHED else frozenset[str]()
        outcome = Outcome(found, missing)
        finding = reference.finding_of(self._pack, self._program, self._rows(values), outcome)
        return finding.message(self._locale)


def _given_twice(campaign: Mapping[str, Any], places: Mapping[str, Place]) -> list[str]:
    return [
        f"`{path}` is in the campaign, and `{place}` is it too: only one can be right"
        for path, place in places.items()
        if path != "now" and _at(campaign, path) is not None
    ]


def _at(campaign: Mapping[str, Any], path: str) -> object:
    value: object = campaign
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
