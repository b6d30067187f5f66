"""The table of rules: every kind of problem, with its code, how grave it is and how it is worded.

The rules of lints stand in `lint_codes`, those of lists in `list_codes`, those of a pack over another
one in `base_codes`, those of what holds for some emails or for some time in `limit_codes`.

Wording: one lowercase sentence without a final stop, the user's input in backticks, no word of the host language;
advice stands in the help.
"""

from __future__ import annotations

from sendable.diagnostics import base_codes, limit_codes, lint_codes, list_codes, record
from sendable.diagnostics.record import Rule, Severity

# Codes by hundreds: 1 files and YAML · 2 the form of a document · 3 conditions as written · 4 types · 5 the pack as a
# whole · 6 messages.

UNREADABLE_FILE = Rule(
    "SND101", "unreadable-file", Severity.ERROR, "`{file}` can't be read: {why}", "check the path and its permissions"
)
FILE_TOO_LARGE = Rule(
    "SND102",
    "file-too-large",
    Severity.ERROR,
    "the file has {size} bytes, and at most {limit} are read",
    "split it into several files",
)
NOT_UTF8 = Rule(
    "SND103",
    "not-utf-8",
    Severity.ERROR,
    "the file is not UTF-8: the byte {byte} can't be decoded",
    "save it with the encoding UTF-8",
)
YAML_SYNTAX = Rule("SND104", "yaml-syntax", Severity.ERROR, "this is not valid YAML: {problem}", "{advice}")
NESTED_TOO_DEEP = Rule(
    "SND105", "nested-too-deep", Severity.ERROR, "the document is nested deeper than {limit} levels", "make it flatter"
)
ANCHOR = Rule(
    "SND106",
    "yaml-anchor",
    Severity.ERROR,
    "the anchor or alias `{name}` is not allowed",
    "write the value out in each place; quote a text that begins with & or *",
)
TAG = Rule(
    "SND107",
    "yaml-tag",
    Severity.ERROR,
    "the tag `{tag}` is not allowed",
    "{advice}",
)
DUPLICATE_KEY = Rule(
    "SND108",
    "duplicate-key",
    Severity.ERROR,
    "the key `{key}` stands twice; the first is in line {first}",
    "remove or rename one of the two",
)
MERGE_KEY = Rule("SND109", "yaml-merge-key", Severity.ERROR, "the merge key `<<` is not allowed", "write the keys out")
KEY_NOT_STRING = Rule(
    "SND110",
    "key-not-string",
    Severity.ERROR,
    "the key `{key}` is a {kind}, and keys are strings",
    "put it in quotes, or give it a name",
)
SEVERAL_DOCUMENTS = Rule(
    "SND111",
    "several-documents",
    Severity.ERROR,
    "the file holds more than one YAML document",
    "keep one document in a file, and remove the line `---`",
)
NUMBER_TOO_LARGE = Rule(
    "SND112",
    "number-too-large",
    Severity.ERROR,
    "the number `{number}` is too large to be read",
    "numbers go up to ±2^53; quote it if it is a text",
)
FORBIDDEN_CHARACTER = Rule(
    "SND113", "forbidden-character", Severity.ERROR, "the character {character} can't stand in a YAML file", "{advice}"
)
DIRECTIVE = Rule(
    "SND114",
    "yaml-directive",
    Severity.ERROR,
    "the directive `{directive}` is not allowed",
    "leave the line out; quote a text that begins with %",
)
CUT_BY_COMMA = Rule(
    "SND115", "cut-by-comma", Severity.ERROR, "`{rest}` stands behind a comma in braces, and is no key", "{advice}"
)

