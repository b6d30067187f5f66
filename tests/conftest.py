"""Set-up that all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS", "LC_ALL", "LANG")},
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}
"""The environment that commands are run in, the same on every machine."""

settings.register_profile("default", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the expected output of the cases anew")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether the expected output of the cases is to be written anew."""
    return bool(request.config.getoption("--regenerate"))
