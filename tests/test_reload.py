"""A followed policy: the last good pack serves, whatever happens to the files, and readers never notice."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sendable
from sendable.reload import FollowedPolicy
from tests.test_cases import CASES

CONTEXT: dict[str, Any] = {
    "email": {"channel": "marketing"},
    "contact": {"email": "kim@example.com", "marked_as_spam": False, "hard_bounces": 1},
}
SECOND = """
  {id}:
    title: {{en: Second, sv: Andra}}
    priority: {priority}
    channels: [marketing]
    basis: reputation
    when: contact.hard_bounces > 0
    on_unknown: ignore
    retry: never
    fixable_by: user
    message: {{en: It bounced., sv: Det kom tillbaka.}}
    fix: {{en: Stop., sv: Sluta.}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASES / "base", tmp_path / "pack"))


@pytest.fixture
def followed(pack: Path) -> Iterator[FollowedPolicy]:
    with sendable.watch(pack, interval=0.01, settle=0.03) as policy:
        yield policy


def reasons_file(pack: Path) -> Path:
    return pack / "reasons" / "reasons.yaml"


def replace(file: Path, text: str) -> None:
    """Writes as one should: beside it, and then in one step."""
    beside = file.parent / f".{file.name}.new"
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def test_a_changed_pack_takes_over(pack: Path, followed: FollowedPolicy) -> None:
    before = followed.policy
    assert followed.decide(CONTEXT).sendable
    replace(reasons_file(pack), reasons_file(pack).read_text() + SECOND.format(id="second", priority=20))
    until(lambda: not followed.decide(CONTEXT).sendable)
    assert followed.status.current
    assert followed.status.version == sendable.load(pack).version != before.version
    assert before.decide(CONTEXT).sendable  # who holds on to a policy keeps it


def test_a_broken_pack_changes_nothing_but_the_status(
    pack: Path, followed: FollowedPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    version, good = followed.status.version, reasons_file(pack).read_text()
    with caplog.at_level(logging.INFO, "sendable.reload"):
        replace(reasons_file(pack), good.replace("when: contact.marked_as_spam", "when: contact.marked_as_spma"))
        until(lambda: not followed.status.current)
        status = followed.status
        assert (status.version, status.problem) == (version, "the pack has errors")
        assert [one.code for one in status.diagnostics] == ["SND401"]
        assert status.age > 0
        assert followed.decide(CONTEXT).sendable
        # It is logged a moment after the status tells.
        until(lambda: any("contact.marked_as_spma" in record.getMessage() for record in caplog.records))
        replace(reasons_file(pack), good)
        until(lambda: followed.status.current)
    assert followed.status.diagnostics == ()


def test_a_pack_that_vanishes_goes_on_serving(pack: Path, followed: FollowedPolicy) -> None:
    shutil.rmtree(pack)
    until(lambda: not followed.status.current)
    assert followed.decide(CONTEXT).sendable


def test_a_file_cut_off_at_the_right_place_does_not_lose_a_floor(pack: Path, followed: FollowedPolicy) -> None:
    whole = reasons_file(pack).read_text()
    replace(reasons_file(pack), "reasons:\n" + SECOND.format(id="second", priority=20))
    until(lambda: not followed.status.current)
    assert followed.status.problem == "the pack lacks floors that are being served: marked_as_spam"
    spam = {**CONTEXT, "contact": {**CONTEXT["contact"], "marked_as_spam": True}}
    assert not followed.decide(spam).sendable
    assert followed.reload(accept_fewer_floors=True).current
    assert [finding.id for finding in followed.decide(spam).reasons] == ["second"]
    replace(reasons_file(pack), whole)
    until(lambda: not followed.decide(spam).sendable and followed.decide(CONTEXT).sendable)


def test_half_written_files_are_never_served_and_readers_never_fail(pack: Path) -> None:
    text = reasons_file(pack).read_text()
    texts = [text + SECOND.format(id=f"second{number}", priority=20) for number in range(6)]
    served: set[str] = set()
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                served.update(finding.id for finding in policy.decide(CONTEXT).reasons)
                assert policy.status.version
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)

    with sendable.watch(pack, interval=0.005, settle=0.05) as policy:
        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for new in texts:
            with reasons_file(pack).open("w", encoding="utf-8") as file:
                for start in range(0, len(new), 200):
                    file.write(new[start : start + 200])
                    file.flush()
                    time.sleep(0.002)
        last = sendable.load(pack).version
        until(lambda: policy.status.version == last and (bool(failures) or "second5" in served))
        done.set()
        for reader in readers:
            reader.join()
    assert not failures
    assert served <= {f"second{number}" for number in range(6)}


def test_a_broken_pack_at_the_start_is_an_error(pack: Path) -> None:
    shutil.rmtree(pack / "reasons")
    with pytest.raises(sendable.PolicyError):
        sendable.watch(pack)


def test_closing_stops_the_thread(pack: Path) -> None:
    policy = sendable.watch(pack, interval=0.01)
    policy.close()
    assert not [
        thread for thread in threading.enumerate() if thread.name == "sendable-reload" and thread is policy._thread
    ]
    assert policy.decide(CONTEXT).sendable
