"""A policy that follows the files of its pack while it serves.

A changed pack is loaded whole and beside the one that serves; only when it is good does it take its place, in one
assignment. A broken one, and one that looks like half a pack, changes nothing but the status, and is logged. Files are
looked at by polling, which works on every file system, network ones included.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import stat
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from itertools import chain
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Self, TypeAlias, TypeVar

from sendable.decide.decision import Decision
from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Diagnostic, PolicyError, Severity
from sendable.diagnostics.wording import printed, shown
from sendable.language.scope import PolicyList
from sendable.pack.folder import COLUMNS
from sendable.pack.lock import LOCK, is_locked
from sendable.pack.model import Pack, Reason
from sendable.policy import Policy, load_and_keep

_LOG = logging.getLogger("sendable.reload")
_Fingerprint: TypeAlias = frozenset[tuple[str, int, int, int]]
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")
_TRIES: Final = 5
_MOST_NAMED: Final = 5
_WAY_OUT: Final = f"where that is meant, write a {LOCK} (`sendable lint --lock`) or call reload(accept_less=True)"


@dataclass(frozen=True, slots=True)
class ReloadStatus:
    """What a followed policy serves and how it stands with its files.

    `age` is in seconds since what is served was loaded. `problem` says why the files as they are now are not what is
    served, and is None where they are; `diagnostics` has the details where the pack has errors.
    """

    version: str
    age: float
    problem: str | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def current(self) -> bool:
        """Whether what is served is what the files say."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class _Served:
    """A policy with what the next one is held to: the text of each file, and whether the pack had a lock.

    `roots` are the folders of the pack and of all that it stands on.
    """

    policy: Policy
    roots: tuple[Path, ...]
    texts: Mapping[str, str]
    locked: bool
    loaded: float


class _BeingWrittenError(Exception):
    """The files changed while they were read."""


def _served(
    method: Callable[Concatenate[Policy, _Given], _Answer],
) -> Callable[Concatenate[FollowedPolicy, _Given], _Answer]:
    """The method of the policy that serves."""

    @wraps(method)
    def serve(self: FollowedPolicy, /, *arguments: _Given.args, **options: _Given.kwargs) -> _Answer:
        return method(self.policy, *arguments, **options)

    return serve


