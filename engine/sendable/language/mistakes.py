"""What people write in a condition who know another language, a spreadsheet or only Swedish, and what to write here.

None of it belongs to the grammar: it is looked at where the parser can't go on, and says what was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sendable.diagnostics import codes
from sendable.diagnostics.wording import Near
from sendable.language.functions import OFFERED
from sendable.language.scope import Scope
from sendable.language.types import Kind, Type

Wording: TypeAlias = tuple[str, str]
"""What is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was written in a stretch of a text, and what to write instead."""

    start: int
    end: int
    problem: str
    advice: str


CUT: Final = "a `#` behind a space begins a comment in YAML: put the whole condition in quotes of the other kind"
"""What is said of a condition that ends too early, where a comment follows it."""


# -- signs

_QUOTES: Final = ("curly quotes don't mark a text here", "write straight ones: \"…\" or '…'")
_BRACES: Final = ("braces have no meaning in a condition", "a field is written without them: contact.email")
_COUNTING: Final = "the operators on numbers are + - * /"
_DASH: Final = "write a plain minus sign: `-`"


def _operator(written: str, meant: str) -> Wording:
    return f"`{written}` is not an operator here", f"write `{meant}`"


_SIGNS: Final[dict[str, Wording]] = {
    **{
        written: _operator(written, meant)
        for written, meant in {
            "===": "==",
            "!==": "!=",
            "<>": "!=",
            "=>": ">=",
            "=<": "<=",
            "&&": "and",
            "||": "or",
            "!": "not",
            "&": "and",
            "|": "or",
            "≤": "<=",
            "≥": ">=",
            "≠": "!=",
            "×": "*",
            "÷": "/",
        }.items()
    },
    **{written: (f"`{written}` is not an operator here", _COUNTING) for written in ("**", "//", "^")},
    **dict.fromkeys("“”„‘’‚«»″′", _QUOTES),
    **dict.fromkeys("{}", _BRACES),
    **{dash: (f"`{dash}` is not an operator here", _DASH) for dash in "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"},
    ":=": ("a condition can't assign a value", "write `==` to compare"),
    "=": ("`=` does not compare", "write `==` to compare; a condition can't assign a value"),
    "%": ("`%` is not an operator here", f"a share is written as a number, 0.1 for 10 %; {_COUNTING}"),
    ";": ("a condition is one expression, and `;` begins another", "join the two with `and` or `or`"),
    "#": ("a comment can't stand inside a condition", "put it above the key, on a line of its own"),
    ":": ("`:` has no meaning in a condition", "a field is written with dots: contact.email"),
    "$": ("`$` has no meaning in a condition", "a field is written without it: contact.email"),
    "@": ("`@` has no meaning in a condition", 'an address is a text, and a text stands in quotes: "kim@example.com"'),
    "`": ("backticks don't mark a text here", "write \"…\" or '…'"),
    ".": ("a field can't begin or end with a dot here", "a field is written like contact.email"),
}
_LIKE: Final = "write `starts_with(text, part)`, `ends_with(text, part)` or `contains(text, part)`"
_SIGNS["~"] = ("`~` is not an operator here", f"to look for a pattern {_LIKE}; for the contrary write `not`")
_BY_LENGTH: Final = sorted(_SIGNS, key=len, reverse=True)


def sign_at(text: str, start: int) -> Mistake | None:
    """A sign that means something elsewhere, the longest first."""
    for sign in _BY_LENGTH:
        if text.startswith(sign, start):
            return Mistake(start, start + len(sign), *_SIGNS[sign])
    return None


# -- words

_NOTHING: Final = ("there is no empty value", "write known(field) or not known(field)")
_BRANCHES: Final = ("a condition has no branches", "write it with `and`, `or` and `not`")

NO_NAMES: Final[Mapping[str, Wording]] = {
    **dict.fromkeys(("None", "none", "null"), _NOTHING),
    "is": _operator("is", "=="),
    **{word: _operator(word, word.lower()) for word in ("AND", "OR", "NOT", "IN")},
    **dict.fromkeys(("if", "else"), _BRANCHES),
    "for": ("a condition has no loops", "overlaps(list, list) compares two lists"),
    "lambda": ("a condition can't define a function", ""),
    "await": ("`await` has no meaning in a condition", ""),
    "yield": ("`yield` has no meaning in a condition", ""),
}
"""Words of Python and of other languages that can't be the name of anything."""

