"""Exceptions in the reader's language, as the terminal and the pages say them.

Owners and reasons why are texts of the pack's authors: they are shown as one line, without what acts on a screen.
"""

from __future__ import annotations

import re
from typing import Final

from sendable.diagnostics.wording import shown
from sendable.explain.exceptions import ExceptionTrace, Standing
from sendable.pack import locales
from sendable.pack.model import Pack, PolicyException
from sendable.render.words.advice import sentence_of
from sendable.render.words.languages import words_for
from sendable.render.words.sentences import sentence

_SLOT: Final = re.compile(r"\{(id|owner|until|start|why)\}")


def lifted_in_words(exception: PolicyException, served: str, requested: str | None = None) -> str:
    """That what it lifts would stop the email: `would be stopped; an exception of … until …: …`."""
    return _filled(words_for(served).exceptions.lifted, exception, served, requested)


def standing_in_words(trace: ExceptionTrace, served: str, requested: str | None = None) -> str:
    """Whether an exception holds, and why not; what it needs, where it is for want of data."""
    words = words_for(served).exceptions
    told = {
        Standing.HOLDS: words.holds,
        Standing.NOT_TRUE: words.not_true,
        Standing.UNKNOWN: words.unknown,
        Standing.TO_COME: words.to_come,
        Standing.OVER: words.over,
    }[trace.standing]
    if trace.standing is Standing.UNKNOWN and trace.missing:
        told = words.lacking.replace("{told}", told).replace("{missing}", ", ".join(trace.missing))
    return sentence(_filled(told, trace.exception, served, requested))


def exception_in_words(exception: PolicyException, pack: Pack, served: str) -> str:
    """An exception of the pack: when it lifts, whose it is, why it was made, and its condition."""
    words = words_for(served).exceptions
    text = words.listed if exception.period.start is None else words.listed_from
    told = sentence(_filled(text, exception, served, None))
    return f"{told} {sentence_of(exception.when.node, pack, served)}"


def _filled(text: str, exception: PolicyException, served: str, requested: str | None) -> str:
    """The text with what it says of the exception, each slot once: no text of the pack is looked through for others."""
    tag = locales.formatting_locale(requested, served)
    start = exception.period.start
    values = {
        "id": exception.id,
        "owner": " ".join(shown(exception.owner).split()),
        "until": locales.format_timestamp(exception.until, tag),
        "start": "" if start is None else locales.format_timestamp(start, tag),
        "why": " ".join(shown(exception.why).split()),
    }
    return _SLOT.sub(lambda found: values[found[1]], text)
