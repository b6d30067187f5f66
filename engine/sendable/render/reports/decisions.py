"""Decisions as JSON, one by one."""

from __future__ import annotations

import json

from sendable.decide.decision import Decision


def decision_as_json(decision: Decision, locale: str | None) -> str:
    """The decision as one line of JSON, valid against `decision.schema.json`."""
    return json.dumps(decision.to_dict(locale), ensure_ascii=False)