UNKNOWN_KEY = Rule("SND201", "unknown-key", Severity.ERROR, "`{unknown}` is not a key here", "the keys are {allowed}")
MISSING_KEY = Rule("SND202", "missing-key", Severity.ERROR, "the {missing} missing", "add {them} here")
WRONG_FORM = Rule(
    "SND203", "wrong-form", Severity.ERROR, "`{value}` is {found}, and this must be {expected}", "{advice}"
)
NOT_A_CHOICE = Rule(
    "SND204",
    "not-a-choice",
    Severity.ERROR,
    "`{value}` is not one of the values this can have",
    "the values are {allowed}",
)
BAD_NAME = Rule(
    "SND205", "bad-name", Severity.ERROR, "`{value}` does not have the form that is needed here", "{advice}"
)
OUT_OF_BOUNDS = Rule("SND206", "out-of-bounds", Severity.ERROR, "`{value}` is out of bounds: it must be {bound}")
EMPTY = Rule("SND207", "empty", Severity.ERROR, "this is empty, and it needs at least one {item}")
REPEATED_ITEM = Rule(
    "SND208", "repeated-item", Severity.ERROR, "`{item}` stands twice in this list", "remove one of the two"
)
CONTEXT_SCHEMA_KEYWORD = Rule(
    "SND210",
    "context-schema-keyword",
    Severity.ERROR,
    "the keyword `{keyword}` can't be used in a context schema",
    "{advice}",
)
FIELD_TWICE = Rule(
    "SND211",
    "field-twice",
    Severity.ERROR,
    "the field `{path}` is already declared",
    "choose another name: a field has one type everywhere",
)
REMOTE_REFERENCE = Rule(
    "SND212",
    "remote-reference",
    Severity.ERROR,
    "the reference `{reference}` is not followed",
    "declare the fields in this file, under `$defs` for example: nothing is ever fetched",
)

NOTHING = Rule("SND213", "nothing", Severity.ERROR, "there is nothing here, and this must be {expected}", "{advice}")

FIELD_INSIDE = Rule(
    "SND214",
    "field-inside-a-field",
    Severity.ERROR,
    "`{path}` is a field with a value of its own, and `{other}` stands inside it",
    "no context could have both: choose another name for one of them",
)
REFERENCE_NOWHERE = Rule(
    "SND215",
    "reference-to-nowhere",
    Severity.ERROR,
    "the reference `{reference}` leads to nothing in this file",
    "what is referred to stands under `$defs`, as `#/$defs/name`",
)
REFERENCE_CIRCLE = Rule(
    "SND216",
    "reference-circle",
    Severity.ERROR,
    "the reference `{reference}` leads back to what it stands in",
    "a context has so many levels and no more: declare those that conditions read, or leave the field out",
)
TOO_MANY_FIELDS = Rule(
    "SND217",
    "too-many-fields",
    Severity.ERROR,
    "the schema stands for more fields than are read, with what it refers to put in",
    "declare only the fields that conditions and texts read",
)

KEY_ELSEWHERE = Rule("SND218", "key-elsewhere", Severity.ERROR, "{problem}", "{advice}")

SYNTAX = Rule("SND301", "syntax", Severity.ERROR, "{problem}", "{advice}")
TOO_LONG = Rule(
    "SND302",
    "too-long",
    Severity.ERROR,
    "the expression has {size} bytes, and at most {limit} are read",
    "split the reason in two, or put values into a list",
)
TOO_MANY_PARTS = Rule(
    "SND303",
    "too-many-parts",
    Severity.ERROR,
    "the expression has more than {limit} parts",
    "split the reason in two, or put values into a list",
)
TOO_DEEP = Rule(
    "SND304",
    "too-deep",
    Severity.ERROR,
    "the expression is nested deeper than {limit} levels",
    "remove parentheses that change nothing, or split the reason in two",
)
UNKNOWN_FUNCTION = Rule(
    "SND305", "unknown-function", Severity.ERROR, "there is no function `{name}`", "the functions are {allowed}"
)

