"""Exceptions in the reader's language, as the terminal and the pages say them.

Owners and reasons why are texts of the pack's authors: they are shown as one line, without what acts on a screen.
"""

from __future__ import annotations

from sendable.diagnostics.wording import shown
from sendable.pack import locales
from sendable.pack.model import PolicyException
from sendable.render.words.languages import words_for


def lifted_in_words(exception: PolicyException, served: str, requested: str | None = None) -> str:
    """That what it lifts would stop the email: `would be stopped; an exception of … until …: …`."""
    until = locales.format_timestamp(exception.until, locales.formatting_locale(requested, served))
    owner, why = (" ".join(shown(one).split()) for one in (exception.owner, exception.why))
    words = words_for(served).exceptions.lifted
    return words.replace("{until}", until).replace("{owner}", owner).replace("{why}", why)
