"""Where a file stands in its repository, which is what those who annotate its lines go by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_MARK: Final = ".git"
"""What the root of a repository has in it: a directory, or in a work tree beside it a file."""


def in_repository(file: str) -> str:
    """The name of a file from the root of the repository around it, whatever folder the command is run in.

    Where there is no repository, it is from the working directory; what is not below that is named as it was.
    """
    path = Path(os.path.abspath(file))  # noqa: PTH100 - a link is annotated where it stands, not where it leads
    root = next((folder for folder in path.parents if os.path.lexists(folder / _MARK)), Path.cwd())
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file
