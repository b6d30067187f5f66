"""The one table of the language's operators and functions: names, signatures and what they are for.

Every backend is keyed by these names, and a test compares the key sets. The meaning of each entry is its reference
implementation in `interpreter`; here stands only what the checker and the documentation need.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from sendable.types import Kind

COMPARISONS: tuple[str, ...] = ("==", "!=", "<", "<=", ">", ">=")
ORDERINGS: tuple[str, ...] = ("<", "<=", ">", ">=")
ARITHMETIC: tuple[str, ...] = ("+", "-", "*", "/")


class Special(Enum):
    """Parameters that are not simply of one kind."""

    PATH = auto()
    """A field of the context, of any type, whether it has data or not."""
    ANY = auto()
    """A value of any type, which may be unknown."""
    SAME = auto()
    """A value of the same type as the parameter before it."""
    MAP = auto()
    """A list of the pack that is a map."""


ParameterKind: TypeAlias = Kind | Special


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function. It is strict, unknown where an argument is, unless a parameter is PATH or ANY."""

    name: str
    parameters: tuple[tuple[str, ParameterKind], ...]
    result: Kind | None
    """The kind of the result; None where it is that of the first argument."""
    summary: str

    @property
    def signature(self) -> str:
        """How the function is written, such as `overlaps(list, list)`."""
        return f"{self.name}({', '.join(name for name, _ in self.parameters)})"


_ADDRESS = ("address", Kind.STRING)
_TEXT = ("text", Kind.STRING)
_PART = ("part", Kind.STRING)
_LIST = ("list", Kind.STRING_LIST)
_TIMESTAMP = ("timestamp", Kind.TIMESTAMP)

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("domain", (_ADDRESS,), Kind.STRING, "the domain of an address, in lower case; empty without an @"),
        Function(
            "local_part",
            (_ADDRESS,),
            Kind.STRING,
            "what stands before the @ of an address, in lower case and without a +tag; empty without an @",
        ),
        Function("valid_address", (_ADDRESS,), Kind.BOOLEAN, "whether an address is well formed; nothing is looked up"),
        Function("lower", (_TEXT,), Kind.STRING, "the text in lower case"),
        Function("starts_with", (_TEXT, _PART), Kind.BOOLEAN, "whether the text begins with the part"),
        Function("ends_with", (_TEXT, _PART), Kind.BOOLEAN, "whether the text ends with the part"),
        Function("contains", (_TEXT, _PART), Kind.BOOLEAN, "whether the part occurs in the text"),
        Function("overlaps", (_LIST, _LIST), Kind.BOOLEAN, "whether the two lists have a value in common"),
        Function("count", (_LIST,), Kind.INTEGER, "how many values the list has"),
        Function(
            "in_domains",
            (("domain", Kind.STRING), _LIST),
            Kind.BOOLEAN,
            "whether the domain, or a domain it belongs to, is in the list",
        ),
        Function(
            "lookup",
            (("key", Kind.STRING), ("lists.map", Special.MAP)),
            Kind.STRING,
            "the value that a map has for the key; unknown when it has none",
        ),
        Function(
            "hours_since", (_TIMESTAMP,), Kind.NUMBER, "the hours from the timestamp to now; negative if it is to come"
        ),
        Function("days_since", (_TIMESTAMP,), Kind.NUMBER, "the days of 24 hours from the timestamp to now"),
        Function("known", (("field", Special.PATH),), Kind.BOOLEAN, "whether the field has data; never unknown itself"),
        Function(
            "default",
            (("value", Special.ANY), ("otherwise", Special.SAME)),
            None,
            "the value, or the other one where the value is unknown",
        ),
    )
}
