"""What all pages share: their looks, their head, and that they need nothing else and let nothing in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from typing import Final

from sendable.render.pages.markup import Markup, join, tag


def beside(name: str) -> str:
    """The text of a file of this folder as it stands in an element of its own."""
    return f"\n{files(__package__).joinpath(name).read_text(encoding='utf-8')}"


STYLE: Final = beside("style.css")
"""The one style sheet. Every state that has a colour has a word too."""

_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'"


def document(title: str, language: str, body: Iterable[str], *, skip: str, script: str = "") -> str:
    """A page whose `body` has an element with the id `main`; `skip` is what the link to it says.

    Its Content-Security-Policy lets in the style sheet and `script`, known by their digests, and nothing else.
    """
    policy = f"{_POLICY}; style-src {_digest(STYLE)}" + (f"; script-src {_digest(script)}" if script else "")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        "\n",
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        "\n",
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        "\n",
        tag("title", title),
        "\n",
        tag("style", Markup(STYLE)),
    )
    inside = join(
        tag("a", skip, class_="skip", href="#main"),
        *body,
        *([tag("script", Markup(script))] if script else []),
        by="\n",
    )
    return f"<!DOCTYPE html>\n{tag('html', head, Markup(chr(10)), tag('body', inside), lang=language)}\n"


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
