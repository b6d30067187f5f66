"""Frames to decide: a campaign, a contact with nothing against it, and what came of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from sendable.audience.frame import FrameError
from tests.support.packs import bundled

CAMPAIGN: dict[str, Any] = {
    "email": {"channel": "one_to_one", "from_address": "kim@example.com"},
    "account": {"status": "active"},
}
CLEAN: dict[str, Any] = {
    "id": "1",
    "email": "kim@example.com",
    "opted_out_of_platform": False,
    "spam_trap": False,
    "marked_as_spam": False,
    "company_opted_out": False,
    "domain_blocked": False,
}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def frame(**columns: Any) -> pl.DataFrame:
    """Clean contacts, with `columns` besides or instead."""
    size = len(next(iter(columns.values()), [None]))
    return pl.DataFrame({**{name: [value] * size for name, value in CLEAN.items()}, **columns})


def decided(given: Any, **options: Any) -> Any:
    return bundled().decide_frame(given, **{"campaign": CAMPAIGN, "now": NOW, **options})


def faults(given: Any, **options: Any) -> tuple[str, ...]:
    with pytest.raises(FrameError) as caught:
        decided(given, **options)
    return caught.value.problems
