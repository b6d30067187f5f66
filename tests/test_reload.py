"""A followed policy: the last good pack serves, whatever happens to the files, and readers never notice."""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sendable
from sendable import policy as loading
from sendable import reload as reloading
from sendable.reload import FollowedPolicy
from tests.support.environment import ENVIRONMENT
from tests.support.packs import CASES

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


def test_a_change_in_the_folder_of_the_base_is_taken_too(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "policy.yaml").write_text("name: acme\nextends: ../pack\n", encoding="utf-8")
    with sendable.watch(tmp_path / "acme", interval=0.01, settle=0.03) as followed:
        assert followed.decide(CONTEXT).sendable
        replace(reasons_file(pack), reasons_file(pack).read_text() + SECOND.format(id="second", priority=20))
        until(lambda: not followed.decide(CONTEXT).sendable)
        assert followed.status.version == sendable.load(tmp_path / "acme").version


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
    problem = "the pack has less than the one that serves: reasons are gone (marked_as_spam); where that is meant"
    assert str(followed.status.problem).startswith(problem)
    spam = {**CONTEXT, "contact": {**CONTEXT["contact"], "marked_as_spam": True}}
    assert not followed.decide(spam).sendable
    assert followed.reload(accept_less=True).current
    assert [finding.id for finding in followed.decide(spam).reasons] == ["second"]
    replace(reasons_file(pack), whole + SECOND.format(id="second", priority=20))
    until(lambda: not followed.decide(spam).sendable and len(followed.reasons) == 3)


def test_half_written_files_are_never_served_and_readers_never_fail(pack: Path) -> None:
    text = reasons_file(pack).read_text()
    added = [SECOND.format(id=f"second{number}", priority=20 + number) for number in range(6)]
    texts = [text + "".join(added[: number + 1]) for number in range(6)]
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


# Half a pack.


def lists_file(pack: Path) -> Path:
    return pack / "lists" / "lists.yaml"


LAST = (
    "reasons:"
    + SECOND.format(id="last", priority=17).replace("    when: contact.hard_bounces > 0\n", "")
    + """\
    when: >-
      contact.marked_as_spam
      or contact.hard_bounces > 9
"""
)


def condition_file(pack: Path) -> Path:
    return pack / "reasons" / "last.yaml"


def entries(*names: str, blocked: str = "      - kim@example.com\n      - bo@example.com\n") -> str:
    return (
        "lists:\n  blocked:\n    description: They asked for no email.\n    entries:\n"
        + blocked
        + "  role_accounts:\n    description: Addresses that belong to a role.\n    entries:\n"
        + "".join(f"      - {name}\n" for name in names)
    )


def lock(pack: Path) -> None:
    command = [sys.executable, "-m", "sendable", "lint", str(pack), "--lock"]
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, timeout=60)


LESS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a reason": (
        lambda pack: replace(reasons_file(pack), "reasons:\n" + SECOND.format(id="other", priority=10)),
        "reasons are gone (marked_as_spam)",
    ),
    "a file of reasons": (lambda pack: (pack / "reasons" / "roles.yaml").unlink(), "reasons are gone (role_address)"),
    "a floor": (
        lambda pack: replace(reasons_file(pack), reasons_file(pack).read_text().replace("    floor: true\n", "")),
        "reasons are no longer floors (marked_as_spam)",
    ),
    "a list": (
        lambda pack: replace(lists_file(pack), entries("info", "support").replace("blocked:", "stopped:")),
        "the list blocked is gone",
    ),
    "half a list": (
        lambda pack: replace(lists_file(pack), entries("info", "other", "more", blocked="      - bo@example.com\n")),
        "the list blocked lost half of its 2 entries or more",
    ),
    "the end of a file": (
        lambda pack: replace(lists_file(pack), entries("a", "b", "c", "d", "e", "info").removesuffix("o\n")),
        "lists/lists.yaml is cut off: it ends where there was more before",
    ),
    "the end of a newer file": (
        lambda pack: replace(lists_file(pack), entries("a", "aa", "b", "c", "d", "e", "info")),
        "lists/lists.yaml is cut off: it ends where there was more before",
    ),
    "the end of a newer file, within a new entry": (
        lambda pack: replace(lists_file(pack), entries("aa", "a", "b", "c", "d", "dada").removesuffix("da\n")),
        "lists/lists.yaml is cut off: it ends where there was more before",
    ),
    "the end of a newer file, within its last entry": (
        lambda pack: replace(lists_file(pack), entries("aa", "a", "b", "c", "d", "e", "info", "sup")),
        "lists/lists.yaml is cut off: it ends where there was more before",
    ),
    "the end of a condition": (
        lambda pack: replace(
            condition_file(pack), LAST.replace("17", "18").replace("      or contact.hard_bounces > 9\n", "")
        ),
        "reasons/last.yaml is cut off: it ends where there was more before",
    ),
}


