"""Decide a whole audience at once: a frame of contacts and one campaign in, a frame of decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, Final

from sendable.audience.summary import InvalidValues, Repeated, Review, Summary, Unmatched, summarize
from sendable.decide import reference
from sendable.decide.clearing import changes_unforetold
from sendable.decide.decision import Certainty
from sendable.decide.facts import FactReader, Facts
from sendable.decide.findings import certainties, is_enforced
from sendable.decide.reference import Outcome, Program, compile_pack
from sendable.diagnostics.wording import near_miss
from sendable.language.nodes import Membership, Path, walk
from sendable.language.timestamps import zone_named
from sendable.language.types import CHANNEL, NOW, Field, Kind, Spelling, Type, Value
from sendable.pack.loader import bundled_columns
from sendable.pack.messages import CLEARS_AT, Origin, origin_of, placeholders
from sendable.pack.model import Channel, Pack, Reason

try:
    from sendable.audience.decisions import MESSAGE, OUTPUTS, Timing, Wording, count, decide, review
    from sendable.audience.decisions import invalid_values as found_invalid
    from sendable.audience.decisions import unmatched as found_unmatched
    from sendable.audience.expressions import paths_read
    from sendable.audience.frame import Frame, FrameError, Place, Shape
    from sendable.audience.repeats import ADDRESS, STRICTEST_OF
    from sendable.audience.rows import RowFacts, microseconds, timestamp
except ModuleNotFoundError as error:
    if error.name != "narwhals":
        raise
    raise ModuleNotFoundError(
        "deciding a frame needs an extra: pip install 'sendable[audience]'", name=error.name
    ) from error

__all__ = ["FrameError", "decide_frame", "invalid_values", "review_frame", "summarize_frame"]

_KEY: Final = "contact.id"

_FITTING: Final[Mapping[Kind, tuple[Shape, ...]]] = {
    Kind.BOOLEAN: (Shape.BOOLEAN,),
    Kind.INTEGER: (Shape.INTEGER, Shape.REAL),
    Kind.NUMBER: (Shape.INTEGER, Shape.REAL),
    Kind.STRING: (Shape.TEXT,),
    Kind.TIMESTAMP: (Shape.TIMESTAMP, Shape.TEXT),
    Kind.STRING_LIST: (Shape.TEXTS,),
}
_EXAMPLES: Final = 3
"""How many values are shown of those that are not allowed in a field."""
_COUNTED: Final = (Shape.INTEGER, Shape.REAL)


def decide_frame(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    now: datetime | None = None,
    locale: str | None = None,
    texts: bool = False,
    ignore: Iterable[str] = (),
    time_zone: str | None = None,
    as_strictest: bool = False,
) -> Any:  # noqa: ANN401 - whatever kind of frame came in
    """May the email described by `campaign` go to each contact of `frame`? See `Policy.decide_frame`."""
    outputs = (*OUTPUTS, *([] if locale is None else [MESSAGE]), *([STRICTEST_OF] if as_strictest else []))
    zone = None if time_zone is None else zone_named(time_zone)
    asked = _Asked(pack, frame, campaign, _named(columns, ignore), keys, now, outputs, texts=texts, zone=zone)
    timing = _timing(pack, asked.facts, asked.columns)
    wording = None if locale is None else _wording(pack, asked.facts, asked.columns, locale)
    return asked.frame.like_given(
        decide(
            asked.frame,
            pack,
            asked.facts,
            asked.places,
            asked.keys,
            timing,
            wording,
            texts=texts,
            zone=zone,
            as_strictest=as_strictest,
        )
    )


def summarize_frame(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    now: datetime | None = None,
    texts: bool = False,
    ignore: Iterable[str] = (),
    time_zone: str | None = None,
) -> Summary:
    """What becomes of the contacts of `frame`, counted. See `Policy.summarize_frame`."""
    zone = None if time_zone is None else zone_named(time_zone)
    asked = _Asked(pack, frame, campaign, _named(columns, ignore), keys, now, texts=texts, zone=zone)
    groups = count(asked.frame, pack, asked.facts, asked.places, texts=texts, zone=zone)
    summary = summarize(groups, [reason.id for reason in pack.reasons])
    return Review(asked.unused, asked.ignored).added_to(summary)


def invalid_values(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    texts: bool = False,
    ignore: Iterable[str] = (),
    time_zone: str | None = None,
) -> tuple[InvalidValues, ...]:
    """What is not allowed in the columns of `frame`. See `Policy.invalid_values`."""
    zone = None if time_zone is None else zone_named(time_zone)
    asked = _Asked(pack, frame, campaign, _named(columns, ignore), keys, None, texts=texts, zone=zone)
    found = found_invalid(asked.frame, pack, asked.facts, asked.places, _EXAMPLES, texts=texts, zone=zone)
    values = [InvalidValues(path, number, tuple(examples)) for path, (number, examples) in found.items()]
    return tuple(sorted(values, key=lambda one: (-one.contacts, one.field)))


def unmatched(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    texts: bool = False,
    ignore: Iterable[str] = (),
    time_zone: str | None = None,
) -> tuple[Unmatched, ...]:
    """Which identifiers of the campaign are in nobody's list. See `Policy.unmatched`."""
    zone = None if time_zone is None else zone_named(time_zone)
    asked = _Asked(pack, frame, campaign, _named(columns, ignore), keys, None, texts=texts, zone=zone)
    looked_up = _looked_up(pack, asked.facts.get(CHANNEL))
    pairs = [pair for pair in looked_up if pair[0] in asked.facts and pair[1] in asked.columns]
    if not pairs:
        return ()
    found = found_unmatched(asked.frame, pack, asked.facts, asked.places, pairs, _EXAMPLES, texts=texts, zone=zone)
    return tuple(
        Unmatched(path, str(asked.facts[path]), listed, contacts, tuple(examples))
        for (path, listed), (contacts, examples) in found.items()
    )


