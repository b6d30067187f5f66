"""Whatever happens to the files of a pack while it is followed, no contact who was suppressed is released.

By default it is a small pack, and each kind of change twice. `SENDABLE_DECISIONS=7000000 pytest
tests/pack/test_half_packs.py` decides as often as on a busy day, with the bundled pack and 70 changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sendable
from sendable.diagnostics.record import Collector
from sendable.documents.elements import plain
from sendable.documents.parse import parse_document, read_source
from sendable.lints.run import lint_and_lock
from sendable.pack.lock import LOCK
from sendable.pack.resources import bundled_path
from tests.support.packs import CASES

DECISIONS = int(os.environ.get("SENDABLE_DECISIONS", "0"))
MUTATIONS = 70 if DECISIONS else 26
BLOCKED = [f"contact{number}@example.com" for number in range(1_000 if DECISIONS else 50)]
OTHERS = ({"marked_as_spam": True}, {"email": "info@example.com"}, {"email": "support@example.com"})
LIST = """\
lists:
  blocked_addresses:
    description: Addresses of people who asked for no email.
    entries:
"""
REASON = """\
reasons:
  blocked_address:
    title: {en: Blocked address, sv: Blockerad adress}
    priority: 1
    channels: [marketing, one_to_one, transactional]
    basis: legal
    floor: true
    when: lower(contact.email) in lists.blocked_addresses
    on_unknown: suppress
    retry: never
    fixable_by: contact
    message: {en: They asked for no email., sv: Personen har bett att slippa mejl.}
    fix: {en: Only they can change this., sv: Bara personen själv kan ändra det.}
"""


def document(path: Path) -> Any:
    source = read_source(path, path.name, Collector())
    element = None if source is None else parse_document(source, Collector())
    return None if element is None else plain(element)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack with a list of people who asked for no email."""
    pack = tmp_path / "pack"
    home = bundled_path("policies") if DECISIONS else CASES / "base"
    shutil.copytree(home, pack, ignore=shutil.ignore_patterns("tests", "examples", "extended"))
    (pack / "lists" / "blocked.yaml").write_text(LIST + "".join(f"      - {one}\n" for one in BLOCKED))
    (pack / "reasons" / "blocked.yaml").write_text(REASON, encoding="utf-8")
    return pack


def suppressed(policy: sendable.Policy) -> list[dict[str, Any]]:
    """Contexts that are suppressed: of the examples of the bundled pack, and those of the list."""
    contexts = [document(path) for path in sorted((bundled_path("policies") / "examples").glob("*.yaml"))]
    clean = document(bundled_path("policies") / "examples" / "clean-marketing.yaml")
    contexts += [{**clean, "contact": {**clean["contact"], "email": address}} for address in BLOCKED]
    contexts += [{**clean, "contact": {**clean["contact"], **one}} for one in OTHERS]
    return [one for one in contexts if not policy.decide(one).sendable]


# What happens to files: each changes one of them, and may leave a good pack that has less.


def cut_at_a_line(path: Path, random: Random) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: random.randrange(len(lines))]), encoding="utf-8")


def cut_anywhere(path: Path, random: Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: random.randrange(len(data))])