@pytest.fixture
def fuller(pack: Path) -> Path:
    """The pack with more in its lists, and a reason that ends with its condition in a file of its own."""
    replace(condition_file(pack), LAST)
    replace(lists_file(pack), entries("a", "b", "c", "d", "e", "info", "support"))
    return pack


@pytest.mark.parametrize("what", LESS)
def test_a_pack_with_less_needs_to_be_asked_for(what: str, fuller: Path, caplog: pytest.LogCaptureFixture) -> None:
    change, told = LESS[what]
    with sendable.watch(fuller, interval=60, settle=0) as followed:
        before = followed.version
        change(fuller)
        status = followed.reload()
        assert status.problem is not None
        assert told in status.problem
        assert status.version == before != sendable.load(fuller).version
        assert [told in record.getMessage() for record in caplog.records] == [True]
        followed.reload()
        assert len(caplog.records) == 1  # it was said
        assert followed.reload(accept_less=True).current
        assert followed.version == sendable.load(fuller).version


def test_layout_and_more_are_no_less(fuller: Path) -> None:
    with sendable.watch(fuller, interval=60, settle=0) as followed:
        replace(lists_file(fuller), lists_file(fuller).read_text() + "      - more\n# the end\n")
        assert followed.reload().current
        replace(lists_file(fuller), lists_file(fuller).read_text().removesuffix("# the end\n"))
        assert followed.reload().current
        replace(lists_file(fuller), lists_file(fuller).read_text().replace("      - b\n", ""))
        assert followed.reload().current
        for last in ("      - last\n", "      - least\n      - more\n", "      - more\n      - least\n"):
            replace(lists_file(fuller), entries("a", "c", "d", "e", "info", "support") + last)
            assert followed.reload().current, followed.status.problem


def test_with_a_lock_only_what_fits_it_is_taken(fuller: Path) -> None:
    lock(fuller)
    with sendable.watch(fuller, interval=60, settle=0) as followed:
        before = followed.version
        replace(lists_file(fuller), entries("a", "b", "c", "d", "e", "f", "g", "h"))
        for accept_less in (False, True):
            status = followed.reload(accept_less=accept_less)
            assert (status.problem, status.version) == ("the files do not fit policy.lock", before)
            assert [one.code for one in status.diagnostics] == ["SND513"]
        lock(fuller)
        assert followed.reload().current
        # What its author vouched for may be less.
        replace(lists_file(fuller), entries("a"))
        lock(fuller)
        assert followed.reload().current
        (fuller / "policy.lock").unlink()
        problem = "the pack has less than the one that serves: policy.lock is gone; where that is meant"
        assert str(followed.reload().problem).startswith(problem)
        assert followed.reload(accept_less=True).current
        (fuller / "policy.lock").write_text("{")
        assert followed.reload().problem == "the pack has errors"
    with pytest.raises(sendable.PolicyError):
        sendable.watch(fuller)


