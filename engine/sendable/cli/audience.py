"""`sendable audience`: a whole audience decided before a campaign."""

from __future__ import annotations

import sys
import threading
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import click

import sendable
from sendable.audience.engines.choice import DEFAULT, engine, kinds, packages, parquet_named, readable
from sendable.audience.engines.csv_files import Table, UnreadableError, tables
from sendable.audience.engines.files import (
    HUNDREDTHS,
    SUFFIXES,
    AudienceEngine,
    Form,
    Plain,
    Progress,
    contacts_in,
    linked,
)
from sendable.audience.engines.json_lines import require_no_marks
from sendable.audience.engines.kind import Kind, NotStartedError, Told
from sendable.audience.question import Option
from sendable.audience.summary import Repeated, Review, Summary, masked, summarize
from sendable.cli.console import Failure, complain, show
from sendable.cli.files import MARKER, draft_folder, overwrite_option, put, require_outputs, written_whole
from sendable.cli.inputs import Inputs, audience_in
from sendable.cli.options import clock_option, format_option, load_policy, locale_option, policy_option
from sendable.decide.documents import ContextFault, read_contexts
from sendable.diagnostics.wording import shown
from sendable.render.reports.format import Audience

_SAMPLES: Final = 5

_OPTIONS: Final[Mapping[Option, str]] = {
    Option.COLUMNS: "--column",
    Option.IGNORE: "--ignore",
    Option.IN_COLUMNS: "with --column",
    Option.IN_IGNORE: "with --ignore",
    Option.AS_KEYS: "with --key",
    Option.NO_FIELD: "nothing after =",
    Option.AS_TIME_ZONE: "with --time-zone",
}
"""What the command calls the options of the library."""


class Duplicates(StrEnum):
    """What is done about addresses and keys on several rows. They are told in any case."""

    REPORT = "report"
    ALLOW = "allow"
    STRICTEST = "strictest"


