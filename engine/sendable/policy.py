"""The public interface: load a pack, decide with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from sendable.decide.compiled import CompiledProgram
from sendable.decide.decision import Decision
from sendable.decide.facts import FactReader, given_time
from sendable.diagnostics.record import PolicyError
from sendable.diagnostics.wording import near_miss
from sendable.pack.loader import read_pack
from sendable.pack.lock import check_lock
from sendable.pack.model import Pack, Reason
from sendable.pack.reading import Reading
from sendable.pack.resources import bundled_path

if TYPE_CHECKING:
    from sendable.audience.question import FrameOptions
    from sendable.audience.summary import InvalidValues, Review, Summary, Unmatched
    from sendable.explain.explanation import Explanation


_MOST_MEANT: Final = 100
"""Of how many undeclared paths of a context it is found out what they were meant to be: a hostile one has 100,000."""


class Policy:
    """A loaded pack that decides. Immutable, safe to share between threads, and to pickle for other processes."""

    __slots__ = ("_checked", "_meant", "_program", "_reader", "_unchecked", "pack")

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._reader = FactReader.of(pack.fields.values())
        self._program = CompiledProgram(pack, self._reader)
        # The same few paths are undeclared in contact after contact, and looking for a near miss is slow.
        alike = self._reader.alike
        self._meant = lru_cache(maxsize=1_000)(lambda path: near_miss(path, alike(path)))
        self._checked = self._program.checked
        self._unchecked = self._program.unchecked

    def __reduce__(self) -> tuple[type[Policy], tuple[Pack]]:
        # Functions that were made for this process are made anew where the policy is sent to.
        return Policy, (self.pack,)

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.pack.name

    @property
    def version(self) -> str:
        """The digest of what the pack's files say: the same on every machine, whatever their layout and comments."""
        return self.pack.version

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason of the pack, in the order of the priorities."""
        return self.pack.reasons

    def decide(self, context: Mapping[str, Any], *, now: datetime | None = None, validate: bool = True) -> Decision:
        """May the email described by `context` go to its contact?

        `context` is a Mapping as `context.schema.json` describes it; absent and None mean unknown. `now`, an aware
        datetime, is used where the context has no `now` of its own; by default it is the current time. Nothing is
        changed, and neither clock (but for that), network nor files are used.

        Raises ContextError naming every declared path with a wrong type or a value that is not allowed. With
        `validate=False`, for callers who have validated the context themselves, values are taken as they are: what
        becomes of wrong ones is not defined.
        """
        if now is not None:
            now = given_time(now)
        # Plain dictionaries, which is what JSON gives, are decided by one function; all else goes the long way.
        try:
            if type(context) is dict and type(email := context.get("email")) is dict:
                function = (self._checked if validate else self._unchecked).get(email.get("channel"))
                if function is not None and (decision := function(context, now)) is not None:
                    return decision
        except Exception:  # noqa: BLE001, S110 - a value that can't be hashed, or worse: the long way says what it is
            pass
        return self._program.decide(context, now)

    def explain(self, context: Mapping[str, Any], *, now: datetime | None = None) -> Explanation:
        """What `decide` says of `context`, why, what would clear it, when it clears by itself and what is missing.

        Raises ContextError as `decide` does. It takes some milliseconds: it is for people who ask, and not for sending.
        """
        from sendable.explain.explanation import Explanation  # noqa: PLC0415 - whoever decides does without it

        facts = self._reader.read(context, now)
        return Explanation(self.pack, self._program.decide_facts(facts), facts)

    def decide_frame(
        self,
        frame: Any,  # noqa: ANN401 - any kind of frame that Narwhals knows
        *,
        campaign: Mapping[str, Any],
        columns: Mapping[str, str | None] | None = None,
        keys: str | Sequence[str] | None = None,
        now: datetime | None = None,
        locale: str | None = None,
        texts: bool = False,
        ignore: Iterable[str] = (),
        time_zone: str | None = None,
        as_strictest: bool = False,
    ) -> Any:  # noqa: ANN401 - the same kind of frame
        """May the email described by `campaign` go to each contact of `frame`? As `decide` would say for each row.

        `frame` is a frame of Polars, DuckDB, PySpark, pandas or pyarrow, eager or lazy, and so is the result: the
        columns `keys` (by default the contact's id, else the address) and

        - `sendable`; `reason`, the primary reason's id; `reasons`, the ids of all, in order; `certainty`, of the
          primary one; `missing`, the paths whose lack leaves reasons undetermined; `monitored`, the ids of reasons that
          are only monitored and have a finding; `excepted`, those of reasons that exceptions lift, and `exceptions`,
          for each of them the id of the exception; `clears_at`, the earliest time at which the email becomes sendable
          by itself;
        - `invalid`: the paths whose values are not allowed. Such a row is not decided: the columns above are null, so
          that neither those who may get the email nor those who may not have it among them;
        - with a `locale`, a BCP 47 tag: `message`, of the primary reason;
        - with `as_strictest`: `strictest_of`, how many rows have the address. All of them then have the decision of the
          strictest: suppressed before not decided before sendable; of the suppressed matched before undetermined, then
          by priority. Without it, each row is decided by itself.

        `campaign` is a context document of what is the same for all: `email`, `account`, `sender`, `now`. Columns are
        fields by their names: `hard_bounces` is `contact.hard_bounces`, and so are `contact__hard_bounces` and a field
        of a struct column `contact`; `delivery__failure` is `delivery.failure`. `columns` names the paths of others,
        and None for a column that is no field whatever its name.

        The names of the address that the pack's `intake/columns.yaml` has, such as `Email Address`, are it too. A
        column that is no field, and by that file's words tells of opt-outs, bounces, complaints, consent or
        suppression, is refused, unless `ignore` gives it up by its name; so is a field of a struct, as `contact.name`.

        With `texts`, for what comes from files, columns of texts may stand for values of any type: `true` and `false`,
        `yes` and `no`, `ja` and `nej`, 1 and 0; numbers, also with a decimal comma; lists with semicolons between their
        items, [] for the empty one, or as JSON; choices in whatever case. An empty text, `NULL` or `N/A` is no value,
        but for a field that is a text. What can't be read, or has more than one meaning, makes a row invalid.

        `time_zone`, an IANA name, is that of dates and times without an offset; without it they are not allowed. Whole
        numbers are times where they have the digits of seconds, milliseconds or microseconds since 1970.

        Only DuckDB is asked anything before the result is, for what has to be computed in Python; that and the lists of
        the pack stand in the SQL of the result, but for those of more than 10,000 entries, which it reads from memory.
        Raises FrameError naming every column that does not fit, and ContextError for the campaign.
        """
        from sendable.audience.decide import Question, decide_frame  # noqa: PLC0415 - whoever decides single emails does without it

        question = Question(frame, campaign, now, columns, keys, texts, ignore, time_zone)
        return decide_frame(self.pack, question, locale=locale, as_strictest=as_strictest)

    def summarize_frame(
        self,
        frame: Any,  # noqa: ANN401 - any kind of frame that Narwhals knows
        *,
        campaign: Mapping[str, Any],
        now: datetime | None = None,
        **options: Unpack[FrameOptions],
    ) -> Summary:
        """How many contacts of `frame` would get the email described by `campaign`, and what holds the others back?

        What `decide_frame` says of each contact, which is described there, counted: the figures add up to the audience.
        No contact's decision is spelled out, so it takes less time. `keys` need not be given.
        """
        from sendable.audience.decide import Question, summarize_frame  # noqa: PLC0415 - whoever decides single emails does without it

        return summarize_frame(self.pack, Question(frame, campaign, now, **options))

    def invalid_values(
        self,
        frame: Any,  # noqa: ANN401 - any kind of frame that Narwhals knows
        *,
        campaign: Mapping[str, Any],
        **options: Unpack[FrameOptions],
    ) -> tuple[InvalidValues, ...]:
        """What is not allowed in the columns of `frame`: in how many rows, and some of the values.

        The arguments are those of `decide_frame`, and so are the errors. It is for summaries: the frame is read again.
        """
        from sendable.audience.decide import Question, invalid_values  # noqa: PLC0415 - whoever decides single emails does without it

        return invalid_values(self.pack, Question(frame, campaign, **options))

    def unmatched(
        self,
        frame: Any,  # noqa: ANN401 - any kind of frame that Narwhals knows
        *,
        campaign: Mapping[str, Any],
        **options: Unpack[FrameOptions],
    ) -> tuple[Unmatched, ...]:
        """Which identifiers of the campaign, such as its subscription type, are in nobody's list of `frame`.

        Only where somebody's list is not empty: then the identifier may be a wrong one. The arguments are those of
        `decide_frame`, and so are the errors. It is for summaries: the frame is read again.
        """
        from sendable.audience.decide import Question, unmatched  # noqa: PLC0415 - whoever decides single emails does without it

        return unmatched(self.pack, Question(frame, campaign, **options))

    def review_frame(
        self,
        frame: Any,  # noqa: ANN401 - any kind of frame that Narwhals knows
        *,
        campaign: Mapping[str, Any],
        **options: Unpack[FrameOptions],
    ) -> Review:
        """What `frame` is like, whatever is decided of it.

        Which columns nothing is decided by; which addresses and keys stand on several rows, and whether rows of one
        address disagree on what a floor depends on. The frame is read.

        The arguments are those of `decide_frame`, and so are the errors.
        """
        from sendable.audience.decide import Question, review_frame  # noqa: PLC0415 - whoever decides single emails does without it

        return review_frame(self.pack, Question(frame, campaign, **options))

    def undeclared(self, context: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
        """The paths of `context` that no schema declares, each with the declared path it was probably meant to be.

        That is looked for where there are at most 100 of them: of more, it is known of the first 100.
        """
        found = enumerate(self._reader.undeclared(context))
        return tuple((path, self._meant(path) if number < _MOST_MEANT else None) for number, path in found)


def load(path: str | PathLike[str] | None = None, *, verify: bool = False) -> Policy:
    """The policy of the pack in the directory `path`, by default the bundled one.

    Raises PolicyError with every problem of the pack when there is an error among them. With `verify` it is one that
    the files are not what the pack's `policy.lock` says, or that there is no such file.
    """
    return load_and_keep(bundled_path("policies") if path is None else Path(path), verify=verify)[0]


def load_and_keep(root: Path, *, verify: bool) -> tuple[Policy, Reading]:
    """The policy of the pack in the directory `root`, as `load` gives it, and all that was read of it."""
    reading = read_pack(root)
    if verify:
        check_lock(root, reading.digests, reading.collector)
    if reading.pack is None or reading.collector.has_errors:
        raise PolicyError(reading.collector.sorted())
    return Policy(reading.pack), reading
