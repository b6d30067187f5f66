"""What tests of policy tests begin with."""

from __future__ import annotations

from sendable.pack.resources import bundled_path

TESTS = bundled_path("policies") / "tests"
NOW = 'now: "2026-11-23T09:00:00Z"\n'