UNDECLARED_PATH = Rule(
    "SND401", "undeclared-path", Severity.ERROR, "`{path}` is not a declared field of the context", "{advice}"
)
OWN_FIELDS = "fields of your own are declared in a context schema that the manifest names under `context`"
"""What is said of a path that is not declared, where nothing better is known."""
UNKNOWN_PARAMETER = Rule(
    "SND402",
    "unknown-parameter",
    Severity.ERROR,
    "there is no parameter `{name}`",
    "parameters are declared in the manifest under `parameters`",
)
UNKNOWN_LIST = Rule(
    "SND403",
    "unknown-list",
    Severity.ERROR,
    "there is no list `{name}`",
    "lists stand in the files that the manifest names under `lists`",
)
NOT_BOOLEAN = Rule(
    "SND404", "not-boolean", Severity.ERROR, "`{text}` is {found}, and only true or false can stand here", "{advice}"
)
DIFFERENT_TYPES = Rule("SND405", "different-types", Severity.ERROR, "{left} can't be compared with {right}", "{advice}")
NOT_IN_ENUM = Rule(
    "SND406", "not-in-enum", Severity.ERROR, "`{value}` is not a value of `{path}`", "its values are {allowed}"
)
NO_ORDER = Rule(
    "SND407",
    "no-order",
    Severity.ERROR,
    "{found} has no order, so `{operator}` can't be used on it",
    "numbers and timestamps can be compared with < and >",
)
NOT_A_NUMBER = Rule(
    "SND408",
    "not-a-number",
    Severity.ERROR,
    "`{text}` is {found}, and `{operator}` counts with numbers only",
    "{advice}",
)
NOT_A_LIST = Rule(
    "SND409",
    "not-a-list",
    Severity.ERROR,
    "`{text}` is {found}, and `in` looks something up in a list",
    "{advice}",
)
WRONG_ITEM = Rule("SND410", "wrong-item", Severity.ERROR, "{found} can't be in {container}", "{advice}")
ARGUMENT_COUNT = Rule(
    "SND411",
    "argument-count",
    Severity.ERROR,
    "`{name}` takes {expected}, and {found} given",
    "it is written {signature}",
)
ARGUMENT_TYPE = Rule(
    "SND412",
    "argument-type",
    Severity.ERROR,
    "`{text}` is {found}, and `{name}` takes {expected} here",
    "{advice}",
)
NOT_A_PATH = Rule(
    "SND413",
    "not-a-path",
    Severity.ERROR,
    "`{name}` takes a field of the context here",
    "for example known(contact.email)",
)
MIXED_LIST = Rule(
    "SND414", "mixed-list", Severity.ERROR, "the values of a list must be of one type; this is {found} after {first}"
)
WRONG_RESULT = Rule("SND415", "wrong-result", Severity.ERROR, "`{text}` is {found}, and `{key}` needs {expected}")
OTHER_SPELLING = Rule(
    "SND416",
    "other-spelling",
    Severity.ERROR,
    "`{value}` is never found in `{path}`, which is read {how}",
    "{advice}",
)
NOT_AN_IDENTIFIER = Rule(
    "SND417",
    "not-an-identifier",
    Severity.ERROR,
    "`{path}` is an identifier that people type, and `{text}`, which it is compared with, is none",
    "declare its field with `identifier: true`, so that both are made alike when a context is read",
)
NOT_A_TIME = Rule("SND418", "not-a-time", Severity.ERROR, "`{text}` is not a point in time: {problem}", "{advice}")
NOT_WRITTEN_OUT = Rule(
    "SND419", "not-written-out", Severity.ERROR, "`{text}` is {found}, and `time` takes a text in quotes", "{advice}"
)

NOT_A_ZONE = Rule(
    "SND440",
    "not-a-zone",
    Severity.ERROR,
    "there is no time zone `{text}`",
    "a time zone is named by its continent and a city, such as `Europe/Stockholm`",
)
NOT_A_CLOCK = Rule(
    "SND441",
    "not-a-clock",
    Severity.ERROR,
    "`{text}` is not a time of day",
    "it is written with two digits for the hour, from 00 to 23, and two for the minute: `08:00`",
)