def _looked_up(pack: Pack, channel: Value | None) -> list[tuple[str, str]]:
    """The identifiers that are looked up in lists for emails of the channel, each with the path of the lists.

    For emails of any channel, where it differs from row to row.
    """
    reasons = [one for one in pack.reasons if channel is None or channel in one.channels]
    nodes = (node for reason in reasons for node in walk(reason.when.node))
    pairs = {
        (node.item.name, node.container.name): None
        for node in nodes
        if isinstance(node, Membership) and isinstance(node.item, Path) and isinstance(node.container, Path)
    }
    return [pair for pair in pairs if pack.fields[pair[0]].type.spelling is Spelling.IDENTIFIER]


def review_frame(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    texts: bool = False,
    ignore: Iterable[str] = (),
    time_zone: str | None = None,
) -> Review:
    """What `frame` is like, whatever is decided of it. See `Policy.review_frame`."""
    zone = None if time_zone is None else zone_named(time_zone)
    asked = _Asked(pack, frame, campaign, _named(columns, ignore), keys, None, texts=texts, zone=zone)
    read = {path for reason in pack.reasons if reason.floor for path in paths_read(reason.when.node)}
    places = {path: place for path, place in asked.places.items() if path in {ADDRESS, *read}}
    keys = asked.told_apart_by
    address = asked.places.get(ADDRESS)
    if address is not None and keys == (str(address),):
        keys = ()
    found = review(asked.frame, pack, asked.facts, places, keys, texts=texts, zone=zone)
    repeated = Repeated(found.addresses, found.rows, found.disagreeing, found.fields, found.keys, found.key_rows)
    return Review(asked.unused, asked.ignored, repeated)


def _named(columns: Mapping[str, str | None] | None, ignore: Iterable[str]) -> dict[str, str | None]:
    """The paths of the columns that somebody has named, None for those that are to be no field."""
    named, given_up = dict(columns or {}), [ignore] if isinstance(ignore, str) else list(ignore)
    problems = [
        f"`{column}` is to be `{named[column]}`, and to be ignored: only one can be right"
        for column in given_up
        if named.get(column) is not None
    ]
    if problems:
        raise FrameError(problems)
    return {**named, **dict.fromkeys(given_up)}