class FollowedPolicy:
    """Serves the last good policy of a pack whose files may change at any time. Safe to share between threads.

    It has all that `Policy` has. A change is loaded when the files have stayed the same for `settle` seconds and read
    the same twice, so that a file half written is not taken for a whole one; whoever writes the files does best to
    replace each in one step (write beside it, then rename).

    As what is cut off at the right place is still a good pack, a pack with a `policy.lock` is taken over only where its
    files are those of the lock. Without one, a pack that has less than the one that serves is not taken over by itself:
    a reason is gone or no longer a floor, a list is gone or lost half of its entries or more, a file ends where it
    went on before, the lock is gone. `reload(accept_less=True)` takes it.

    A process that was forked goes on following, and so does what is pickled where it is sent to.
    """

    def __init__(self, path: str | PathLike[str], *, interval: float = 1.0, settle: float = 0.5) -> None:
        root = Path(os.path.abspath(path))  # noqa: PTH100 - links are followed anew each time, and not once
        seen = _fingerprint([root])
        served = _load_settled(root, settle)
        if len(served.roots) > 1:  # what a pack stands on is known once it is loaded: then it is looked at once more
            seen = _fingerprint(served.roots)
            served = _load_settled(root, settle)
        self._follow_from(root, interval, settle, seen, served)

    def _follow_from(
        self, root: Path, interval: float, settle: float, seen: _Fingerprint | None, served: _Served
    ) -> None:
        self._path = root
        self._interval = interval
        self._settle = settle
        self._seen = seen
        self._now = served
        self._problem: str | None = None
        self._diagnostics: tuple[Diagnostic, ...] = ()
        self._changing: tuple[_Fingerprint, float] | None = None
        self._stopped = threading.Event()
        _FOLLOWING.add(self)
        self._start()

    def __reduce__(self) -> tuple[Callable[..., FollowedPolicy], tuple[object, ...]]:
        now = self._now
        return _restored, (self._path, self._interval, self._settle, now.policy, now.roots, now.texts, now.locked)

    @property
    def policy(self) -> Policy:
        """The last good policy. Hold on to it for work that must not see two versions."""
        return self._now.policy

    @property
    def status(self) -> ReloadStatus:
        """How what is served stands with the files."""
        now = self._now
        return ReloadStatus(now.policy.version, time.monotonic() - now.loaded, self._problem, self._diagnostics)

    def reload(self, *, accept_less: bool = False) -> ReloadStatus:
        """Loads the files as they are now, whether they have changed or not, and gives the status.

        With `accept_less` a pack is taken over that has less than the one that serves, as long as it has no error and
        fits its lock.
        """
        for _ in range(_TRIES):
            with self._reloading:
                try:
                    self._load(_fingerprint(self._now.roots), accept_less=accept_less)
                except _BeingWrittenError:
                    pass
                else:
                    break
            time.sleep(self._settle)
        else:
            self._refuse(None, "the files are being written", ())
        return self.status

    def close(self) -> None:
        """Stops following the files; what is served goes on serving."""
        self._stopped.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- as a policy

    @property
    def pack(self) -> Pack:
        """The pack of the last good policy."""
        return self.policy.pack

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.policy.name

    @property
    def version(self) -> str:
        """The version of the last good policy."""
        return self.policy.version

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason of the last good policy, in the order of the priorities."""
        return self.policy.reasons

    def decide(self, context: Mapping[str, Any], *, now: datetime | None = None, validate: bool = True) -> Decision:
        """Decides with the last good policy; see `Policy.decide`."""
        return self._now.policy.decide(context, now=now, validate=validate)

    explain = _served(Policy.explain)
    decide_frame = _served(Policy.decide_frame)
    review_frame = _served(Policy.review_frame)
    summarize_frame = _served(Policy.summarize_frame)
    undeclared = _served(Policy.undeclared)
    invalid_values = _served(Policy.invalid_values)

    if not TYPE_CHECKING:  # type checkers would believe in every name

        def __getattr__(self, name: str) -> object:
            # Whatever else a policy has, this one has too.
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return getattr(self.policy, name)

    # -- following

    def _start(self) -> None:
        """Begins to follow, in a new process anew: no thread and no lock of the old one is there."""
        self._reloading = threading.Lock()
        self._collecting = False
        stopped = self._stopped.is_set()
        self._stopped = threading.Event()
        if stopped:
            self._stopped.set()
        self._thread = threading.Thread(target=self._follow, name="sendable-reload", daemon=True)
        self._thread.start()

    def _forked(self) -> None:
        """What has to be done in a process that was forked from the one that followed."""
        if self._collecting:  # it was forked in the middle of loading, which does without collecting garbage
            gc.enable()
        self._start()

    def _follow(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                self._look()
            except Exception:  # noqa: BLE001 - whatever happens, the policy that serves goes on serving
                self._problem = "the files could not be looked at"
                _LOG.exception(
                    "following %s failed; version %s goes on serving", shown(self._path), self.policy.version
                )

    def _look(self) -> None:
        """Loads the pack where its files have changed and have been left alone since."""
        found = _fingerprint(self._now.roots)
        if found == self._seen:
            self._changing = None
            return
        now = time.monotonic()
        if self._changing is None or self._changing[0] != found:
            self._changing = (found, now)
        if now - self._changing[1] < self._settle:
            return
        with self._reloading:
            try:
                self._load(found, accept_less=False)
            except _BeingWrittenError:
                return  # the next look takes it

    def _load(self, found: _Fingerprint, *, accept_less: bool) -> None:
        """Takes over what the files say, or says why not; raises _BeingWrittenError where they are still changing."""
        self._collecting = gc.isenabled()
        try:
            loaded = _load_whole(self._path)
        except PolicyError as error:
            self._refuse(found, _problem_of(error.diagnostics), error.diagnostics)
            return
        finally:
            self._collecting = False
        if _fingerprint(self._now.roots) != found:
            raise _BeingWrittenError
        less = [] if loaded.locked or accept_less else [*_less(self._now, loaded)]
        if less:
            told = f"the pack has less than the one that serves: {'; '.join(less)}; {_WAY_OUT}"
            self._refuse(found, told, ())
            return
        before = self.policy.version
        self._seen = found if loaded.roots == self._now.roots else None  # with another base there is more to look at
        self._now = loaded
        self._problem, self._diagnostics = None, ()
        if loaded.policy.version != before:
            _LOG.info("version %s of %s serves in place of %s", loaded.policy.version, shown(self._path), before)

    def _refuse(self, found: _Fingerprint | None, problem: str, details: tuple[Diagnostic, ...]) -> None:
        if not any(one.rule is codes.UNREADABLE_FILE for one in details):
            self._seen = found  # what can't be read may be read a moment later, without any sign of a change
        if (problem, details) == (self._problem, self._diagnostics):
            return  # it is logged
        self._problem, self._diagnostics = problem, details
        age = time.monotonic() - self._now.loaded
        listed = "".join(f"\n{diagnostic}" for diagnostic in details)
        message = "%s: %s; version %s, loaded %.0f s ago, goes on serving%s"
        problem, listed = printed(problem), printed(listed)
        _LOG.error(message, shown(self._path), problem, self.policy.version, age, listed)


_FOLLOWING: Final[weakref.WeakSet[FollowedPolicy]] = weakref.WeakSet()


def _forked() -> None:
    for followed in list(_FOLLOWING):
        followed._forked()  # noqa: SLF001 - it is of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _restored(
    root: Path,
    interval: float,
    settle: float,
    policy: Policy,
    roots: tuple[Path, ...],
    texts: Mapping[str, str],
    locked: bool,
) -> FollowedPolicy:
    """A followed policy that was pickled: it serves what it served, and looks at the files anew."""
    followed = FollowedPolicy.__new__(FollowedPolicy)
    followed._follow_from(root, interval, settle, None, _Served(policy, roots, texts, locked, time.monotonic()))  # noqa: SLF001
    return followed


# -- whole packs


def _load_settled(root: Path, settle: float) -> _Served:
    """The pack in `root`, read once more while it is being written; PolicyError when it has an error or goes on so."""
    for _ in range(_TRIES):
        try:
            return _load_whole(root)
        except _BeingWrittenError:
            time.sleep(settle)
    whole = Span.whole_file(str(root))
    collector = Collector()
    collector.report(codes.UNREADABLE_FILE, whole, file=root, why="its files are being written")
    raise PolicyError(collector.sorted())


def _load_whole(root: Path) -> _Served:
    """The pack in `root`, which fits its lock where it has one.

    Raises PolicyError, and _BeingWrittenError where the files do not hold a moment later what was read.
    """
    locked = is_locked(root)
    policy, reading = load_and_keep(root, verify=locked)
    for name, digest in reading.digests.items():
        try:
            unchanged = hashlib.sha256(reading.paths[name].read_bytes()).hexdigest() == digest
        except OSError:
            unchanged = False
        if not unchanged:
            raise _BeingWrittenError
    if is_locked(root) != locked:
        raise _BeingWrittenError
    texts = {name: source.text for name, source in reading.sources.items()}
    return _Served(policy, tuple(reading.roots), texts, locked, time.monotonic())


def _problem_of(found: tuple[Diagnostic, ...]) -> str:
    errors = [one for one in found if one.severity is Severity.ERROR]
    if all(one.rule is codes.LOCK_DIFFERS for one in errors):
        return f"the files do not fit {LOCK}"
    return "the pack has errors"


def _less(before: _Served, after: _Served) -> Iterator[str]:
    """What `after` lacks of `before`, as half a pack does."""
    if before.locked and not after.locked:
        yield f"{LOCK} is gone"
    if before.policy.version == after.policy.version:
        return
    reasons = {reason.id: reason for reason in after.policy.reasons}
    gone = [reason.id for reason in before.policy.reasons if reason.id not in reasons]
    if gone:
        yield f"reasons are gone ({_some(gone)})"
    lowered = [
        reason.id
        for reason in before.policy.reasons
        if reason.floor and reason.id in reasons and not reasons[reason.id].floor
    ]
    if lowered:
        yield f"reasons are no longer floors ({_some(lowered)})"
    yield from _shorter(before.policy.pack.lists, after.policy.pack.lists)
    if before.policy.pack.columns is not None and after.policy.pack.columns is None:
        yield f"{COLUMNS} is gone"
    for name, text in before.texts.items():
        if name in after.texts and _is_cut_off(after.texts[name], text):
            yield f"{name} is cut off: it ends where there was more before"


def _shorter(before: Mapping[str, PolicyList], after: Mapping[str, PolicyList]) -> Iterator[str]:
    for name, one in before.items():
        if name not in after:
            yield f"the list {name} is gone"
        elif one.entries and 2 * len(one.entries - after[name].entries) >= len(one.entries):
            yield f"the list {name} lost half of its {len(one.entries)} entries or more"


def _is_cut_off(text: str, whole: str) -> bool:
    """Whether `text` ends where `whole` goes on, as a text does that was to replace it and could not be written whole.

    What stands above may differ. The last line may be a part of one: of any entry of a list, or of the line that
    follows in `whole`.
    """
    lines, before = _lines(text), _lines(whole)
    lacking = Counter(before) - Counter(lines)
    for behind, line in enumerate(reversed(lines[-2:])):
        if line in before:
            lost = before[_nth(before, line, lines.count(line)) + 1 :]
            if not any(one in lacking for one in lost):
                return False
            last = lines[-1]
            is_entry = last.lstrip().startswith("- ") and len(lost) > 1
            return behind == 0 or is_entry or (lost[0] != last and lost[0].startswith(last))
    return False


def _lines(text: str) -> list[str]:
    """The lines that are neither blank nor a comment."""
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _nth(lines: list[str], line: str, number: int) -> int:
    """The index of `line` where it stands for the `number`-th time, or the last time."""
    return [index for index, one in enumerate(lines) if one == line][:number][-1]


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED} more"


def _fingerprint(roots: Iterable[Path]) -> _Fingerprint:
    """What tells a change of the files under `roots` without reading them: names, times, sizes, identities.

    Links count by themselves too: one may lead to another folder than before.
    """
    found: set[tuple[str, int, int, int]] = set()
    for path in chain.from_iterable(root.rglob("*") for root in roots):
        for follow in (True, False) if path.is_symlink() else (True,):
            try:
                status = path.stat(follow_symlinks=follow)
            except OSError:
                continue  # gone between listing and looking, or a link that leads nowhere
            if not stat.S_ISDIR(status.st_mode):
                found.add((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return frozenset(found)


def watch(path: str | PathLike[str], *, interval: float = 1.0, settle: float = 0.5) -> FollowedPolicy:
    """The policy of the pack in the directory `path`, kept up to date with its files.

    They are looked at every `interval` seconds and loaded once they have stayed the same for `settle` seconds. Raises
    PolicyError when the pack has an error at the start, or does not fit its `policy.lock` where it has one.
    """
    return FollowedPolicy(path, interval=interval, settle=settle)