class _Campaign(click.Path):
    """The file of the campaign, which is not everybody's to know of."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        return (
            "It is a file that says what is the same for all contacts, such as campaign.yaml with the line\n"
            "  email: {channel: marketing}"
        )


def _wheres() -> str:
    """Where each engine decides, in a line."""
    names: dict[str, list[str]] = {}
    for one in kinds().values():
        names.setdefault(one.where, []).append(one.name)
    return ", ".join(f"{' and '.join(those)} {where}" for where, those in names.items())


@click.command("audience")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--campaign",
    "campaign_file",
    required=True,
    metavar="FILE",
    type=_Campaign(path_type=Path),
    help="What is the same for all contacts, as a context: email, account, sender and now.",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the decisions to FILE: .parquet, .csv or .jsonl.",
)
@click.option("--messages", is_flag=True, help="Write with each decision its message, in --locale.")
@policy_option
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(list(kinds())),
    default=DEFAULT,
    show_default=True,
    help=f"What decides: {_wheres()}.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="COLUMN",
    help="A column that tells contacts apart.  [default: id, else email]",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="COLUMN=PATH",
    help="The field that a column holds; none after = if none. Of columns with one name, `column 3=PATH` is the third.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="COLUMN",
    help="A column by which nothing is decided, though its name tells of opt-outs, bounces or the like.",
)
@clock_option
@click.option(
    "--duplicates",
    type=click.Choice([one.value for one in Duplicates]),
    default=Duplicates.REPORT.value,
    show_default=True,
    help="Addresses on several rows: report ends with exit code 1, allow does not, and with strictest all rows of an "
    "address have the decision of the strictest of them.",
)
@click.option("--report", metavar="FILE", type=click.Path(path_type=Path), help="Write a page to look at to FILE.")
@overwrite_option
@click.option(
    "--raw-cells", "raw", is_flag=True, help="Write cells of CSV as they are, even those that a spreadsheet runs."
)
@click.option("--show-addresses", is_flag=True, help="Don't mask the addresses that are shown.")
@format_option(Audience)
@locale_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    campaign_file: Path,
    output: Path | None,
    messages: bool,
    policy_directory: Path | None,
    engine_name: str,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    ignored: tuple[str, ...],
    time_zone: str | None,
    duplicates: str,
    report: Path | None,
    overwrite: bool,
    raw: bool,
    show_addresses: bool,
    output_format: str,
    locale: str | None,
) -> None:
    """Decide a whole audience: who gets the email, who does not, and why.

    FILE is Parquet, CSV or JSON Lines, or a directory of such files. Columns are fields by their names: `hard_bounces`
    is `contact.hard_bounces`, and so are `contact__hard_bounces` and a field of a column `contact`. `Email`, `E-post`
    and the like are the address. The summary names the columns that were not used; one whose name tells of opt-outs,
    bounces, complaints, consent or suppression is an error, until --column says what it is or --ignore gives it up.
    Contacts with values that are not allowed are counted as invalid, and not decided. Without --output only the summary
    is made.

    Each row is decided by itself. Addresses on several rows, however they are written, are reported, and so are those
    whose rows disagree; the exit code is 1 then, unless --duplicates says what to do about it.

    Spark writes a directory with a file for each partition.

    CSV is UTF-8, and its first row has the names of the columns. Texts of any file are read where they have one
    meaning: flags as true and false, yes and no, ja and nej, 1 and 0; numbers with a decimal point or comma; lists with
    semicolons between their items, or as JSON; times with an offset, or as clocks of --time-zone show them. Nothing,
    NULL and N/A mean unknown. What is not certain makes a contact invalid, and the summary shows some of it.

    A row of CSV that can't be read, with a stray quote or another number of values than there are columns, is named
    with its line and counted as invalid. An apostrophe is written before a text that a spreadsheet would run, and taken
    off where CSV is read. Decisions that were written by this command are not read as contacts.

    \b
    Examples:
      sendable audience contacts.parquet --campaign campaign.yaml
      sendable audience exports/ --campaign campaign.yaml -o decisions.parquet
      sendable audience contacts.csv --campaign campaign.yaml --column to=contact.email --key customer_no
      sendable audience contacts.csv --campaign campaign.yaml --column complaint=contact.marked_as_spam --ignore gdpr
    """  # noqa: D301 - \b keeps click from filling the lines
    policy = load_policy(policy_directory)
    campaign = _campaign(campaign_file)
    if output is not None and output.suffix.lower() not in SUFFIXES:
        ctx.fail(f"`{shown(output)}`: name a file that ends in .parquet, .csv or .jsonl.")
    if messages and output is None:
        ctx.fail("--messages are written with the decisions: say where with --output.")
    mapped = _columns(ctx, columns)
    chosen_engine = kinds()[engine_name]
    worded = (locale or policy.pack.locale_for(None)) if messages else None
    wanted = _Wanted(output, worded, report, locale, overwrite, raw, show_addresses)
    with draft_folder() as folder, _said(folder), _installed(chosen_engine):
        inputs = audience_in(files)
        read = [*files, *inputs.files, campaign_file]
        require_outputs([output, report], inputs=read, packs=[policy_directory], overwrite=overwrite)
        contacts, bad_rows = _contacts(inputs, folder, {*mapped, *ignored})
        several = Duplicates(duplicates)
        asked = _Asked(policy, contacts, chosen_engine, campaign, mapped, keys, ignored, time_zone, several)
        with parquet_named(inputs.files if inputs.form is Form.PARQUET else ()):
            summary = _answer(asked, wanted, folder, bad_rows)
    show(Audience(policy, summary, policy.pack.locale_for(locale)), output_format)
    if several is Duplicates.REPORT and summary.repeated is not None and summary.repeated.any:
        complain(f"error: {_repeated(summary.repeated)}; each row was decided by itself")
        complain(
            "  Make one row of them; or name --duplicates strictest, which decides all rows of an address as the "
            "strictest, or --duplicates allow."
        )
        ctx.exit(1)


def _repeated(repeated: Repeated) -> str:
    """What stands on several rows, in a sentence."""
    parts = []
    if repeated.addresses:
        parts.append(f"{repeated.addresses} {'address is' if repeated.addresses == 1 else 'addresses are'}")
    if repeated.keys:
        parts.append(f"{repeated.keys} {'key is' if repeated.keys == 1 else 'keys are'}")
    told = f"{' and '.join(parts)} on several rows"
    if repeated.disagreeing:
        which = "they disagree" if repeated.addresses == 1 else f"those of {repeated.disagreeing} disagree"
        told += f", and {which} on {', '.join(repeated.fields)}"
    return told


def _campaign(file: Path) -> dict[str, Any]:
    """The one context of the file."""
    contexts = list(read_contexts(str(file)))
    for one in contexts:
        if isinstance(one, ContextFault):
            complain(f"{one.place}: {one.message}")
    if len(contexts) != 1 or isinstance(contexts[0], ContextFault):
        raise Failure(
            f"`{shown(file)}` is no campaign", "It has to have one context in it: email, account, sender, now."
        )
    return dict(contexts[0].context)


def _contacts(inputs: Inputs, folder: Path, named: Container[str]) -> tuple[_Files | tuple[Table, ...], int]:
    """The contacts as engines read them alike, and how many rows can't be read, which is said on standard error."""
    if inputs.form is not Form.CSV:
        if inputs.form is Form.JSON_LINES:
            require_no_marks(inputs.files)
        return _Files(linked(inputs.files, folder), inputs.form), 0
    found = tables(inputs.files, folder, named)
    for file, table in zip(inputs.files, found, strict=True):
        if table.bad_rows:
            told = "; ".join(map(str, table.examples)) + ("; …" if table.bad_rows > len(table.examples) else "")
            rows = (
                "1 row that can't be read counts"
                if table.bad_rows == 1
                else f"{table.bad_rows} rows that can't be read count"
            )
            complain(f"warning: `{shown(file)}`: {rows} as invalid: {told}")
    plain = linked([table.file for table in found], folder)
    return tuple(replace(table, file=file) for table, file in zip(found, plain, strict=True)), sum(
        one.bad_rows for one in found
    )


