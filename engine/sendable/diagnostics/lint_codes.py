"""The rules of lints: what a pack can be used with, and what is hardly meant.

Nothing here keeps a pack from loading; what can never match is an error of `sendable lint` all the same. Codes and
wording are as in `codes`.
"""

from __future__ import annotations

from sendable.diagnostics.record import Rule, Severity

ALWAYS_TRUE = Rule(
    "SND420",
    "always-true",
    Severity.ERROR,
    "the condition is never false for {emails}",
    "a reason is for some emails and not for others: check what the condition compares",
    loads=True,
)
NEVER_TRUE = Rule(
    "SND421", "never-true", Severity.ERROR, "the condition is never true for {emails}", "{advice}", loads=True
)
ALWAYS_UNKNOWN = Rule(
    "SND422",
    "always-unknown",
    Severity.ERROR,
    "the condition is unknown for {emails}, whatever is known of them",
    "check what the condition divides by, and what it looks up",
    loads=True,
)
OUT_OF_RANGE = Rule(
    "SND423",
    "out-of-range",
    Severity.ERROR,
    "`{text}` is {always} true: `{subject}` is {range}",
    "check the number, and which way the comparison points",
    loads=True,
)
IDLE_OPERAND = Rule(
    "SND424",
    "idle-operand",
    Severity.WARNING,
    "`{text}` changes nothing: the condition comes to the same without it",
    "remove it, or check what was meant",
)
CONSTANT_PART = Rule(
    "SND425",
    "constant-part",
    Severity.ERROR,
    "`{text}` is never {never}, whatever is known, so it decides nothing",
    "check what it compares, or remove it",
    loads=True,
)
NEVER_MATCHES = Rule(
    "SND426",
    "never-matches",
    Severity.ERROR,
    "`{value}` is never found in `{subject}`: {why}",
    "`sendable lint --fix` writes what can be found, where that is certain",
    loads=True,
)
REPEATED_VALUE = Rule(
    "SND427",
    "repeated-value",
    Severity.ERROR,
    "`{value}` stands twice in this list",
    "remove one of the two, or write what was meant",
    loads=True,
)
GRANTED_BY_LACK = Rule(
    "SND428",
    "granted-by-lack",
    Severity.WARNING,
    "where `{missing}` has no value, an email with `{rest}` is not suppressed, as if the exception held",
    "write `{known}`, so that only what is known makes an exception; or `on_unknown: suppress`",
)
OTHER_CASE = Rule(
    "SND429",
    "other-case",
    Severity.WARNING,
    "`{subject}` is an address as it was given, and `{value}` is found in it only where the capitals are the same",
    "compare it in lower case",
)
TURNED_ROUND = Rule(
    "SND431",
    "turned-round",
    Severity.WARNING,
    "this asks of the text `{text}` whether `{part}` is a part of it, and not the other way round",
    "the text comes first, and the part of it that is looked for second",
)
DOT_AT_END = Rule(
    "SND432",
    "dot-at-end",
    Severity.WARNING,
    "`{value}` is found in `{subject}` only where a tag follows its dot, as in `{value}+tag@example.com`",
    "what stands before the @ of an address hardly ever ends with a dot",
)
NEVER_FOUND = Rule(
    "SND529",
    "never-found",
    Severity.ERROR,
    "`{entry}` in the list `{list}` is never found in `{subject}`: {why}",
    "{advice}",
    loads=True,
)
FLOOR_TAKES_LACK = Rule(
    "SND430",
    "floor-takes-lack",
    Severity.ERROR,
    "where `{missing}` has no value, this floor lets the email through: `{mask}` takes that for an answer",
    "ask without it and write `on_unknown: suppress`, so that the email is held back until somebody knows",
    loads=True,
)
NEVER_PRIMARY = Rule(
    "SND520",
    "never-primary",
    Severity.WARNING,
    "`{reason}` is never the primary reason: {others} before it whenever it applies",
    "give it a lower number, narrow the other condition, or remove this reason",
)
UNUSED_PARAMETER = Rule(
    "SND521",
    "unused-parameter",
    Severity.WARNING,
    "the parameter `{name}` is used nowhere, so changing it changes nothing",
    "write `params.{name}` where it is meant, or remove it",
)
UNUSED_LIST = Rule(
    "SND522",
    "unused-list",
    Severity.WARNING,
    "the list `{name}` is used nowhere, so changing it changes nothing",
    "write `lists.{name}` where it is meant, or remove it",
)
UNUSED_FIELD = Rule(
    "SND523",
    "unused-field",
    Severity.WARNING,
    "the field `{path}` is used nowhere",
    "write `{path}` where it is meant, or remove it from the context schema",
)
IDLE_ALLOW = Rule(
    "SND524",
    "idle-allow",
    Severity.WARNING,
    "this comment allows `{code}`, and {nothing}",
    "remove `{code}` from the comment",
)
UNKNOWN_CODE = Rule(
    "SND525",
    "unknown-code",
    Severity.WARNING,
    "there is no rule `{code}`",
    "codes are SND and three digits, as `sendable lint` prints them",
)
FIXED_SEVERITY = Rule(
    "SND526",
    "fixed-severity",
    Severity.WARNING,
    "`{code}` keeps a pack from loading, so it stays an error and is always reported",
    "put right what it reports, and remove `{code}` here",
)
SHARED_CODE = Rule(
    "SND527",
    "shared-code",
    Severity.WARNING,
    "{others} the code `{code}` of `{system}` too, and it is not marked as shared",
    "write `{{code: {code}, shared: true}}` on each, or leave it out where it misleads",
)
SHARED_WITH_NOBODY = Rule(
    "SND528",
    "shared-with-nobody",
    Severity.WARNING,
    "the code `{code}` of `{system}` is marked as shared, and no other reason has it",
    "write the code alone",
)
LAPSED = Rule(
    "SND545",
    "lapsed",
    Severity.WARNING,
    "`until` has passed: {consequence}",
    "write a later time, or remove {what}",
)
LAPSES_SOON = Rule(
    "SND546",
    "lapses-soon",
    Severity.WARNING,
    "this exception lapses in {left}: then {stopped} again",
    "ask `{owner}` whether it is still needed, and write a later time if it is",
)
LIFTS_NOTHING = Rule(
    "SND547",
    "lifts-nothing",
    Severity.WARNING,
    "this exception lifts nothing of `{reason}`: {why}",
    "leave the reason out, or check the condition",
)
FOLLOWS_INSTALLED = Rule(
    "SND569",
    "follows-installed",
    Severity.HINT,
    "the base is the pack `{base}` of the installed sendable, so that an upgrade of it can change who gets email",
    "extend a copy of it, as `sendable init` makes one, to see what an upgrade changes before it does",
)
HIDDEN_CASE = Rule(
    "SND554",
    "hidden-case",
    Severity.WARNING,
    "wherever this case holds, one before it does, so that its value is never used",
    "the first case that holds gives the value: move this one up, or remove it",
)
IDLE_CASE = Rule(
    "SND555",
    "idle-case",
    Severity.WARNING,
    "without this case, `params.{name}` would have the same value",
    "write another value, or remove the case",
)
CASE_NEVER_HOLDS = Rule(
    "SND556",
    "case-never-holds",
    Severity.WARNING,
    "the condition of this case is never true",
    "check what it compares, or remove the case",
)
MAY_BE_UNKNOWN = Rule(
    "SND620",
    "may-be-unknown",
    Severity.WARNING,
    "`{placeholder}` may be unknown when this text is shown, and then it says “{word}”",
    "add an alternative without it at the end of the list",
)
SAME_TEXT = Rule(
    "SND621",
    "same-text",
    Severity.WARNING,
    "the text in `{locale}` is the same as in `{other}`",
    "translate one of the two",
)
OTHER_LANGUAGE = Rule(
    "SND622",
    "other-language",
    Severity.HINT,
    "nothing in this text looks like {language}",
    "check that it is not in another language",
)
TEXT_CUT_SHORT = Rule(
    "SND623",
    "text-cut-short",
    Severity.ERROR,
    "the text ends here: `{rest}` behind a space is a comment in YAML, and nobody is shown it",
    "put the text in quotes, or the comment on a line of its own",
    loads=True,
)
MARKUP = Rule(
    "SND624",
    "markup",
    Severity.WARNING,
    "readers are shown `{markup}` as it stands here: texts are plain, and whoever shows one decides how it looks",
    "write the words alone",
)
EXAMPLE_FIELD = Rule(
    "SND717",
    "example-field",
    Severity.WARNING,
    "`{path}` is not a declared field of the context",
    "no condition reads it, so nothing is decided by it",
)
