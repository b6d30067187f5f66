"""How many problems are told: the gravest ones, and how many more there are."""

from __future__ import annotations

from collections import Counter

from sendable.diagnostics import codes, lint_codes
from sendable.diagnostics.places import Position, Span
from sendable.diagnostics.record import MOST_KEPT, MOST_TOLD, Collector, PolicyError, Severity, by_severity, told
from sendable.diagnostics.wording import LONGEST_SHOWN, Near

FIELDS = tuple(f"contact.field_{number}" for number in range(2_000))


def line(number: int) -> Span:
    return Span("file.yaml", Position(number, 1), Position(number, 2))


def collected(errors: int, warnings: int = 0) -> Collector:
    """Warnings on the first lines, errors on those behind them."""
    collector = Collector()
    for number in range(1, warnings + 1):
        collector.report(lint_codes.UNUSED_LIST, line(number), name="x")
    for number in range(warnings + 1, warnings + errors + 1):
        collector.report(codes.ANCHOR, line(number), name="&a")
    return collector


def test_few_are_told_all_and_alone() -> None:
    found = collected(MOST_TOLD - 1, 1).sorted()
    assert [one.span.start.line for one in found] == [*range(1, MOST_TOLD + 1)]
    assert {one.code for one in found} == {codes.ANCHOR.code, lint_codes.UNUSED_LIST.code}


def test_of_many_the_gravest_are_told_and_how_many_more_there_are() -> None:
    found = collected(2_000, 500).sorted()
    assert [one.span.start.line for one in found[:-1]] == [*range(501, 501 + MOST_TOLD)]
    assert (found[-1].code, found[-1].severity) == (codes.UNTOLD.code, Severity.ERROR)
    assert found[-1].message == "not told here: 1,500 errors, 500 warnings more"
    assert by_severity(found) == {Severity.ERROR: 2_000, Severity.WARNING: 500}
    assert str(PolicyError(found)).endswith(str(found[-1]))


def test_what_is_not_told_is_as_grave_as_the_gravest_of_it() -> None:
    found = collected(MOST_TOLD, 1).sorted()
    assert (found[-1].severity, found[-1].message) == (Severity.WARNING, "not told here: 1 warning more")


def test_telling_again_changes_nothing() -> None:
    found = collected(5_000, 5_000).sorted()
    assert told(found) == found


def test_of_one_kind_no_more_are_kept_than_that_and_each_once() -> None:
    collector = collected(MOST_KEPT + 7, 3)
    collector.report(lint_codes.UNUSED_LIST, line(1), name="x")
    assert Counter(one.code for one in collector.kept()) == {
        codes.ANCHOR.code: MOST_KEPT,
        lint_codes.UNUSED_LIST.code: 3,
    }
    [rest] = collector.only_counted()
    assert rest.message == "not told here: 7 errors more"
    assert collector.full(codes.ANCHOR)
    assert not collector.full(lint_codes.UNUSED_LIST)


def test_what_is_excluded_does_not_count() -> None:
    collector = collected(0, MOST_KEPT + 7)
    assert collector.only_counted(without={lint_codes.UNUSED_LIST.code}) == ()
    [rest] = collector.only_counted({lint_codes.UNUSED_LIST.code: Severity.HINT})
    assert (rest.severity, rest.message) == (Severity.HINT, "not told here: 7 hints more")


def test_where_the_rest_is_not_looked_at_there_are_at_least_so_many() -> None:
    collector = collected(MOST_TOLD)
    collector.ended(codes.WRONG_FORM, 1)
    assert collector.has_errors
    assert collector.sorted()[-1].message == "not told here: at least 1 error more"


def test_near_misses_are_looked_for_as_long_as_that_takes_no_time() -> None:
    collector = Collector()
    for number in range(1, 101):
        collector.report(
            codes.UNDECLARED_PATH, line(number), suggestion=Near("contact.feld_7", FIELDS), path="contact.feld_7"
        )
    found = [one.suggestion for one in collector.sorted()]
    assert found[0] == "contact.field_7"
    assert found.count("contact.field_7") == 12_000_000 // (len(FIELDS) * len("contact.feld_7") ** 2)
    assert found[-1] is None


def test_what_was_meant_is_no_longer_than_anything_else_that_is_shown() -> None:
    collector = Collector()
    for number, length in enumerate((LONGEST_SHOWN, LONGEST_SHOWN + 1), start=1):
        collector.report(codes.BAD_PLACEHOLDER, line(number), suggestion="a" * length, placeholder="{", advice="")
    assert [one.suggestion for one in collector.sorted()] == ["a" * LONGEST_SHOWN, None]


def test_what_is_only_counted_looks_for_nothing() -> None:
    collector = collected(MOST_KEPT)
    collector.report(codes.ANCHOR, line(1_000_000), suggestion=Near("x", _Untouched()), name="&a")


class _Untouched(list[str]):
    def __len__(self) -> int:
        raise AssertionError("somebody looks")
