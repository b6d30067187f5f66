"""Where the bundled data is, the policy pack and the JSON Schemas that come with the package, and what makes a pack."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_SUFFIX: Final = ".schema.json"

MANIFEST: Final = "policy.yaml"
"""The file that makes a directory a pack."""

BUNDLED: Final = "bundled"
"""What names the bundled pack in the place of a directory. A directory of that name is `./bundled`."""
EXTENDED: Final = "extended"
"""Likewise the pack that comes with the package besides, and stands on the bundled one."""


def bundled_path(name: Literal["policies", "schemas"]) -> Path:
    """The directory of the bundled data called `name`.

    An installed wheel has it inside the package; a checkout, and so an editable install, has it beside `engine/`.
    RuntimeError when it is in neither place.
    """
    places = [_PACKAGE / "_bundled" / name]
    if _PACKAGE.parent.name == "engine":
        places.append(_PACKAGE.parent.parent / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise RuntimeError(f"the bundled {name} are missing: looked for {looked}; the installation is incomplete")


def pack_named(name: str) -> Path | None:
    """The directory of the pack that comes with the package under this name; None where it names none of them.

    Whether there is such a pack, the directory says.
    """
    match name:
        case "bundled":
            return bundled_path("policies")
        case "extended":
            return bundled_path("policies") / EXTENDED
        case _:
            return None


def schema_names() -> tuple[str, ...]:
    """The names of the bundled JSON Schemas, sorted: what stands before `.schema.json` in the names of their files."""
    names = (path.name.removesuffix(_SUFFIX) for path in bundled_path("schemas").glob(f"*{_SUFFIX}"))
    return tuple(sorted(names))


def schema_path(name: str) -> Path:
    """The file of the bundled JSON Schema called `name`. RuntimeError when there is no such schema."""
    if name not in schema_names():
        raise RuntimeError(f"there is no bundled schema `{name}`, only {', '.join(schema_names()) or 'none at all'}")
    return bundled_path("schemas") / f"{name}{_SUFFIX}"


def is_pack(folder: Path) -> bool:
    """Whether the folder is a pack, or was to be one: then no other answers in its place, and what is wrong is said."""
    return os.path.lexists(folder / MANIFEST) or nearly_manifest(folder) is not None


def nearly_manifest(folder: Path) -> str | None:
    """What is called nearly as a manifest is, such as policy.yml, beside a folder of reasons."""
    if not os.path.isdir(folder / "reasons"):  # noqa: PTH112 - it raises nothing where a folder may not be looked into
        return None
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - the names are wanted
    except OSError:
        return None
    return next((name for name in names if name.casefold().startswith("policy.y")), None)