def cut_before_an_entry(path: Path, random: Random) -> None:
    """The worst of all: what is left is a good file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.startswith(("      - ", "  ")) and line[2:3] != " "]
    entries = [number for number, line in enumerate(lines) if line.startswith("      - ")]
    place = random.choice(places[1:] or entries or [1])
    path.write_text("".join(lines[:place]), encoding="utf-8")


def newer_and_cut(path: Path, random: Random) -> None:
    """A newer file, with a new comment above all and an entry more, of which the last third or less was not written."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    entries = [number for number, line in enumerate(lines) if line.startswith("      - ")]
    if entries:
        lines.insert(entries[0], "      - newer.example\n")
        lines = lines[: random.choice(entries[2 * len(entries) // 3 :])]
    path.write_text("# newer\n" + "".join(lines), encoding="utf-8")


def halved(path: Path, random: Random) -> None:  # noqa: ARG001 - all are called alike
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")


def without_its_first_half(path: Path, random: Random) -> None:  # noqa: ARG001
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    head = next(number for number, line in enumerate(lines) if line.startswith("  "))
    path.write_text("".join(lines[:head] + lines[len(lines) // 2 :]), encoding="utf-8")


def removed(path: Path, random: Random) -> None:  # noqa: ARG001
    path.unlink()


def emptied(path: Path, random: Random) -> None:  # noqa: ARG001
    path.write_bytes(b"")


def led_nowhere(path: Path, random: Random) -> None:  # noqa: ARG001
    path.unlink()
    path.symlink_to("nowhere")


def made_a_folder(path: Path, random: Random) -> None:  # noqa: ARG001
    path.unlink()
    path.mkdir()


def renamed(path: Path, random: Random) -> None:
    path.rename(path.with_suffix(random.choice([".yml", ".YAML", ".yaml~", ".yaml.new"])))


def zeroed(path: Path, random: Random) -> None:
    """As a file system leaves a file after a power cut: as long as it was, and zeros from some place on."""
    data = path.read_bytes()
    place = random.randrange(len(data))
    path.write_bytes(data[:place] + b"\0" * (len(data) - place))


def folder_removed(path: Path, random: Random) -> None:  # noqa: ARG001
    shutil.rmtree(path.parent)


CHANGES: tuple[Callable[[Path, Random], None], ...] = (
    *(cut_at_a_line, cut_anywhere, cut_before_an_entry, halved, without_its_first_half, removed, emptied),
    *(led_nowhere, made_a_folder, renamed, zeroed, folder_removed, newer_and_cut),
)


def mutations(pack: Path, random: Random) -> Iterator[tuple[str, Callable[[], None]]]:
    files = sorted(path for folder in ("reasons", "lists") for path in (pack / folder).glob("*.yaml"))
    blocked = [pack / "lists" / "blocked.yaml", pack / "reasons" / "blocked.yaml"]
    for number in range(MUTATIONS):
        change = CHANGES[number % len(CHANGES)]
        path = blocked[number // len(CHANGES)] if number < 2 * len(CHANGES) else random.choice(files)
        yield f"{path.name} {change.__name__}", lambda change=change, path=path: change(path, random)  # type: ignore[misc]


@pytest.mark.parametrize("locked", [False, True], ids=["without-a-lock", "with-a-lock"])
def test_no_contact_is_released(pack: Path, tmp_path: Path, locked: bool) -> None:
    whole = sendable.load(pack)
    contexts = suppressed(whole)
    assert len(contexts) > len(BLOCKED)
    decisions = max(DECISIONS, MUTATIONS * len(contexts))
    if locked:
        (pack / LOCK).write_text(str(lint_and_lock(pack)[1]), encoding="utf-8")
    kept = tmp_path / "kept"
    shutil.copytree(pack, kept)
    decided = taken = 0
    released: list[str] = []
    with sendable.watch(pack, interval=0.005, settle=0.005) as followed:
        for name, mutate in mutations(pack, Random(13)):
            mutate()
            followed.reload()
            for number in range(decisions // MUTATIONS):
                if followed.decide(contexts[number % len(contexts)]).sendable:
                    released.append(name)
                decided += 1
            taken += releases(pack, contexts)
            shutil.rmtree(pack)
            shutil.copytree(kept, pack)
            assert followed.reload().current, followed.status.problem
            assert followed.version == whole.version
    assert decided > decisions - MUTATIONS
    assert taken > MUTATIONS // 8  # whoever loads what is there without following it would have sent
    assert not released, f"{len(released)} of {decided}: {sorted(set(released))}"


def releases(pack: Path, contexts: list[dict[str, Any]]) -> bool:
    """Whether the pack as it is loads, and lets an email through."""
    try:
        policy = sendable.load(pack)
    except sendable.PolicyError:
        return False
    return any(policy.decide(context).sendable for context in contexts)