NO_REASONS = Rule(
    "SND501", "no-reasons", Severity.ERROR, "the pack has no reason at all", "add one to a file under reasons/"
)
SAME_PRIORITY = Rule(
    "SND502",
    "same-priority",
    Severity.ERROR,
    "`{reason}` has priority {priority}, and so has `{other}`",
    "give one of them another number, such as {free}, which is free; the lowest that applies is shown first",
)
REASON_TWICE = Rule(
    "SND503",
    "reason-twice",
    Severity.ERROR,
    "the reason `{reason}` is already defined in {other}",
    "rename one of them",
)
FLOOR_IGNORES_UNKNOWN = Rule(
    "SND505",
    "floor-ignores-unknown",
    Severity.ERROR,
    "`{reason}` is a floor, and missing data may not let an email through",
    "write `on_unknown: suppress`",
)
FLOOR_MONITORED = Rule(
    "SND506",
    "floor-monitored",
    Severity.ERROR,
    "`{reason}` is a floor, and a floor can't be only monitored",
    "write `mode: enforce`, or leave `mode` out",
)
NO_FILES = Rule(
    "SND507",
    "no-files",
    Severity.ERROR,
    "no file matches `{pattern}`",
    "check the name; patterns look like reasons/*.yaml",
)
OUTSIDE_PACK = Rule(
    "SND508",
    "outside-pack",
    Severity.ERROR,
    "`{pattern}` leads out of the pack",
    "a pack names only files in its own folder, relative to it",
)
FORGOTTEN_FILE = Rule(
    "SND509",
    "forgotten-file",
    Severity.WARNING,
    "no entry of the manifest matches this file, so nothing in it applies",
    "rename it to end in .yaml, name it in the manifest or under `from` of a list, or remove it",
)
NO_DEFAULT_LOCALE = Rule(
    "SND510",
    "no-default-locale",
    Severity.ERROR,
    "the default locale `{locale}` is not one of the locales",
    "the locales are {allowed}",
)
PARAMETER_VALUE = Rule(
    "SND511", "parameter-value", Severity.ERROR, "`{value}` can't be this parameter's: {problem}", "{advice}"
)

LOCK_DIFFERS = Rule(
    "SND513",
    "lock-differs",
    Severity.ERROR,
    "`{file}` {difference}",
    "where it is meant to be as it is, `sendable lint --lock` writes the lock anew",
)
UNTOLD = record.UNTOLD
MISNAMED_COLUMNS = Rule(
    "SND514",
    "misnamed-columns",
    Severity.WARNING,
    "what columns are called is read from `{file}`, and this file is not read, so nothing in it applies",
    "rename it to that, letter for letter, move what it says there, or remove it",
)
TOO_MANY_CASES = Rule(
    "SND557",
    "too-many-cases",
    Severity.ERROR,
    "one comparison hangs on {count} combinations of cases of its parameters, and 1,000 is the most",
    "compare with each parameter by itself, or give the parameters fewer values",
)
CONDITION_IN_BRACES = Rule(
    "SND553",
    "condition-in-braces",
    Severity.WARNING,
    "a condition stands between `{{` and `}}`, where a comma in it would end it",
    "write each key on a line of its own, without the braces; `sendable fmt` does that",
)


MISSING_LOCALE = Rule(
    "SND601",
    "missing-locale",
    Severity.ERROR,
    "the locale `{locale}` is missing",
    "the manifest promises every text in {locales}{where}",
)
UNKNOWN_LOCALE = Rule(
    "SND602",
    "unknown-locale",
    Severity.ERROR,
    "the locale `{locale}` is not one of the manifest's",
    "the locales are {allowed}",
)
BAD_PLACEHOLDER = Rule(
    "SND603",
    "bad-placeholder",
    Severity.ERROR,
    "`{placeholder}` is not a placeholder",
    "{advice}",
)
UNDECLARED_PLACEHOLDER = Rule(
    "SND604",
    "undeclared-placeholder",
    Severity.ERROR,
    "the placeholder `{placeholder}` names nothing that is declared",
    "a placeholder is a declared field, params.name or details.name",
)
DIFFERENT_PLACEHOLDERS = Rule(
    "SND605",
    "different-placeholders",
    Severity.ERROR,
    "the text in `{locale}` {difference}",
    "every locale says the same thing, with the same placeholders",
)
MISSING_PLURAL = Rule(
    "SND606",
    "missing-plural",
    Severity.ERROR,
    "the plural form `{category}` is missing, which `{locale}` needs",
    "add `{category}:` with the text for it",
)
COUNT_NOT_NUMBER = Rule(
    "SND607", "count-not-number", Severity.ERROR, "`{count}` is {found}, and a plural is chosen by a number"
)
MISSING_TEXTS = Rule(
    "SND608",
    "missing-texts",
    Severity.ERROR,
    "the engine has no words of its own for the locale `{locale}`",
    "add `texts: {{{locale}: …}}` with {needed} to the manifest",
)
UNKNOWN_LANGUAGE = Rule(
    "SND609",
    "unknown-language",
    Severity.ERROR,
    "`{locale}` is not a locale that numbers and dates are known for",
    "locales are language tags such as en, sv or sv-FI",
)
CONTROL_CHARACTER = Rule(
    "SND610", "control-character", Severity.ERROR, "the character {character} can't be shown to a reader", "remove it"
)

