"""What commands and engines are run in, the same on every machine."""

from __future__ import annotations

import os

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS", "LC_ALL", "LANG")},
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
    "SENDABLE_QUIET": "1",  # which pack answers is said by every command, and tested by itself
}
"""The environment that commands are run in, the same on every machine."""

PARTITIONS = 3
"""How many parts Spark has its data in."""