class _Asked:
    """A frame that fits the pack, and what is the same for all its rows. Raises FrameError and ContextError."""

    def __init__(
        self,
        pack: Pack,
        frame: object,
        campaign: Mapping[str, Any],
        columns: Mapping[str, str | None],
        keys: str | Sequence[str] | None,
        now: datetime | None,
        outputs: Sequence[str] = (),
        *,
        texts: bool,
        zone: tzinfo | None,
    ) -> None:
        """`outputs` are the columns that come out beside the keys; without any, rows need not be told apart."""
        self.frame = Frame(frame)
        named = _named_keys(self.frame, keys)
        found = _Columns(pack, self.frame, columns, named, texts=texts, zone=zone)
        self.places = found.places
        self.unused = tuple(found.unused)
        self.ignored = tuple(found.ignored)
        self.told_apart_by = named or found.default_keys()
        self.keys = named or (found.default_keys() if outputs else ())
        problems = [*found.problems, *_given_twice(campaign, found.places)]
        if outputs and not self.keys:
            problems.append("there is no column to tell the rows by: name one or more as `keys`")
        problems += [
            f"`{key}` is a key, and decisions have a column of that name" for key in self.keys if key in outputs
        ]
        if "contact.email" not in found.places and _at(campaign, "contact.email") is None:
            problems.append("no column is `contact.email`, which every decision needs; name it in `columns`")
        if problems:
            raise FrameError(problems)
        self.facts = FactReader.of(field for path, field in pack.fields.items() if path not in found.places).read(
            campaign, now
        )
        self.columns = {path for path, place in found.places.items() if place.held.shape is not Shape.NOTHING}
        """The paths that differ from row to row."""


def _timing(pack: Pack, facts: Facts, columns: AbstractSet[str]) -> Timing | None:
    """How it is told when rows clear; None where the passing of time changes nothing but by `clears_at`."""
    reasons = tuple(reason for reason in pack.reasons if is_enforced(reason) and changes_unforetold(reason))
    if not reasons:
        return None
    expressions = [one.when for one in reasons] + [one.clears_at for one in reasons if one.clears_at is not None]
    read = {path for one in expressions for path in paths_read(one.node)} | {"now", CHANNEL}
    paths = tuple(sorted(read & columns))
    rows = RowFacts(facts, [pack.fields[path] for path in paths])
    return Timing(frozenset(one.id for one in reasons), paths, _Clears(replace(pack, reasons=reasons), rows))


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
            read = {path for one in text for name in placeholders(one) for path in _behind(reason, name)}
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


def _behind(reason: Reason, name: str) -> Iterable[str]:
    """The paths that what a placeholder names is made of, and the time where it is shown only while it is to come."""
    if reason.clears_at is not None and reason.clears_at.node == Path(name):
        return (name, NOW)
    origin, rest = origin_of(name)
    detail = reason.details.get(rest) if origin is Origin.DETAIL else None
    return (name,) if detail is None else paths_read(detail.node)


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


def _named_keys(frame: Frame, keys: str | Sequence[str] | None) -> tuple[str, ...]:
    named = (keys,) if isinstance(keys, str) else tuple(keys or ())
    problems = [
        f"the key `{key}` is no column{_meant(near_miss(key, frame.columns))}"
        for key in named
        if key not in frame.columns
    ]
    if problems:
        raise FrameError(problems)
    return named