def _columns(ctx: click.Context, columns: tuple[str, ...]) -> dict[str, str | None]:
    named: dict[str, str | None] = {}
    for one in columns:
        column, equals, path = one.rpartition("=")
        if not equals or not column:
            ctx.fail(f"--column {shown(one)}: write COLUMN=PATH, such as mail=contact.email.")
        named[column] = path or None
    return named


@contextmanager
def _said(links: Path) -> Iterator[None]:
    """What can't be read or written is said, by its own name where the engine knew it by a link in the directory."""
    try:
        with readable():
            yield
    except UnreadableError as error:
        text = str(error)
        for link in links.iterdir():
            if link.is_symlink():
                text = text.replace(str(link), str(link.readlink()))
        raise Failure(
            f"the audience can't be read or written: {shown(text)}", "Look at the files that were named."
        ) from error


@contextmanager
def _installed(chosen: Kind) -> Iterator[None]:
    """A package that the engine needs and that is not there, wherever that shows, is said with what installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in packages():
            raise
        raise Failure(f"{package} is not installed", f"Run: pip install 'sendable[{chosen.extra}]'") from error
    except NotStartedError as error:
        raise Failure(str(error), error.advice) from error


@dataclass(frozen=True, slots=True)
class _Files:
    """Contacts that an engine reads as they are."""

    files: list[Path]
    form: Plain


@dataclass(frozen=True, slots=True)
class _Asked:
    """An audience, and what is asked of it."""

    policy: sendable.Policy
    given: _Files | tuple[Table, ...]
    engine: Kind
    campaign: dict[str, Any]
    columns: dict[str, str | None]
    keys: tuple[str, ...]
    ignored: tuple[str, ...]
    time_zone: str | None
    duplicates: Duplicates

    @property
    def as_strictest(self) -> bool:
        return self.duplicates is Duplicates.STRICTEST

    def review(self) -> Review:
        """What the audience is like."""
        return self.policy.review_frame(self.contacts(engine(self.engine.name)), **self.how())

    def contacts(self, chosen: AudienceEngine) -> Any:  # noqa: ANN401 - a frame
        """The contacts, as a lazy frame of the engine."""
        match self.given:
            case _Files(files, form):
                return chosen.read(files, form)
            case read:
                return chosen.read_tables(read)

    def how(self) -> dict[str, Any]:
        """How the contacts are read, in the words of `Policy.decide_frame`."""
        return {
            "campaign": self.campaign,
            "columns": self.columns,
            "keys": self.keys or None,
            "texts": True,
            "ignore": self.ignored,
            "time_zone": self.time_zone,
        }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is made of the decisions besides the summary, and how."""

    output: Path | None
    worded: str | None
    """The locale of the messages, None where there are to be none."""
    report: Path | None
    locale: str | None
    overwrite: bool
    raw: bool
    show_addresses: bool