_OPERATORS: Final = {
    "and": "and",
    "och": "and",
    "samt": "and",
    "or": "or",
    "eller": "or",
    "not": "not",
    "inte": "not",
    "ej": "not",
    "icke": "not",
    "in": "in",
    "i": "in",
    "is": "==",
    "är": "==",
    "equals": "==",
    "equal": "==",
    "eq": "==",
    "lika": "==",
    "ne": "!=",
    "neq": "!=",
    "gt": ">",
    "över": ">",
    "större": ">",
    "greater": ">",
    "more": ">",
    "fler": ">",
    "mer": ">",
    "lt": "<",
    "under": "<",
    "mindre": "<",
    "less": "<",
    "fewer": "<",
    "färre": "<",
    "ge": ">=",
    "gte": ">=",
    "minst": ">=",
    "le": "<=",
    "lte": "<=",
    "högst": "<=",
}
_BETWEEN: Final = "put the field between the two numbers: `1 <= contact.hard_bounces <= 5`"
_PART: Final = "write `contains(text, part)` for a part of a text, and `item in list` for an item of a list"
_INSTEAD: Final = {
    **dict.fromkeys(("between", "mellan"), _BETWEEN),
    **dict.fromkeys(("like", "ilike", "matches", "liknar"), _LIKE),
    **dict.fromkeys(("contains", "includes", "has", "innehåller", "har"), _PART),
}
_THERE: Final = {"finns": "", "exists": "", "saknas": "not ", "missing": "not "}
_SUBJECT: Final = re.compile(r"(?<![\w.])[A-Za-z_][A-Za-z0-9_.]*\s*\Z")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_EMPTY: Final = re.compile(
    r"(?:is|är)\s+(?P<not>(?:not|inte)\s+)?(?:null|none|nil|blank|missing|okänd|okänt|unknown|(?P<list>empty|tom|tomt|tomma))(?!\w)",
    re.IGNORECASE,
)
_IS_NOT: Final = re.compile(r"(?:is|är)\s+(?:not|inte)(?!\w)", re.IGNORECASE)


def operator_at(text: str, start: int) -> Mistake | None:
    """A word in the place of an operator."""
    found = _WORD.match(text, start)
    if found is None:
        return None
    word = found[0]
    subject = _SUBJECT.search(text, 0, start)
    known = f"known({subject[0].rstrip() if subject is not None else 'field'})"
    if empty := _EMPTY.match(text, start):
        written = " ".join(empty[0].split())
        problem = f"`{written}` is not written like this"
        advice = f"write `{known}`" if empty["not"] else f"write `not {known}`"
        if empty["list"]:
            subject_text = known.removeprefix("known")
            advice += f", or `count{subject_text} {'>' if empty['not'] else '=='} 0` for a list"
        return Mistake(start, empty.end(), problem, advice)
    if is_not := _IS_NOT.match(text, start):
        return Mistake(start, is_not.end(), *_operator(" ".join(is_not[0].split()), "!="))
    meant = word.casefold()
    if meant in _OPERATORS and _OPERATORS[meant] != word:
        return Mistake(start, found.end(), *_operator(word, _OPERATORS[meant]))
    if meant in _THERE:
        advice = f"write `{_THERE[meant]}{known}`"
        return Mistake(start, found.end(), f"`{word}` is not written like this", advice)
    if meant in _INSTEAD:
        return Mistake(start, found.end(), f"`{word}` is not an operator here", _INSTEAD[meant])
    if word in OFFERED:
        advice = f"it is written {OFFERED[word].signature}"
        return Mistake(start, found.end(), f"`{word}` is a function and can't stand between two values", advice)
    return None


_LEADING: Final[dict[str, Wording]] = {
    **{word: _operator(word, "not") for word in ("inte", "ej", "icke")},
    **{
        word: (f"`{word}` has no meaning in a condition", "leave it out: a condition stands alone")
        for word in ("om", "när", "when", "where", "unless")
    },
}


def before_value(word: str) -> Wording | None:
    """What is said of a word that stands before a value as an operator would."""
    return _LEADING.get(word.casefold())


_NO_CALLS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("now", "today", "nu", "idag"), "the time of the decision is written `now`, without parentheses"),
    **dict.fromkeys(
        ("add_days", "adddays", "add_weeks", "add_minutes"),
        "write `add_hours(timestamp, number)`: a day has 24 hours, `add_hours(now, 7 * 24)`",
    ),
    **dict.fromkeys(
        ("weeks_since", "months_since", "years_since", "minutes_since", "seconds_since"),
        "write `days_since(timestamp)` or `hours_since(timestamp)`, and the number in days or hours",
    ),
}
"""What is no function, and that a like one is not to be put in its place."""


def no_call(word: str) -> Wording | None:
    """What is said of a word that is called, where another unit or none is written here."""
    advice = _NO_CALLS.get(word.casefold())
    return None if advice is None else (f"there is no function `{word}`", advice)


TRUTHS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("true", "yes", "on", "sant", "sann", "ja", "på"), "true"),
    **dict.fromkeys(("false", "no", "off", "falskt", "falsk", "nej", "av"), "false"),
}
"""Words for true and false, in lower case, and how these are written."""


# -- names

_QUOTED: Final = "a text stands in quotes"


