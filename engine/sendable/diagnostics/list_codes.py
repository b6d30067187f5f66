"""The rules of lists, and of the files of data that have their entries.

What can't be an entry of a file of data is an error: a row that is left out of a list of those who must get nothing
lets email through. Codes and wording are as in `codes`.
"""

from __future__ import annotations

from sendable.diagnostics.record import Rule, Severity

LIST_TWICE = Rule(
    "SND504",
    "list-twice",
    Severity.ERROR,
    "the list `{name}` is already defined in {other}",
    "rename one of them; to add to that list from here, write `more_entries` in place of `description` and `entries`",
)
SAME_ENTRY = Rule(
    "SND512",
    "same-entry",
    Severity.WARNING,
    "`{entry}` is the same entry as `{other}`: lists ignore case and width",
    "remove one of the two",
)
MAPPED_TWICE = Rule(
    "SND515",
    "mapped-twice",
    Severity.ERROR,
    "what `{key}` stands for is already said in {other}",
    "remove one of the two",
)
LIST_NOT_BEGUN = Rule(
    "SND516",
    "list-not-begun",
    Severity.ERROR,
    "no file begins the list `{name}`, so that nothing can be added to it",
    "check the name; a list begins with its `description` and `entries`",
)
REFUSED_ENTRY = Rule(
    "SND581",
    "refused-entry",
    Severity.ERROR,
    "`{entry}` can't be an entry of the list `{list}`: {why}{more}",
    "{advice}",
)
REPEATED_ENTRIES = Rule(
    "SND582",
    "repeated-entries",
    Severity.WARNING,
    "{count} of this file {stand} in the list `{list}` already{first}: `{entry}`",
    "nothing is lost by it; `sendable lists import` writes each once",
)
NO_COLUMN = Rule(
    "SND583", "no-column", Severity.ERROR, "`{file}` has no column `{column}`", "its columns are {allowed}"
)
COLUMN_TWICE = Rule(
    "SND584",
    "column-twice",
    Severity.ERROR,
    "`{file}` has the column `{column}` twice",
    "rename one of the two in the file: it can't be known which is meant",
)
COLUMN_NEEDED = Rule(
    "SND585",
    "column-needed",
    Severity.ERROR,
    "`{file}` is a table, and it is not said in which column the entries stand",
    "add `column:` with what its first line calls that column; a file of one entry a line is called .txt",
)
EMPTY_CELLS = Rule(
    "SND586",
    "empty-cells",
    Severity.WARNING,
    "{count} of this file {have} nothing in the column `{column}`{first}",
    "check that it is the column that is meant: of these rows nobody is in the list",
)
NO_ENTRY = Rule(
    "SND587",
    "no-entry",
    Severity.ERROR,
    "`{file}` has no entry, so nobody would be found in it",
    "check how the file was made; where it is meant to be empty, take it out of `from`",
)
UNREAD_LINE = Rule("SND588", "unread-line", Severity.ERROR, "what is here can't be read: {problem}", "{advice}")
NEVER_FOUND_IN_DATA = Rule(
    "SND590",
    "never-found-in-data",
    Severity.ERROR,
    "{count} of the list `{list}` from files of data are never found in `{subject}`, such as `{entry}`: {why}",
    "write them as they are looked up, or take them out; or check what the condition asks for",
    loads=True,
)
NAMED_OFTEN = Rule(
    "SND591",
    "named-often",
    Severity.ERROR,
    "`{file}` is named more than {most} times as a file of entries",
    "let one list have these entries, which any number of conditions can ask",
)
HASHED_USE = Rule(
    "SND589",
    "hashed-use",
    Severity.ERROR,
    "the list `{list}` has digests of whole addresses, and nothing but an address is found in it",
    "write `contact.email in lists.{list}`; what else is asked of entries takes a list of addresses",
)