@dataclass(frozen=True, slots=True)
class _Drafts:
    """A directory for drafts beside the output, and a name of it that every engine takes literally."""

    folder: Path
    by_name: Path


@contextmanager
def _drafts(output: Path | None, links: Path) -> Iterator[_Drafts]:
    with draft_folder(output) as folder:
        by_name = links / "drafts"
        by_name.symlink_to(folder)
        yield _Drafts(folder, by_name)


def _answer(asked: _Asked, wanted: _Wanted, links: Path, bad_rows: int) -> Summary:
    """The summary of the audience; what else is wanted is written."""
    show_addresses = wanted.show_addresses
    if wanted.output is None and wanted.report is None and not asked.as_strictest:
        return _looked_into(_summarized(asked), asked, show_addresses=show_addresses).with_bad_rows(bad_rows)
    with _drafts(wanted.output, links) as drafts:
        chosen, decisions, review = _decided(asked, drafts.by_name / "decisions.parquet", wanted.worded)
        pack = asked.policy.pack
        counted = summarize(chosen.count(decisions), [reason.id for reason in pack.reasons], pack.exceptions)
        summary = review.added_to(counted, as_strictest=asked.as_strictest)
        summary = _looked_into(summary, asked, show_addresses=show_addresses).with_bad_rows(bad_rows)
        if wanted.report is not None:
            page = _page(asked.policy, chosen, decisions, summary, wanted.locale, show_addresses=show_addresses)
            with written_whole(wanted.report, overwrite=wanted.overwrite) as stream:
                stream.write(page)
        if wanted.output is not None:
            _put(chosen, decisions, drafts, wanted.output, overwrite=wanted.overwrite, raw=wanted.raw)
    return summary


def _summarized(asked: _Asked) -> Summary:
    """The audience counted, without a decision of a single contact."""
    with _progress(asked) as progress, _fitting():
        chosen = engine(asked.engine.name, progress)
        frame = asked.contacts(chosen)
        with chosen.told():
            summary = asked.policy.summarize_frame(frame, **asked.how())
        return asked.review().added_to(summary)


def _looked_into(summary: Summary, asked: _Asked, *, show_addresses: bool) -> Summary:
    """The summary with what only the audience itself can tell."""
    with _fitting():
        found = asked.policy.unmatched(asked.contacts(engine(asked.engine.name)), **asked.how())
    return _with_invalid_values(replace(summary, unmatched=found), asked, show_addresses=show_addresses)


def _with_invalid_values(summary: Summary, asked: _Asked, *, show_addresses: bool) -> Summary:
    """The summary with what is not allowed in the audience, of which decisions only say in which fields."""
    if not summary.invalid:
        return summary
    with _fitting():
        frame = asked.contacts(engine(asked.engine.name))
        found = asked.policy.invalid_values(frame, **asked.how())
    if not show_addresses:
        found = tuple(
            replace(one, examples=tuple(masked(text) if "@" in text else text for text in one.examples))
            for one in found
        )
    return replace(summary, invalid_values=found)