class _Columns:
    """Which column holds which path."""

    def __init__(
        self,
        pack: Pack,
        frame: Frame,
        named: Mapping[str, str | None],
        keys: Sequence[str],
        *,
        texts: bool,
        zone: tzinfo | None,
    ) -> None:
        self._always = (Shape.NOTHING, *((Shape.TEXT,) if texts else ()))
        self._besides: Mapping[Kind, tuple[Shape, ...]] = {
            Kind.BOOLEAN: _COUNTED if texts else (),
            Kind.TIMESTAMP: (*_COUNTED, *((Shape.NAIVE, Shape.DATE) if zone is not None else ())),
        }
        self.places: dict[str, Place] = {}
        self.problems: list[str] = []
        self.unused: list[str] = []
        self.ignored: list[str] = []
        self._numbers_as_key: str | None = None
        self._fields = pack.fields
        self._names = pack.columns or bundled_columns()
        self._named = named
        self._groups = {path[:end] for path in pack.fields for end in range(len(path)) if path[end] == "."}
        # What a column is called by default, and the path it then is.
        self._by_name = {
            **{path.removeprefix("contact."): path for path in pack.fields if path.startswith("contact.")},
            **{path.replace(".", "__"): path for path in pack.fields},
            **{path: path for path in pack.fields},
        }
        inside = {str(place) for name, held in frame.columns.items() for place in _fields_of(Place(name, (), held))}
        for column in named:
            if column not in inside:
                where = "ignore" if named[column] is None else "columns"
                self._refuse(f"`{where}` names `{column}`, which is no column", near_miss(column, inside))
        for column, held in frame.columns.items():
            place = Place(column, (), held)
            if column in named:
                self._place_named(place, named[column])
            elif held.shape is Shape.STRUCT and column.replace("__", ".") in self._groups:
                self._place_fields(place, column.replace("__", "."))
            elif column in self._by_name:
                self._place(place, self._by_name[column])
            elif self._other_name(column) is not None:
                self._place(place, str(self._other_name(column)))
            elif column in keys:
                self._tells(place)
            else:
                self._leave(place, near_miss(column, self._by_name))

    def _other_name(self, name: str) -> str | None:
        path = self._names.path(name)
        return path if path in self._fields else None

    def default_keys(self) -> tuple[str, ...]:
        """The column of the contact's id, else that of the address."""
        if self._numbers_as_key is not None:
            return (self._numbers_as_key,)
        for path in (_KEY, "contact.email"):
            if path in self.places and not self.places[path].inside:
                return (self.places[path].column,)
        return ()

    def _refuse(self, problem: str, meant: str | None) -> None:
        self.problems.append(problem + _meant(meant))

    def _place_named(self, place: Place, path: str | None) -> None:
        if path is None:
            self.ignored.append(str(place))
        elif path in self._fields:
            self._place(place, path)
        elif path in self._groups and place.held.shape is Shape.STRUCT:
            self._place_fields(place, path)
        else:
            self._refuse(f"`{place}` is to be `{path}`, which no schema declares", near_miss(path, self._fields))

    def _place_fields(self, place: Place, group: str) -> None:
        for name, held in place.held.fields.items():
            inner, path = Place(place.column, (*place.inside, name), held), f"{group}.{name}"
            alias = self._other_name(name) if group == "contact" else None
            if str(inner) in self._named:
                self._place_named(inner, self._named[str(inner)])
            elif path in self._fields:
                self._place(inner, path)
            elif path in self._groups and held.shape is Shape.STRUCT:
                self._place_fields(inner, path)
            elif alias is not None:
                self._place(inner, alias)
            else:
                meant = near_miss(path, [one for one in self._fields if one.startswith(f"{group}.")])
                # A group's name is much of a path: what is near has to be near without it.
                near = meant is not None and near_miss(name, [meant.removeprefix(f"{group}.")]) is not None
                self._leave(inner, meant if near else None)

    def _leave(self, place: Place, meant: str | None) -> None:
        """Nothing is decided by this column, nor by what is in it; unless its name says that it matters."""
        if str(place) in self._named:
            self._place_named(place, self._named[str(place)])
        elif meant is not None:
            way = "name the path that it is in `columns`, or None"
            self._refuse(f"`{place}` is no field of a context; {way}", meant)
        elif not self._tells(place):
            inner = [Place(place.column, (*place.inside, name), held) for name, held in place.held.fields.items()]
            for one in inner:
                self._leave(one, None)
            if not inner:
                self.unused.append(str(place))

    def _tells(self, place: Place) -> bool:
        """Whether the name of the column says that it matters, which is reported."""
        told = self._names.tells_of(str(place))
        if told is not None:
            way = "name the path that it is in `columns`, or give it up in `ignore`"
            self.problems.append(f"`{place}` tells of {told} by its name, and nothing is decided by it; {way}")
        return told is not None

    def _place(self, place: Place, path: str) -> None:
        declared: Field = self._fields[path]
        fitting = _FITTING[declared.type.kind]
        if path in self.places:
            way = "; give one of the two up in `ignore`" if path in self._names.fields.values() else ""
            self.problems.append(f"`{place}` and `{self.places[path]}` are both `{path}`{way}")
        elif path == _KEY and not place.inside and place.held.shape is Shape.INTEGER:
            self._numbers_as_key = place.column  # nothing is decided by it: rows may be told apart by numbers
            return
        elif place.held.shape not in (*fitting, *self._always, *self._besides.get(declared.type.kind, ())):
            wanted = " or ".join(shape.value for shape in fitting)
            zoneless = declared.type.kind is Kind.TIMESTAMP and place.held.shape in (Shape.NAIVE, Shape.DATE)
            self.problems.append(
                f"`{place}` has {place.held.shape.value} ({place.held.shown}), and `{path}` needs {wanted}"
                + ("; name the time zone whose clocks show them" if zoneless else "")
            )
        self.places.setdefault(path, place)


def _fields_of(place: Place) -> Iterator[Place]:
    """A column, and all that is in it if it is a struct."""
    yield place
    for name, held in place.held.fields.items():
        yield from _fields_of(Place(place.column, (*place.inside, name), held))


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


def _meant(suggestion: str | None) -> str:
    return f"; did you mean `{suggestion}`?" if suggestion else ""