# Tests of a pack.

NO_TESTS = Rule(
    "SND701", "no-tests", Severity.ERROR, "there is no test in `{directory}`", "tests stand in files that end in .yaml"
)
NO_CASES = Rule(
    "SND702",
    "no-cases",
    Severity.ERROR,
    "this file of tests has no case",
    "add one under `cases`; fixtures for several files stand in fixtures.yaml beside them",
)
NO_EXPECTATION = Rule(
    "SND703",
    "no-expectation",
    Severity.ERROR,
    "the case `{case}` expects nothing",
    "say under `expect` what the decision must be, for example `sendable: true`",
)
CASE_TWICE = Rule(
    "SND704",
    "case-twice",
    Severity.ERROR,
    "the case `{case}` stands twice; the first is in {first}",
    "give one of them another name",
)
UNKNOWN_FIXTURE = Rule(
    "SND705", "unknown-fixture", Severity.ERROR, "there is no fixture `{fixture}`", "the fixtures are {allowed}"
)
FIXTURE_CIRCLE = Rule(
    "SND706",
    "fixture-circle",
    Severity.ERROR,
    "the fixture extends itself: {circle}",
    "let one of them extend nothing",
)
FIXTURE_TWICE = Rule(
    "SND707",
    "fixture-twice",
    Severity.ERROR,
    "the fixture `{fixture}` is already one of the shared ones",
    "give it another name; it can extend the shared one",
)
CASES_AMONG_FIXTURES = Rule(
    "SND708",
    "cases-among-fixtures",
    Severity.ERROR,
    "`{file}` is for fixtures, and its cases would not be run",
    "put the cases into another file",
)
UNKNOWN_REASON = Rule("SND709", "unknown-reason", Severity.ERROR, "the pack has no reason `{reason}`")
UNKNOWN_TEST_PATH = Rule(
    "SND710",
    "unknown-test-path",
    Severity.ERROR,
    "`{path}` is not a declared field of the context",
    "no condition can read it, so it would test nothing",
)
TEST_CONTEXT = Rule("SND711", "test-context", Severity.ERROR, "`{path}` can't have this value: {problem}")
VALUE_TWICE = Rule("SND712", "value-twice", Severity.ERROR, "`{path}` is given twice", "remove one of the two")
INCOMPLETE_CONTEXT = Rule(
    "SND713",
    "incomplete-context",
    Severity.ERROR,
    "the case `{case}` has no `{path}`, and every context needs it",
    "give it in the fixture or under `patch`",
)
NO_NOW = Rule(
    "SND714",
    "no-now",
    Severity.ERROR,
    "the case `{case}` does not say when it is decided",
    "add `now:` at the top of the file, so that the tests come out the same every day",
)
TEST_TIMESTAMP = Rule("SND715", "test-timestamp", Severity.ERROR, "`{value}` is not a point in time: {problem}")
LIST_LENGTH = Rule(
    "SND718",
    "list-length",
    Severity.ERROR,
    "the list `{name}` has {found} entries, and the tests expect {wanted}",
    "look at what was added or removed; where it is meant, write {found}",
)
MISSPELT_SYSTEM = Rule(
    "SND719",
    "misspelt-system",
    Severity.ERROR,
    "no reason of the pack has a code for `{system}`, and some have one for a system that is called nearly so",
    "that there is none for it says nothing about the pack",
)
NOTHING_TO_RUN = Rule(
    "SND716",
    "nothing-to-run",
    Severity.ERROR,
    "no case has `{filter}` in its name, its file's or the id of a reason that it expects",
    "without the filter there are {count}",
)

RULES: dict[str, Rule] = {
    rule.code: rule
    for table in (globals(), vars(base_codes), vars(limit_codes), vars(lint_codes), vars(list_codes))
    for rule in table.values()
    if isinstance(rule, Rule)
}
"""Every rule by its code."""