def test_files_that_change_while_they_are_read_are_not_taken(fuller: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = loading.load_and_keep
    again = 0

    def torn(root: Path, *, verify: bool) -> Any:
        nonlocal again
        found = read(root, verify=verify)
        if again:
            again -= 1
            # With the times and the size that it had: only what is in it tells.
            status = lists_file(root).stat()
            text = lists_file(root).read_text()
            lists_file(root).write_text(
                text.replace("- a\n", "- A\n") if "- a\n" in text else text.replace("- A\n", "- a\n")
            )
            os.utime(lists_file(root), ns=(status.st_atime_ns, status.st_mtime_ns))
        return found

    monkeypatch.setattr(reloading, "load_and_keep", torn)
    again = 1
    with sendable.watch(fuller, interval=60, settle=0) as followed:
        assert again == 0
        before = followed.version
        again = 100
        assert followed.reload().problem == "the files are being written"
        assert followed.version == before
        again = 0
        assert followed.reload().current
        again = 100
        with pytest.raises(sendable.PolicyError, match="its files are being written"):
            sendable.watch(fuller, settle=0)


def test_what_could_not_be_read_is_looked_at_again(fuller: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open
    refusing = False

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if refusing and path.name == "reasons.yaml":
            raise PermissionError(13, "no")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with sendable.watch(fuller, interval=0.01, settle=0) as followed:
        refusing = True
        replace(lists_file(fuller), lists_file(fuller).read_text() + "      - more\n")
        until(lambda: not followed.status.current)
        refusing = False
        until(lambda: followed.status.current)
        assert "more" in followed.pack.lists["role_accounts"].entries


def test_a_link_that_leads_to_another_folder_is_a_change(fuller: Path) -> None:
    (fuller / "lists").rename(fuller / "lists-1")
    shutil.copytree(fuller / "lists-1", fuller / "lists-2")
    (fuller / "lists-2" / "lists.yaml").write_text(entries("a", "b", "c", "d", "e", "info", "support", "new"))
    (fuller / "lists").symlink_to("lists-1")
    with sendable.watch(fuller, interval=0.01, settle=0) as followed:
        (fuller / "beside").symlink_to("lists-2")
        (fuller / "beside").replace(fuller / "lists")
        until(lambda: "new" in followed.pack.lists["role_accounts"].entries)


# As a policy.


def test_it_has_all_that_a_policy_has(followed: FollowedPolicy) -> None:
    for name in dir(followed.policy):
        if name.startswith("_"):
            continue
        one, other = getattr(followed.policy, name), getattr(followed, name)
        if callable(one):
            assert inspect.signature(other) == inspect.signature(one), name
            assert other.__doc__
        else:
            assert other is one, name
    with pytest.raises(AttributeError):
        _ = getattr(followed, "no_such_thing")  # noqa: B009 - type checkers know that there is none
    assert followed.undeclared({"contact": {"emial": "x"}}) == (("contact.emial", "contact.email"),)
    assert followed.explain(CONTEXT).decision.sendable is followed.decide(CONTEXT).sendable


def test_it_goes_on_following_where_it_is_sent_to(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pack.parent)
    with sendable.watch(pack.name, interval=0.01, settle=0) as followed:
        monkeypatch.chdir("/")
        sent = pickle.dumps(followed)
        shutil.move(pack, pack.parent / "away")
        with pickle.loads(sent) as other:
            assert (other.version, other.decide(CONTEXT).sendable) == (followed.version, True)
            until(lambda: not other.status.current)
            shutil.move(pack.parent / "away", pack)
            replace(reasons_file(pack), reasons_file(pack).read_text() + SECOND.format(id="second", priority=20))
            until(lambda: not other.decide(CONTEXT).sendable)
            # It knows what it served: less is not taken there either.
            (pack / "reasons" / "roles.yaml").unlink()
            until(lambda: not other.status.current)


FORKING = """
import gc, os, sys, time
from pathlib import Path
import sendable

pack = Path(sys.argv[1])
closed = sendable.watch(pack, interval=0.01, settle=0)
closed.close()
followed = sendable.watch(pack, interval=0.01, settle=0)
followed._reloading.acquire()  # as if the thread were in the middle of loading
followed._collecting = True
gc.disable()
child = os.fork()
file = pack / "lists" / "lists.yaml"
if child:
    gc.enable()
    file.write_text(file.read_text() + "      - more\\n")
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
assert gc.isenabled()
end = time.monotonic() + 20
while "more" not in followed.pack.lists["role_accounts"].entries:
    if time.monotonic() > end:
        os._exit(3)
    time.sleep(0.01)
followed.close()
closed.close()
os._exit(0 if followed.reload().current and "more" not in closed.pack.lists["role_accounts"].entries else 4)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_goes_on_following(fuller: Path) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING, str(fuller)]
    done = subprocess.run(command, env=ENVIRONMENT, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
