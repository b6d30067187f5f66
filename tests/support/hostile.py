"""What somebody could write into a file of a pack to keep whoever reads it busy: a table of files, of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Final, TypeAlias

REASONS: Final = "reasons/reasons.yaml"
MANIFEST: Final = "policy.yaml"
LISTS: Final = "lists/lists.yaml"
TESTS: Final = "tests/tests.yaml"
OWN: Final = "own.yaml"
COLUMNS: Final = "intake/columns.yaml"
MANIFEST_TEXT: Final = "name: base\nlocales: [en, sv]\ndefault_locale: en\n"

File: TypeAlias = tuple[str, Callable[[int], str]]
"""The name of a file in a pack, and its text for about so many bytes."""


def repeated(piece: str, before: str = "", behind: str = "") -> Callable[[int], str]:
    """The same piece over and over."""
    return lambda size: before + piece * ((size - len(before) - len(behind)) // len(piece.encode())) + behind


def numbered(piece: str, before: str = "", behind: str = "") -> Callable[[int], str]:
    """A piece over and over, with its number wherever it has an `@`."""

    def made(size: int) -> str:
        return before + "".join(_within(piece, size - len(before) - len(behind))) + behind

    return made


def _within(piece: str, size: int) -> Iterator[str]:
    number = 1
    while (size := size - len((made := piece.replace("@", str(number))).encode())) >= 0:
        yield made
        number += 1


def reason(**given: str) -> str:
    """A reason, for `numbered`, with other texts in the place of some of its values; empty leaves a key out."""
    values = {
        "title": "{en: T, sv: T}",
        "priority": "@",
        "channels": "[marketing]",
        "basis": "legal",
        "when": "contact.marked_as_spam",
        "on_unknown": "suppress",
        "retry": "never",
        "fixable_by": "contact",
        "message": "{en: One text., sv: En text.}",
        "fix": "{en: None of it., sv: Inget av det.}",
        **given,
    }
    return "  r@:\n" + "".join(f"    {key}: {value}\n" for key, value in values.items() if value)


_REASONS: Final = "reasons:\n"
_LIST: Final = "lists:\n  l:\n    description: L.\n    entries:\n"
_TELLING: Final = "telling: {opt_outs: [a], bounces: [b], complaints: [c], consent: [d], suppression: [e]}\n"
_ONE: Final = (_REASONS + reason()).replace("@", "1")
_OWNED: Final = '    until: "2027-01-31T00:00:00+01:00"\n    owner: o\n    why: w\n'
_CASES: Final = "description: Many.\nnow: 2026-11-23T09:00:00Z\ncases:\n"
_CASE: Final = (
    "  - {name: n@, patch: {email.channel: marketing, contact.email: a@b.example}, expect: {sendable: true}}\n"
)
_LONG_CONDITION: Final = " and ".join(["contact.hard_bounces < 1234567890123"] * 100)[:4000].rpartition(" and ")[0]
_WIDE_CONDITION: Final = " and ".join(f"contact.hard_bounces < {number}" for number in range(1000, 1124))

HOSTILE: Final[dict[str, File]] = {
    # of the reader
    "blank lines before directives": (REASONS, lambda size: "\n" * (size * 9 // 10) + "%X\n" * (size // 30)),
    "directives": (REASONS, repeated("%X\n")),
    "comments before a directive": (REASONS, repeated("#\n", "", "%X\n")),
    "anchors in a row": (REASONS, repeated("&a ")),
    "anchors and tags in a row": (REASONS, repeated("&a !t ")),
    "anchors and tags on lines of their own": (REASONS, repeated("&a\n  !t\n  ", "- ")),
    "anchors and comments": (REASONS, repeated("  # x\n", "- &a\n")),
    "anchors": (REASONS, repeated("- &a x\n")),
    "tags": (REASONS, repeated("- !t x\n")),
    "long tags": (REASONS, repeated("t", "- !")),
    "aliases": (REASONS, repeated("- *a\n")),
    "merge keys": (REASONS, repeated("- <<: x\n")),
    "keys that are numbers": (REASONS, repeated("1: x\n")),
    "keys that are lists": (REASONS, repeated("? [a]\n: x\n")),
    "keys that are maps in braces": (REASONS, repeated("{a: 1}: 1, ", "{", "}")),
    "a key that is a long list": (REASONS, repeated("a, ", "? [", "]\n: 1\n")),
    "nested keys": (REASONS, repeated("? ")),
    "lists in lists": (REASONS, repeated("- ")),
    "brackets": (REASONS, repeated("[")),
    "braces": (REASONS, repeated("{")),
    "brackets that are closed": (REASONS, repeated("[],", "[", "]")),
    "brackets in keys": (REASONS, repeated("[]: [], ", "{", "}")),
    "lists nested as deep as may be": (REASONS, repeated("[" * 40 + "]" * 40 + ",", "[", "]")),
    "a long key": (REASONS, repeated("k", "", ": 1\n")),
    "a long key in quotes": (REASONS, repeated("k", '{"', '": 1}\n')),
    "keys as long as may be": (REASONS, numbered("@" + "k" * 900 + ": 1\n")),
    "the same key": (REASONS, repeated("a: 1\n")),
    "colons": (REASONS, repeated(":")),
    "colons in flow": (REASONS, repeated(":,", "{", "}")),
    "question marks in flow": (REASONS, repeated("?,", "{", "}")),
    "texts cut by commas": (REASONS, numbered("a@, ", "{a: x, ", "}")),
    "numbers cut by commas": (REASONS, numbered("a@: 1,5, ", "{", "}")),
    "blanks behind what a comma cuts": (
        REASONS,
        lambda size: "{a: x, b" + " " * (size // 2) + ", c" * (size // 6) + "}",
    ),
    "languages a level off": (
        REASONS,
        lambda size: (
            _ONE + "".join(f"    {a}{b}{c}: x\n" for a, b, c in islice(product(ascii_lowercase, repeat=3), size // 11))
        ),
    ),
    "dashes in a text": (REASONS, repeated("\n  - x", "a: x")),
    "no-break spaces": (REASONS, numbered("\u00a0a@: x\n")),
    "keys a level off": (REASONS, numbered("  a@: x\n b: x\n")),
    "characters that can't be seen": (REASONS, repeated("\u200b", "a: x")),
    "joiners": (REASONS, repeated("\u200d", "a: x")),
    "an odd blank far away": (REASONS, repeated(" ", "a: b\nc: d e\n -", "x\n f: g: h\n")),
    "texts with comments behind them": (
        MANIFEST,
        numbered("  p@: {description: x # y\n  }\n", MANIFEST_TEXT + "parameters:\n"),
    ),
    "placeholders of other languages": (
        REASONS,
        repeated(
            "${contact.email} {{contact.email}} ",
            _REASONS + reason(fix="").replace("@", "1") + '    fix:\n      en: "',
            '"\n',
        ),
    ),
    "commas": (REASONS, repeated(",", "[", "]")),
    "tabs": (REASONS, repeated("\t")),
    "tabs behind keys": (REASONS, numbered("k@:\t\tx\t\t\n")),
    "carriage returns": (REASONS, repeated("a: 1\r\n\r\n\r\n\n\r")),
    "breaks of all kinds": (REASONS, repeated("\r\n\n\r\r\n")),
    "comments": (REASONS, repeated("# x\n")),
    "a comment": (REASONS, repeated("#")),
    "comments that allow": (REASONS, numbered("# sendable: allow SND520\n", _ONE)),
    "a comment that allows much": (
        REASONS,
        repeated("SND520, ", _ONE + "# sendable: allow "),
    ),
    "reasons that allow": (REASONS, numbered(reason().replace("\n", "  # sendable: allow SND611\n", 1), _REASONS)),
    "control characters": (REASONS, repeated("\x01")),
    "document ends": (REASONS, repeated("...\n")),
    "documents": (REASONS, repeated("---\n")),
    "escapes that are none": (REASONS, repeated("\\q", 'a: "', '"')),
    "escapes": (REASONS, repeated("\\x41", 'a: "', '"')),
    "surrogates": (REASONS, repeated("\\ud800", 'a: "', '"')),
    "an open quote": (REASONS, repeated("a\n", 'a: "')),
    "an open apostrophe": (REASONS, repeated("''", "a: '")),
    "a long number": (REASONS, repeated("1", "a: ")),
    "large numbers": (REASONS, repeated("- 1e999\n")),
    "indented ever deeper": (
        REASONS,
        lambda size: "".join(" " * depth + "a:\n" for depth in range(int((2 * size) ** 0.5) - 2)),
    ),
    "long plain text": (REASONS, repeated("word\n  ", "a: ")),
    "long folded text": (MANIFEST, repeated("  word\n", MANIFEST_TEXT + "description: >\n")),
    "long literal text": (MANIFEST, repeated("  word\n", MANIFEST_TEXT + "description: |\n")),
    "blank folded text": (MANIFEST, repeated("\n", MANIFEST_TEXT + "description: >+\n")),
    # of the schema
    "reasons without anything": (REASONS, numbered("  r@: {a: 1}\n", _REASONS)),
    "reasons of the wrong form": (REASONS, numbered("  r@: 1\n", _REASONS)),
    "reasons with bad names": (REASONS, numbered("  R@: {a: 1}\n", _REASONS)),
    "near misses of keys": (REASONS, numbered("  r@: {titel: 1, priorty: 1, chanels: 1, mesage: 1}\n", _REASONS)),
    "unknown keys": (REASONS, numbered("  k@: 1\n", "reasons:\n r:\n")),
    "unknown keys at the top": (REASONS, numbered("k@: 1\n")),
    "channels that are none": (REASONS, numbered(reason(channels="[" + "marketin, " * 100 + "]"), _REASONS)),
    "many channels": (
        REASONS,
        repeated("marketing, ", _REASONS + reason(channels="").replace("@", "1") + "    channels: [", "]\n"),
    ),
    "entries": (LISTS, numbered("    - e@\n", _LIST)),
    "the same entry": (LISTS, repeated("    - e\n", _LIST)),
    "the same entry in other cases": (LISTS, repeated("    - Ab\n    - aB\n", _LIST)),
    "entries of several kinds": (LISTS, numbered("    - e@\n    - @\n    - {a: @}\n    - [@]\n", _LIST)),
    "entries that are numbers": (LISTS, numbered("    - @\n", _LIST)),
    "entries that are empty": (LISTS, repeated("    - ''\n", _LIST)),
    "entries of combining marks": (LISTS, numbered("    - a@" + "\u0300\u0323" * 400 + "\n", _LIST)),
    "entries in Punycode": (LISTS, numbered("    - xn--a@-eva.example\n", _LIST)),
    "entries of an address book": (LISTS, numbered("      A@: a\n", _LIST)),
    "lists": (LISTS, numbered("  l@: {description: L., entries: [a]}\n", "lists:\n")),
    "parameters": (MANIFEST, numbered("  p@: {type: integer, value: 1}\n", MANIFEST_TEXT + "parameters:\n")),
    "parameters of no kind": (MANIFEST, numbered("  p@: {type: integr, value: x}\n", MANIFEST_TEXT + "parameters:\n")),
    "locales": (MANIFEST, numbered("  - en-x-a@\n", "name: base\ndefault_locale: en\nlocales:\n")),
    "locales that are none": (MANIFEST, numbered("  - xx-@\n", "name: base\ndefault_locale: en\nlocales:\n")),
    "texts of no locale": (MANIFEST, numbered("  sv-x-a@: {yes: a}\n", MANIFEST_TEXT + "texts:\n")),
    "patterns": (MANIFEST, numbered("  - reasons/n@/*.yaml\n", MANIFEST_TEXT + "reasons:\n")),
    "patterns for all depths": (MANIFEST, repeated("**/*/", MANIFEST_TEXT + "reasons: ['", "*.yaml']\n")),
    "stars": (MANIFEST, repeated("*a", MANIFEST_TEXT + "reasons: ['reasons/", "']\n")),
    "codes that are none": (MANIFEST, numbered("    SND@: warning\n", MANIFEST_TEXT + "lint:\n  severity:\n")),
    "excluded codes": (MANIFEST, repeated("SND520, ", MANIFEST_TEXT + "lint:\n  exclude: [", "]\n")),
    "fields": (OWN, numbered("  f@: {type: string}\n", "type: object\nproperties:\n")),
    "fields inside fields": (
        OWN,
        numbered("  f@: {type: object, properties: {a: {type: string}}}\n", "type: object\nproperties:\n"),
    ),
    "fields of no type": (OWN, numbered("  f@: {type: strin, enm: [a]}\n", "type: object\nproperties:\n")),
    "phrases": (
        OWN,
        numbered("      en-x-a@: {nam: a}\n", "type: object\nproperties:\n  f:\n    type: string\n    phrases:\n"),
    ),
    "values of a field": (OWN, numbered("v@, ", "type: object\nproperties:\n  f: {type: string, enum: [", "]}\n")),
    "names of columns": (COLUMNS, numbered("  contact.emial@: [a b@]\n", _TELLING + "fields:\n")),
    # of the pack
    "reasons": (REASONS, numbered(reason(), _REASONS)),
    "equal priorities": (REASONS, numbered(reason(priority="1"), _REASONS)),
    "priorities that two have": (
        REASONS,
        lambda size: _REASONS + "".join(reason(priority=str(n // 2)).replace("@", str(n)) for n in range(size // 320)),
    ),
    "shared codes": (REASONS, numbered(reason(codes="{hubspot: SAME}"), _REASONS)),
    "locales of no manifest": (
        REASONS,
        numbered("      en-x-a@: T\n", _REASONS + reason(title="").replace("@", "1") + "    title:\n"),
    ),
    "conditions of 4 KiB": (REASONS, numbered(reason(when=_LONG_CONDITION), _REASONS)),
    "conditions of many parts": (REASONS, numbered(reason(when=_WIDE_CONDITION), _REASONS)),
    "conditions that are too long": (
        REASONS,
        numbered(reason(when="contact.marked_as_spam or " * 200 + "true"), _REASONS),
    ),
    "one huge condition": (
        REASONS,
        repeated("contact.marked_as_spam or ", _REASONS + reason(when="").replace("@", "1") + "    when: ", "true\n"),
    ),
    "a huge folded condition": (
        REASONS,
        repeated(
            "      contact.marked_as_spam or\n",
            _REASONS + reason(when="").replace("@", "1") + "    when: >\n",
            "      true\n",
        ),
    ),
    "conditions that end behind long words": (
        REASONS,
        numbered(reason(when=f"'contact.id == \"{'a' * 3900}\" and '"), _REASONS),
    ),
    "conditions with long words before what is no operator": (
        REASONS,
        numbered(reason(when=f"'contact.id == \"{'a' * 3900}\" and contact.id is null'"), _REASONS),
    ),
    "conditions with unknown fields": (
        REASONS,
        numbered(reason(when=" or ".join(f"contact.emial_{n}" for n in range(150))), _REASONS),
    ),
    "conditions with unknown functions": (REASONS, numbered(reason(when="vaild_adress(contact.email)"), _REASONS)),
    "conditions with misspelt values": (
        REASONS,
        numbered(reason(when=" or ".join(["account.tier == 'Free'"] * 120)), _REASONS),
    ),
    "conditions with items that stand twice": (
        REASONS,
        numbered(reason(when=" or ".join(["contact.id in ['a', 'b', 'a']"] * 40)), _REASONS),
    ),
    "messages with open braces": (REASONS, numbered(reason(message="{en: '" + "{" * 80 + "', sv: '{'}"), _REASONS)),
    "one message of braces": (
        REASONS,
        repeated(
            "{ ", _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: '", "'\n"
        ),
    ),
    "one message of placeholders": (
        REASONS,
        repeated(
            "{contact.email}",
            _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: '",
            "'\n",
        ),
    ),
    "one placeholder that is not closed": (
        REASONS,
        repeated(
            "a.", _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: '{", "a'\n"
        ),
    ),
    "placeholders that are undeclared": (
        REASONS,
        numbered(
            "{contact.emial@}",
            _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: '",
            "'\n",
        ),
    ),
    "the same undeclared placeholder": (
        REASONS,
        repeated(
            "{contact.emial}",
            _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: '",
            "'\n",
        ),
    ),
    "a folded message of placeholders": (
        REASONS,
        repeated(
            "        {contact.emial}\n",
            _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en: >\n",
        ),
    ),
    "alternatives": (
        REASONS,
        numbered(
            "        - a@\n", _REASONS + reason(message="").replace("@", "1") + "    message:\n      sv: a\n      en:\n"
        ),
    ),
    "plural forms": (
        REASONS,
        numbered(
            "        f@: a\n",
            _REASONS
            + reason(message="").replace("@", "1")
            + "    message:\n      sv: a\n      en:\n        count: contact.hard_bounces\n        other: a\n",
        ),
    ),
    "details": (
        REASONS,
        numbered("      d@: contact.emial\n", _ONE + "    details:\n"),
    ),
    "details that are used": (
        REASONS,
        numbered(
            "      d@: contact.hard_bounces\n",
            _REASONS + reason(message="{en: '{details.d1}', sv: '{details.d}'}").replace("@", "1") + "    details:\n",
        ),
    ),
    # of what holds for some accounts, or for a while
    "exceptions": (
        MANIFEST,
        numbered(f"  x@:\n    reasons: [r1]\n    when: account.id == 'a@'\n{_OWNED}", MANIFEST_TEXT + "exceptions:\n"),
    ),
    "exceptions of nothing": (MANIFEST, numbered("  x@: {reasons: [q@], wen: a}\n", MANIFEST_TEXT + "exceptions:\n")),
    "cases of a parameter": (
        MANIFEST,
        numbered(
            f"      - when: account.id == 'a@'\n        value: @\n{_OWNED.replace('    ', '        ')}",
            MANIFEST_TEXT + "parameters:\n  p:\n    type: integer\n    value: 1\n    description: P.\n    cases:\n",
        ),
    ),
    "changes of what is none": (
        MANIFEST,
        numbered("    r@: {mode: monitor, titel: x}\n", MANIFEST_TEXT + "extends: bundled\nchanges:\n  reasons:\n"),
    ),
    "rollouts": (
        REASONS,
        numbered(reason(rollout="{share: 10 %, by: account.id}"), _REASONS),
    ),
    # of the tests
    "cases": (TESTS, numbered(_CASE, _CASES)),
    "the same case": (TESTS, repeated(_CASE.replace("@", "a"), _CASES)),
    "cases of nothing": (TESTS, numbered("  - {name: n@}\n", _CASES)),
    "cases with near misses": (TESTS, numbered("  - {nme: n@, pach: {email.chanel: x}, expct: {reson: y}}\n", _CASES)),
    "cases with unknown reasons": (TESTS, numbered(_CASE.replace("sendable: true", "reason: r@"), _CASES)),
    "cases of a long fixture": (
        TESTS,
        lambda size: (
            _CASES.replace("cases:", "fixtures:\n  f:\n    email.channel: marketing\n    contact.unsubscribed_types: [")
            + ", ".join(f"t{number}" for number in range(size // 20))
            + "]\n    contact.email: a@b.example\ncases:\n"
            + "".join(f"  - {{name: n{n}, given: f, expect: {{sendable: true}}}}\n" for n in range(size // 120))
        ),
    ),
    "fixtures that extend": (
        TESTS,
        lambda size: (
            _CASES.replace("cases:", "fixtures:\n  f0: {email.channel: marketing}")
            + "".join(f"  f{n}: {{extends: f{n - 1}}}\n" for n in range(1, size // 30))
            + "cases: []\n"
        ),
    ),
}
"""Files by what they are full of."""


SOUND: Final = {
    MANIFEST: MANIFEST_TEXT + "context: [own.yaml]\n",
    REASONS: _ONE,
    LISTS: _LIST + "    - e\n",
    OWN: "type: object\nproperties:\n  f: {type: string}\n",
    COLUMNS: "fields:\n  contact.email: [email]\n" + _TELLING,
}
"""The files of a pack with nothing wrong in it."""


def pack(name: str, size: int) -> dict[str, str]:
    """The files of a pack with the hostile file of this name, about `size` bytes of it."""
    place, made = HOSTILE[name]
    files = {MANIFEST: MANIFEST_TEXT, REASONS: _ONE}
    if place == OWN:
        files[MANIFEST] += "context: [own.yaml]\n"
    return {**files, place: made(size)}


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes the files into the folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="")
