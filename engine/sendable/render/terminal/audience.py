"""What became of an audience, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import tabulate

from sendable.audience.summary import InvalidValues, Repeated, Summary
from sendable.diagnostics.wording import shown
from sendable.pack.locales import format_number
from sendable.pack.model import Pack
from sendable.render.words.exceptions import lifted_in_words
from sendable.render.words.figures import told_of, unmatched_as_text
from sendable.render.words.forms import State, SummaryWords
from sendable.render.words.languages import words_for

_MOST_ROWS = 12
_MOST_COLUMNS = 100


def summary_as_text(summary: Summary, pack: Pack, locale: str) -> str:
    """The four groups that every contact is in one of, and tables of what is in them; all add up."""
    return "\n\n".join(_blocks(summary, pack, locale)) + "\n"


def _blocks(summary: Summary, pack: Pack, locale: str) -> Iterator[str]:
    said = words_for(locale)
    words = said.summary
    total = max(summary.contacts, 1)

    def row(name: str, count: int, *more: str) -> list[str]:
        return [name, format_number(count, locale), _share(count / total, locale), *more]

    yield _table(
        [
            row(words.contacts, summary.contacts),
            row(f"  {said.states[State.SENDABLE]}", summary.sendable),
            row(f"  {said.states[State.SUPPRESSED]}", summary.suppressed),
            row(f"  {said.states[State.UNDETERMINED]}", summary.undetermined),
            row(f"  {said.states[State.INVALID]}", summary.invalid),
        ]
    )
    titles = {reason.id: f"{reason.title[locale]} ({reason.id})" for reason in pack.reasons}
    for heading, last, counted in _by_reason(summary, words):
        rows = [row(titles[one], count, format_number(part, locale)) for one, count, part in counted]
        yield _table(rows, [heading, words.count, words.share, last])
    if summary.excepted:
        rows = [row(one.exception.id, one.contacts, format_number(one.sendable, locale)) for one in summary.excepted]
        yield _table(rows, [said.exceptions.counted, words.count, words.share, words.newly])
        yield "\n".join(f"{one.exception.id}: {lifted_in_words(one.exception, locale)}" for one in summary.excepted)
    for heading, groups in ((words.lacking, summary.missing), (words.invalid_in, summary.invalid_fields)):
        if groups:
            yield _table(list(_fields(groups, row, words.others)), [heading, words.count, words.share])
    for one in summary.invalid_values:
        yield "\n  ".join(_invalid(one, words, pack, locale))
    for unmatched in summary.unmatched:
        yield unmatched_as_text(unmatched, words, locale)
    yield from _rows_and_columns(summary, locale)


def _rows_and_columns(summary: Summary, locale: str) -> Iterator[str]:
    """What the audience is like, whatever was decided of it."""
    words = words_for(locale).summary
    if summary.repeated is not None and summary.repeated.any:
        yield _table(list(_repeated(summary.repeated, locale)), [words.repeated, words.number, words.rows])
        yield words.as_strictest if summary.as_strictest else words.by_row
    for heading, columns in ((words.unused, summary.unused_columns), (words.ignored, summary.ignored_columns)):
        if columns:
            more = [f"… +{len(columns) - _MOST_COLUMNS}"] if len(columns) > _MOST_COLUMNS else []
            yield f"{heading}: {', '.join([*map(shown, columns[:_MOST_COLUMNS]), *more])}"


def _by_reason(summary: Summary, words: SummaryWords) -> Iterator[tuple[str, str, list[tuple[str, int, int]]]]:
    """What is counted by reason: the headings of the first and last columns, and each reason with its figures."""
    suppressed = [(one.reason, one.primary, one.alone) for one in summary.reasons if one.primary]
    if suppressed:
        yield words.suppressed_by, words.alone, suppressed
    if summary.monitored:
        monitored = [(one.reason, one.contacts, one.sendable) for one in summary.monitored]
        yield words.monitored, words.newly, monitored


def _invalid(one: InvalidValues, words: SummaryWords, pack: Pack, locale: str) -> Iterator[str]:
    """What is not allowed in a field, and how a value of it is written."""
    found, *how = told_of(one, words, pack.fields.get(one.field)) or [""]
    yield f"{one.field}: {format_number(one.contacts, locale)}{found and f', {found}'}"
    yield from how


def _fields(groups: Mapping[tuple[str, ...], int], row: object, others: str) -> Iterator[list[str]]:
    assert callable(row)  # noqa: S101 - the function above
    listed = list(groups.items())
    for fields, count in listed[:_MOST_ROWS]:
        yield row(", ".join(fields), count)
    if len(listed) > _MOST_ROWS:
        yield row(others, sum(count for _, count in listed[_MOST_ROWS:]))


def _repeated(repeated: Repeated, locale: str) -> Iterator[list[str]]:
    words = words_for(locale).summary
    if repeated.addresses:
        yield [words.addresses, format_number(repeated.addresses, locale), format_number(repeated.rows, locale)]
        yield [f"  {words.disagreeing}", format_number(repeated.disagreeing, locale), ""]
        for field, count in repeated.fields.items():
            yield [f"    {field}", format_number(count, locale), ""]
    if repeated.keys:
        yield [words.keys, format_number(repeated.keys, locale), format_number(repeated.key_rows, locale)]


def _share(share: float, locale: str) -> str:
    return f"{format_number(round(share * 100, 1), locale)} %"


def _table(rows: list[list[str]], headers: list[str] | None = None) -> str:
    aligned = ("left", *("right" for _ in rows[0][1:]))
    form = "simple" if headers else "plain"
    return tabulate.tabulate(
        rows, headers=headers or (), tablefmt=form, colalign=aligned, disable_numparse=True, preserve_whitespace=True
    )
