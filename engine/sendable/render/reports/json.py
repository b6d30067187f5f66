"""Diagnostics as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sendable.diagnostics.record import Diagnostic


def to_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain data. Lines and columns count from 1, in characters; the end is behind the last one."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": span.file,
        "line": span.start.line,
        "column": span.start.column,
        "end_line": span.end.line,
        "end_column": span.end.column,
    }


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The diagnostics as a JSON array."""
    return json.dumps([to_dict(diagnostic) for diagnostic in diagnostics], ensure_ascii=False, indent=2)
