"""Which column of a frame holds which path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from sendable.audience.expressions import paths_read
from sendable.audience.frame import MOST_COLUMNS, Frame, FrameError, Place, Shape
from sendable.audience.question import Option, Problem, Question, TypeName, problem
from sendable.diagnostics.wording import near_miss
from sendable.language.types import Field, Kind
from sendable.pack.loader import bundled_columns
from sendable.pack.model import Pack

_KEY: Final = "contact.id"

_FITTING: Final[Mapping[Kind, tuple[Shape, ...]]] = {
    Kind.BOOLEAN: (Shape.BOOLEAN,),
    Kind.INTEGER: (Shape.INTEGER, Shape.REAL),
    Kind.NUMBER: (Shape.INTEGER, Shape.REAL),
    Kind.STRING: (Shape.TEXT,),
    Kind.TIMESTAMP: (Shape.TIMESTAMP, Shape.TEXT),
    Kind.STRING_LIST: (Shape.TEXTS,),
}
_COUNTED: Final = (Shape.INTEGER, Shape.REAL)


def _named_paths(columns: Mapping[str, str | None] | None, ignore: Iterable[str]) -> dict[str, str | None]:
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


class Columns:
    """Which column holds which path."""

    def __init__(self, pack: Pack, frame: Frame, question: Question) -> None:
        """Raises FrameError where what the question names can't be meant; `problems` are those of the columns."""
        named = _named_paths(question.columns, question.ignore)
        self.keys = _named_keys(frame, question.keys)
        """Those that were named."""
        self._always = (Shape.NOTHING, *((Shape.TEXT,) if question.texts else ()))
        self._besides: Mapping[Kind, tuple[Shape, ...]] = {
            Kind.BOOLEAN: _COUNTED if question.texts else (),
            Kind.TIMESTAMP: (*_COUNTED, *(() if question.time_zone is None else (Shape.NAIVE, Shape.DATE))),
        }
        self.places: dict[str, Place] = {}
        self.problems: list[Problem] = []
        self.unused: list[str] = []
        self.ignored: list[str] = []
        self._numbers_as_key: str | None = None
        self._fields = pack.fields
        conditions = [one.when.node for whole in pack.reasons for one in whole.apart]
        conditions += [one.condition for one in pack.exceptions]
        self._read = {path for one in conditions for path in paths_read(one, pack.parameters)}
        self._names = pack.columns or bundled_columns()
        self._named = named
        self._groups = {path[:end] for path in pack.fields for end in range(len(path)) if path[end] == "."}
        # What a column is called by default, and the path it then is.
        self._by_name = {
            **{path.removeprefix("contact."): path for path in pack.fields if path.startswith("contact.")},
            **{path.replace(".", "__"): path for path in pack.fields},
            **{path: path for path in pack.fields},
        }
        names = frozenset(self._by_name)
        inside = {str(place) for name, held in frame.columns.items() for place in _fields_of(Place(name, (), held))}
        for column in named:
            if column not in inside:
                where = Option.IGNORE if named[column] is None else Option.COLUMNS
                self._refuse(near_miss(column, inside), where, f" names `{column}`, which is no column")
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
            elif column in self.keys:
                self._tells(place)
            else:
                self._leave(place, _near_name(column, names))

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

    def _refuse(self, meant: str | None, *pieces: str | Option | TypeName) -> None:
        self.problems.append(problem(*pieces, _meant(meant)))

    def _place_named(self, place: Place, path: str | None) -> None:
        if path is None:
            self.ignored.append(str(place))
        elif path in self._fields:
            self._place(place, path)
        elif path in self._groups and place.held.shape is Shape.STRUCT:
            self._place_fields(place, path)
        else:
            self._refuse(near_miss(path, self._fields), f"`{place}` is to be `{path}`, which no schema declares")

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
            what = f"`{place}` is no field of a context; name the path that it is "
            self._refuse(meant, what, Option.IN_COLUMNS, ", or ", Option.NO_FIELD)
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
            what = f"`{place}` tells of {told} by its name, and nothing is decided by it; name the path that it is "
            self._refuse(None, what, Option.IN_COLUMNS, ", or give it up ", Option.IN_IGNORE)
        return told is not None

    def _place(self, place: Place, path: str) -> None:
        declared: Field = self._fields[path]
        fitting = _FITTING[declared.type.kind]
        if path in self.places:
            what = f"`{place}` and `{self.places[path]}` are both `{path}`"
            has_names = path in self._names.fields.values()
            self._refuse(None, what, *(("; give one of the two up ", Option.IN_IGNORE) if has_names else ()))
        elif path == _KEY and path not in self._read and not place.inside and place.held.shape is Shape.INTEGER:
            self._numbers_as_key = place.column  # nothing is decided by it: rows may be told apart by numbers
            return
        elif place.held.shape not in (*fitting, *self._always, *self._besides.get(declared.type.kind, ())):
            wanted = " or ".join(shape.value for shape in fitting)
            zoneless = declared.type.kind is Kind.TIMESTAMP and place.held.shape in (Shape.NAIVE, Shape.DATE)
            has, needs = f"`{place}` has {place.held.told}", f", and `{path}` needs {wanted}"
            way = ("; name the time zone whose clocks show them ", Option.AS_TIME_ZONE)
            self._refuse(None, has, TypeName(place.held.shown), needs, *(way if zoneless else ()))
        self.places.setdefault(path, place)


@lru_cache(maxsize=2 * MOST_COLUMNS)
def _near_name(column: str, names: frozenset[str]) -> str | None:
    """The name that a column was probably meant to have. The same columns are asked about once for each figure."""
    return near_miss(column, names)


def _fields_of(place: Place) -> Iterator[Place]:
    """A column, and all that is in it if it is a struct."""
    yield place
    for name, held in place.held.fields.items():
        yield from _fields_of(Place(place.column, (*place.inside, name), held))


def _meant(suggestion: str | None) -> str:
    return f"; did you mean `{suggestion}`?" if suggestion else ""