def meant_name(name: str, other: Type | None, scope: Scope) -> tuple[str | Near | None, str]:
    """What a name that nothing has was probably meant to be beside something of type `other`, and what to say of it."""
    word = name.casefold()
    if "." in name:
        return Near(name, scope.fields), codes.OWN_FIELDS
    for value in (None if other is None else other.enum) or ():
        if value.casefold() == word:
            return f'"{value}"', _QUOTED
    if word in TRUTHS and (other is None or other.kind is Kind.BOOLEAN):
        return TRUTHS[word], "true and false are written like this"
    for group, names in (("lists", scope.lists), ("params", scope.parameters)):
        if name in names:
            return f"{group}.{name}", f"it is written with `{group}.` before it"
    inside = sorted(path for path in scope.fields if path.endswith(f".{word}"))
    if inside:
        only = inside[0] if len(inside) == 1 else None
        return only, "a field is written with the group it stands in" + ("" if only else f": {', '.join(inside)}")
    if other is not None and other.kind in (Kind.STRING, Kind.STRING_LIST):
        return f'"{name}"', _QUOTED
    return Near(name, scope.fields), codes.OWN_FIELDS


def divided_name(left: str, sign: str, right: str, scope: Scope) -> str | None:
    """The field whose name an operator stands in, such as `contact.hard-bounces`; None where one half is a field."""
    joined = left + {"-": "_", "/": "."}.get(sign, sign) + right
    declared = scope.fields
    return joined if joined in declared and left not in declared and right not in declared else None


_FUNCTIONS: Final = {
    **dict.fromkeys(("len", "length", "size", "antal"), "count"),
    **dict.fromkeys(("exists", "isset", "has", "finns"), "known"),
    **dict.fromkeys(("includes", "innehåller", "substring"), "contains"),
    **dict.fromkeys(("lowercase", "tolower", "casefold", "lcase", "gemener"), "lower"),
    **dict.fromkeys(("startswith", "begins_with"), "starts_with"),
    **dict.fromkeys(("endswith",), "ends_with"),
    **dict.fromkeys(("coalesce", "ifnull", "nvl"), "default"),
    **dict.fromkeys(("hour", "hour_of", "timme", "klockslag"), "local_hour"),
    **dict.fromkeys(("weekday", "day_of_week", "dayofweek", "veckodag"), "local_weekday"),
    **dict.fromkeys(("date", "datetime", "moment", "timestamp"), "time"),
}


def meant_function(name: str) -> str | None:
    """The function that is called so elsewhere, or that stands behind what it is asked of: `contact.email.lower`."""
    subject, _, last = name.rpartition(".")
    meant = last if last in OFFERED else _FUNCTIONS.get(last.casefold())
    if meant is None or not subject:
        return meant
    if meant not in OFFERED:
        return None
    further = ", …" if len(OFFERED[meant].parameters) > 1 else ""
    return f"{meant}({subject}{further})"


# -- numbers

_SPACES: Final = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
_NUMBER: Final = re.compile(
    rf"(?P<grouped>[0-9]{{1,3}}(?:{_SPACES}[0-9]{{3}})+(?:[.,][0-9]+)?"
    r"|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|[0-9]{1,3},[0-9]{3}\.[0-9]+)"
    r"|(?P<comma>[0-9]+,[0-9]+)"
)
_BEHIND_NUMBER: Final = r"(?![0-9A-Za-z_])"
_AT_NUMBER: Final = re.compile(rf"(?:{_NUMBER.pattern}){_BEHIND_NUMBER}")


def number_at(text: str, start: int) -> Mistake | None:
    """A number with a decimal comma, or with its digits in groups."""
    found = _AT_NUMBER.match(text, start)
    if found is None:
        return None
    written = found[0]
    if found["comma"] is not None:
        whole, _, decimals = written.partition(",")
        meant = f"`{whole}.{decimals}`, with a point"
        if len(decimals) == 3:
            meant = f"`{whole}{decimals}`, or {meant} before the decimals"
    else:
        digits = re.sub(_SPACES, "", written)
        point = max(digits.rfind("."), digits.rfind(","))
        behind = digits[point + 1 :] if point >= 0 and not re.fullmatch(r"[0-9]+(?:[.,][0-9]{3}){2,}", digits) else ""
        whole = re.sub("[.,]", "", digits[:point] if behind else digits)
        meant = f"`{whole}.{behind}`" if behind else f"`{whole}`"
    return Mistake(start, found.end(), f"`{written}` is not a number", f"write {meant}")


_PAIRS: Final = re.compile(r"\s*[0-9]+,[0-9]+(?:,\s+[0-9]+,[0-9]+)+\s*")


def decimals_in(text: str, start: int, end: int) -> Mistake | None:
    """Numbers of a list whose commas stand in pairs, the first without a space: they are hardly meant to part them."""
    found = _PAIRS.fullmatch(text, start, end)
    first = None if found is None else re.compile("[0-9]+,[0-9]+").search(text, start)
    if first is None:
        return None
    whole, _, decimals = first[0].partition(",")
    advice = f"write `{whole}.{decimals}`, with a point, or a space behind each comma"
    return Mistake(first.start(), first.end(), f"`{first[0]}` is two numbers in a list", advice)
