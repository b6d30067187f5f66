"""Decide a whole audience at once: a frame of contacts and one campaign in, a frame of decisions out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sendable.diagnostics import near_miss
from sendable.facts import FactReader
from sendable.model import Pack
from sendable.types import Field, Kind

try:
    from sendable import to_frame
    from sendable.to_frame import OUTPUTS, Frame, Held, Place, Shape
except ModuleNotFoundError as error:
    if error.name != "narwhals":
        raise
    raise ModuleNotFoundError(
        "deciding a frame needs an extra: pip install 'sendable[audience]'", name=error.name
    ) from error

_KEY: Final = "contact.id"

_FITTING: Final[Mapping[Kind, tuple[Shape, ...]]] = {
    Kind.BOOLEAN: (Shape.BOOLEAN,),
    Kind.INTEGER: (Shape.INTEGER, Shape.REAL),
    Kind.NUMBER: (Shape.INTEGER, Shape.REAL),
    Kind.STRING: (Shape.TEXT,),
    Kind.TIMESTAMP: (Shape.TIMESTAMP, Shape.TEXT),
    Kind.STRING_LIST: (Shape.TEXTS,),
}


class FrameError(ValueError):
    """A frame that can't be decided. `problems` has every one of its columns' faults."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def decide_frame(
    pack: Pack,
    frame: object,
    *,
    campaign: Mapping[str, Any],
    columns: Mapping[str, str | None] | None = None,
    keys: str | Sequence[str] | None = None,
    now: datetime | None = None,
) -> Any:  # noqa: ANN401 - whatever kind of frame came in
    """May the email described by `campaign` go to each contact of `frame`? See `Policy.decide_frame`."""
    given = Frame(frame)
    chosen = _keys(given, keys)
    found = _Columns(pack, given, columns or {}, chosen or ())
    problems = [*found.problems, *_given_twice(campaign, found.places)]
    if not chosen:
        chosen = found.default_keys()
        if not chosen:
            problems.append("there is no column to tell the rows by: name one or more as `keys`")
    problems += [f"`{key}` is a key, and decisions have a column of that name" for key in chosen if key in OUTPUTS]
    if "contact.email" not in found.places and _at(campaign, "contact.email") is None:
        problems.append("no column is `contact.email`, which every decision needs; name it in `columns`")
    if problems:
        raise FrameError(problems)
    constant = [field for path, field in pack.fields.items() if path not in found.places]
    facts = FactReader.of(constant).read(campaign, now)
    return given.like_given(to_frame.decide(given, pack, facts, found.places, chosen))


def _keys(frame: Frame, keys: str | Sequence[str] | None) -> tuple[str, ...]:
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

    def __init__(self, pack: Pack, frame: Frame, named: Mapping[str, str | None], keys: Sequence[str]) -> None:
        self.places: dict[str, Place] = {}
        self.problems: list[str] = []
        self._numbers_as_key: str | None = None
        self._fields = pack.fields
        self._groups = {path[:end] for path in pack.fields for end in range(len(path)) if path[end] == "."}
        # What a column is called by default, and the path it then is.
        self._by_name = {
            **{path.removeprefix("contact."): path for path in pack.fields if path.startswith("contact.")},
            **{path.replace(".", "__"): path for path in pack.fields},
            **{path: path for path in pack.fields},
        }
        for column in named:
            if column not in frame.columns:
                self._refuse(f"`columns` names `{column}`, which is no column", near_miss(column, frame.columns))
        for column, held in frame.columns.items():
            if column in named:
                self._place_named(column, held, named[column])
            elif held.shape is Shape.STRUCT and column.replace("__", ".") in self._groups:
                self._place_fields(Place(column, (), held), column.replace("__", "."))
            elif column in self._by_name:
                self._place(Place(column, (), held), self._by_name[column])
            elif column not in keys:
                meant = near_miss(column, self._by_name)
                if meant is not None:
                    self._refuse(
                        f"`{column}` is no field of a context; name the path that it is in `columns`, or None", meant
                    )

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

    def _place_named(self, column: str, held: Held, path: str | None) -> None:
        if path is None:
            return
        if path in self._fields:
            self._place(Place(column, (), held), path)
        elif path in self._groups and held.shape is Shape.STRUCT:
            self._place_fields(Place(column, (), held), path)
        else:
            self._refuse(f"`{column}` is to be `{path}`, which no schema declares", near_miss(path, self._fields))

    def _place_fields(self, place: Place, group: str) -> None:
        for name, held in place.held.fields.items():
            inner, path = Place(place.column, (*place.inside, name), held), f"{group}.{name}"
            if path in self._fields:
                self._place(inner, path)
            elif path in self._groups and held.shape is Shape.STRUCT:
                self._place_fields(inner, path)
            else:
                meant = near_miss(path, [one for one in self._fields if one.startswith(f"{group}.")])
                # A group's name is much of a path: what is near has to be near without it.
                if meant is not None and near_miss(name, [meant.removeprefix(f"{group}.")]) is not None:
                    self._refuse(f"`{inner}` is no field of a context", meant)

    def _place(self, place: Place, path: str) -> None:
        declared: Field = self._fields[path]
        fitting = _FITTING[declared.type.kind]
        if path in self.places:
            self.problems.append(f"`{place}` and `{self.places[path]}` are both `{path}`")
        elif path == _KEY and not place.inside and place.held.shape is Shape.INTEGER:
            self._numbers_as_key = place.column  # nothing is decided by it: rows may be told apart by numbers
            return
        elif place.held.shape not in (*fitting, Shape.NOTHING):
            wanted = " or ".join(shape.value for shape in fitting)
            self.problems.append(
                f"`{place}` has {place.held.shape.value} ({place.held.shown}), and `{path}` needs {wanted}"
            )
        self.places.setdefault(path, place)


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
