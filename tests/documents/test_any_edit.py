"""However a file of a pack is edited, the commands answer with diagnostics or with a pack that decides.

By default it is a small pack that is edited. `SENDABLE_EDITS=642 pytest tests/documents/test_any_edit.py` edits the
bundled one as often.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

import sendable
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector, Diagnostic, PolicyError, Severity
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_pack
from sendable.pack.layout import formatted
from sendable.pack.resources import bundled_path
from sendable.render.terminal.diagnostics import as_text
from sendable.testing.reader import load_suites
from tests.support.packs import BASE, clean

EDITS = int(os.environ.get("SENDABLE_EDITS", "0"))
BITS = [
    "\N{NO-BREAK SPACE}", "\t", "\u202e", "\u200b", "\ufeff", "\0", "\r", "\n", "\n\n", "  ", "é", "\U0001f600", "”",
    "#", " #", "'", '"', "{", "}", "[", "]", ":", ": ", "- ", "-", "---\n", "!", "&", "*", ",", ";", "\\", "%", "|",
    "<", ">", "=", "=<", "<>", "&&", " och ", "inte ", " is null", "sant", "0,5", "1 000", "2027-01-31", "1e400",
    "{{", "}}", "${", "{contact.email", "lists.", "params.", "contains(", "\\u202e", "now - ", "in ", "~", "9" * 20,
]  # fmt: skip


def _edit(text: str, random: Random) -> str:  # noqa: C901 - a branch a kind of edit
    lines = text.split("\n")
    number = random.randrange(len(lines))
    line = lines[number]
    place = random.randrange(len(line) + 1)
    match random.randrange(11):
        case 0:
            lines[number] = line[:place] + random.choice(BITS) + line[place:]
        case 1:
            lines[number] = line[:place] + random.choice(BITS) + line[place + 1 :]
        case 2:
            lines[number] = line[:place] + line[place + 1 :]
        case 3:
            del lines[number]
        case 4:
            lines.insert(number, line)
        case 5:
            lines[number] = " " * random.randrange(1, 5) + line
        case 6:
            lines[number] = line[random.randrange(1, 4) :] if line.startswith("   ") else line.lstrip()
        case 7:
            lines[number] = line.replace(random.choice(['"', ":", ": ", "- ", ",", "]", ")"]), "", 1)
        case 8:
            other = random.randrange(len(lines))
            lines[number], lines[other] = lines[other], line
        case 9:
            lines[number : number + 2] = [" ".join(one.strip() for one in lines[number : number + 2])]
        case _:
            lines[number] = line.replace("and", "och").replace("==", "=").replace("true", "sant").replace(".", ",")
    return "\n".join(lines)


def _hold(found: tuple[Diagnostic, ...]) -> None:
    """Sees that what is found can be shown, at places that there are."""
    "\n".join(as_text(found))
    assert all(one.message and str(one) for one in found)


def test_any_edit_ends_in_diagnostics(tmp_path: Path) -> None:
    home = bundled_path("policies") if EDITS else BASE
    refused = 0
    for seed in range(EDITS or 150):
        random = Random(seed)
        pack = tmp_path / str(seed)
        shutil.copytree(home, pack, ignore=shutil.ignore_patterns("extended", "README.md"))
        files = sorted(path for path in pack.rglob("*.yaml") if "examples" not in path.parts)
        for path in random.choices(files, k=random.choice([1, 1, 2, 3])):
            text = _edit(path.read_text(encoding="utf-8"), random)
            path.write_text(text, encoding="utf-8")
            formatted(Source(path.name, text), Collector())
        _, found = lint_pack(pack)
        _hold(found)
        if found:
            fixed(pack)
        try:
            policy = sendable.load(pack)
        except PolicyError:
            refused += 1
            assert any(one.severity is Severity.ERROR for one in found)
            continue
        policy.decide(clean()).to_dict(locale="sv")
        if (pack / "tests").exists():
            _hold(load_suites(pack / "tests", policy.pack)[1])
    assert refused > 5
