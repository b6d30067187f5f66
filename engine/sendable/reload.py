"""A policy that follows the files of its pack while it serves.

A changed pack is loaded whole and beside the one that serves; only when it is good does it take its place, in one
assignment. A broken one changes nothing but the status, and is logged. Files are looked at by polling, which works on
every file system, network ones included.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from sendable.api import Policy, load
from sendable.diagnostics import Diagnostic, PolicyError
from sendable.model import Decision

_LOG = logging.getLogger("sendable.reload")
_Fingerprint: TypeAlias = frozenset[tuple[str, int, int, int]]


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


class FollowedPolicy:
    """Serves the last good policy of a pack whose files may change at any time. Safe to share between threads.

    A change is loaded when the files have stayed the same for `settle` seconds, so that a file half written is not
    taken for a whole one; whoever writes the files does best to replace each in one step (write beside it, then
    rename). As what is cut off at the right place is still a good pack, one that lacks a floor which is being served is
    not taken over by itself: `reload(accept_fewer_floors=True)` does it.
    """

    def __init__(self, path: str | PathLike[str], *, interval: float = 1.0, settle: float = 0.5) -> None:
        self._path = Path(path)
        self._settle = settle
        self._interval = interval
        self._reloading = threading.Lock()
        self._stopped = threading.Event()
        self._seen = _fingerprint(self._path)
        self._policy = load(self._path)
        self._loaded = time.monotonic()
        self._problem: str | None = None
        self._diagnostics: tuple[Diagnostic, ...] = ()
        self._changing: tuple[_Fingerprint, float] | None = None
        self._thread = threading.Thread(target=self._follow, name="sendable-reload", daemon=True)
        self._thread.start()

    @property
    def policy(self) -> Policy:
        """The last good policy. Hold on to it for work that must not see two versions."""
        return self._policy

    @property
    def status(self) -> ReloadStatus:
        """How what is served stands with the files."""
        age = time.monotonic() - self._loaded
        return ReloadStatus(self._policy.version, age, self._problem, self._diagnostics)

    def decide(self, context: Mapping[str, Any], *, now: datetime | None = None, validate: bool = True) -> Decision:
        """Decides with the last good policy; see `Policy.decide`."""
        return self._policy.decide(context, now=now, validate=validate)

    def reload(self, *, accept_fewer_floors: bool = False) -> ReloadStatus:
        """Loads the files as they are now, whether they have changed or not, and gives the status."""
        with self._reloading:
            self._load(_fingerprint(self._path), accept_fewer_floors=accept_fewer_floors)
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

    # -- following

    def _follow(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                self._look()
            except Exception:  # noqa: BLE001 - whatever happens, the policy that serves goes on serving
                self._problem = "the files could not be looked at"
                _LOG.exception("following %s failed; version %s goes on serving", self._path, self._policy.version)

    def _look(self) -> None:
        """Loads the pack where its files have changed and have been left alone since."""
        found = _fingerprint(self._path)
        if found == self._seen:
            self._changing = None
            return
        now = time.monotonic()
        if self._changing is None or self._changing[0] != found:
            self._changing = (found, now)
        if now - self._changing[1] < self._settle:
            return
        with self._reloading:
            self._load(found, accept_fewer_floors=False)

    def _load(self, found: _Fingerprint, *, accept_fewer_floors: bool) -> None:
        try:
            policy = load(self._path)
        except PolicyError as error:
            self._refuse(found, "the pack has errors", error.diagnostics)
            return
        if _fingerprint(self._path) != found:
            return  # it was being written while it was read: the next look takes it
        lost = _floors(self._policy) - _floors(policy)
        if lost and not accept_fewer_floors:
            self._refuse(found, f"the pack lacks floors that are being served: {', '.join(sorted(lost))}", ())
            return
        before = self._policy.version
        self._policy = policy
        self._loaded = time.monotonic()
        self._seen = found
        self._problem, self._diagnostics = None, ()
        if policy.version != before:
            _LOG.info("version %s of %s serves in place of %s", policy.version, self._path, before)

    def _refuse(self, found: _Fingerprint, problem: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        self._seen = found
        self._problem, self._diagnostics = problem, diagnostics
        age = time.monotonic() - self._loaded
        details = "".join(f"\n{diagnostic}" for diagnostic in diagnostics)
        message = "%s: %s; version %s, loaded %.0f s ago, goes on serving%s"
        _LOG.error(message, self._path, problem, self._policy.version, age, details)


def _floors(policy: Policy) -> set[str]:
    return {reason.id for reason in policy.reasons if reason.floor}


def _fingerprint(root: Path) -> _Fingerprint:
    """What tells a change of the files under `root` without reading them: names, times, sizes, identities."""
    found: set[tuple[str, int, int, int]] = set()
    for path in root.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue  # gone between listing and looking: the next look sees it
        if path.is_file():
            found.add((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return frozenset(found)


def watch(path: str | PathLike[str], *, interval: float = 1.0, settle: float = 0.5) -> FollowedPolicy:
    """The policy of the pack in the directory `path`, kept up to date with its files.

    They are looked at every `interval` seconds and loaded once they have stayed the same for `settle` seconds. Raises
    PolicyError when the pack has an error at the start.
    """
    return FollowedPolicy(path, interval=interval, settle=settle)