def _decided(asked: _Asked, draft: Path, locale: str | None) -> tuple[AudienceEngine, Any, Review]:
    """The decisions, in a file from which all else is told; what reads it; and what the audience is like."""
    with _progress(asked) as progress:
        with _fitting():
            chosen = engine(asked.engine.name, progress)
            frame = asked.contacts(chosen)
            decisions = asked.policy.decide_frame(frame, locale=locale, as_strictest=asked.as_strictest, **asked.how())
            review = asked.review()
        chosen.write(decisions, draft, Form.PARQUET)
    chosen = engine(asked.engine.name, None)
    return chosen, chosen.read([draft], Form.PARQUET), review


@contextmanager
def _fitting() -> Iterator[None]:
    """What is wrong with the columns or the campaign is said all at once."""
    from sendable.audience.frame import FrameError  # noqa: PLC0415 - needs an extra

    try:
        yield
    except (FrameError, sendable.ContextError) as error:
        for problem in error.told(_OPTIONS) if isinstance(error, FrameError) else error.problems:
            complain(f"error: {problem}")
        raise Failure(
            "the audience can't be decided",
            "Correct what is named above; --column COLUMN=PATH says what a column is, --ignore COLUMN gives it up, and"
            " `sendable schema context --format text` lists the paths.",
        ) from error


def _put(
    chosen: AudienceEngine,
    decisions: Any,  # noqa: ANN401 - a frame
    drafts: _Drafts,
    output: Path,
    *,
    overwrite: bool,
    raw: bool,
) -> None:
    """Puts the decisions in the place of `output`, whole, in the form that its name asks for."""
    form = SUFFIXES[output.suffix.lower()]
    name = f"decisions.{form}"
    if form is not Form.PARQUET:
        chosen.write(decisions, drafts.by_name / name, form, raw=raw)
    draft = drafts.folder / name
    if draft.is_dir():
        (draft / MARKER).touch()
    put(draft, output, overwrite=overwrite)


@contextmanager
def _progress(asked: _Asked) -> Iterator[Progress | None]:
    """A progress bar on standard error, where that is a terminal, unless the engine draws its own."""
    # What is strictest takes more than one look at the audience, so that there is no telling how far it is.
    if asked.engine.told is Told.BY_ITSELF or asked.as_strictest or not sys.stderr.isatty():
        yield None
        return
    counts = asked.engine.told is Told.CONTACTS
    match asked.given:
        case _Files(files, Form.PARQUET) if counts:
            total = contacts_in(files)
        case _:
            total = 0 if counts else HUNDREDTHS
    shown = click.progressbar(length=total, file=sys.stderr, label="contacts", show_pos=counts, show_percent=total > 0)
    one_at_a_time = threading.Lock()  # Polars tells from all its threads, and the bar adds up in two steps

    with shown as bar:

        def tell(more: int) -> None:
            with one_at_a_time:
                bar.update(more)

        yield tell


def _page(
    policy: sendable.Policy,
    chosen: AudienceEngine,
    decisions: Any,  # noqa: ANN401 - a frame of the engine
    summary: Summary,
    locale: str | None,
    *,
    show_addresses: bool,
) -> str:
    try:
        from sendable.render.pages.audience_page import audience_page  # noqa: PLC0415 - needs an extra
    except ModuleNotFoundError as error:
        raise Failure(
            "the report needs a package that is not installed", "Run: pip install 'sendable[report]'"
        ) from error
    samples = chosen.samples(decisions, [one.reason for one in summary.reasons], _SAMPLES)
    if not show_addresses:
        samples = {reason: [masked(one) for one in found] for reason, found in samples.items()}
    return audience_page(summary, policy, samples, locale)
