r"""The page of every rule: what it means, why it matters, how to put it right, and examples that the tests run.

A page is `CODE.md` beside this file. Its examples are code blocks that change a small pack: `yaml FILE` is a whole
file, and so are `csv FILE` and `text FILE`; `yaml reason` stands for the keys of that pack's reason, `yaml policy` for
keys of its manifest. Words after that say how the example is to be read: `alone` (no other file), `without=KEY`,
`encoding=…`, `escapes` (`\u2028` is the character), and a line that ends in `# ×100` stands there a hundred times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import indent
from typing import Final

from sendable.diagnostics.codes import RULES
from sendable.diagnostics.record import Rule

_BLOCK: Final = re.compile(
    r"^```(?P<language>yaml|csv|text) (?P<target>\S+)(?P<options>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One code block of an example: what it changes, how it is to be read, and its text."""

    target: str
    options: tuple[str, ...]
    text: str
    language: str = "yaml"


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one rule, with its sections as they are written."""

    rule: Rule
    meaning: str
    why: str
    how: str
    bad: str
    good: str

    @property
    def markdown(self) -> str:
        """The page as Markdown, without what only the tests need."""
        sections = (
            self.meaning,
            f"## Why it matters\n\n{self.why}",
            f"## How to put it right\n\n{self.how}",
            f"## Bad\n\n{_fenced(self.bad)}",
            f"## Good\n\n{_fenced(self.good)}",
        )
        return "\n\n".join((f"# {self.rule.code} {self.rule.name}", *sections)) + "\n"

    def __str__(self) -> str:
        """The page as plain text for people."""
        head = f"{self.rule.code} {self.rule.name} ({self.rule.severity})"
        parts = (head, self.meaning, f"Why it matters\n\n{self.why}", f"How to put it right\n\n{self.how}",
                 f"Bad\n\n{_indented(self.bad)}", f"Good\n\n{_indented(self.good)}")  # fmt: skip
        return "\n\n".join(parts) + "\n"


def blocks(example: str) -> tuple[Block, ...]:
    """The code blocks of an example."""
    return tuple(
        Block(found["target"], tuple(found["options"].split()), found["text"], found["language"])
        for found in _BLOCK.finditer(example)
    )


@cache
def page(code: str) -> Page | None:
    """The page of the rule with this code, whatever its case; None when there is no such rule."""
    rule = RULES.get(code.upper())
    if rule is None:
        return None
    text = (files(__name__) / f"{rule.code}.md").read_text(encoding="utf-8")
    head, *sections = re.split(r"^## .*\n", text, flags=re.MULTILINE)
    title, _, meaning = head.partition("\n")
    if title != f"# {rule.code} {rule.name}" or len(sections) != 4:
        raise RuntimeError(f"the page of {rule.code} does not have the form of a page")
    why, how, bad, good = (section.strip() for section in sections)
    return Page(rule, meaning.strip(), why, how, bad, good)


_TARGETS: Final = {"reason": "in a reason:", "policy": "in policy.yaml:"}


def _named(block: Block) -> str:
    return f"# {_TARGETS.get(block.target, block.target)}\n{block.text}"


def _fenced(example: str) -> str:
    return "\n\n".join(f"```{block.language}\n{_named(block)}```" for block in blocks(example))


def _indented(example: str) -> str:
    """The code blocks of an example, indented, each below what it is."""
    return "\n\n".join(indent(_named(block).rstrip("\n"), "  ") for block in blocks(example))
