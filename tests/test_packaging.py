"""What is built holds everything: a folder missing from the wheel or the sdist makes no error when it is built.

Works offline: hatchling is taken from the environment of the tests, and nothing is looked up in an index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

INSTALLED_AS = {
    "engine/sendable": "sendable",
    "policies": "sendable/_bundled/policies",
    "schemas": "sendable/_bundled/schemas",
}
"""Where the wheel puts the folders of the repository, in site-packages."""

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def build_wheel(source: Path, into: Path) -> Path:
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", into)
    run(sys.executable, "-m", "pip", "wheel", *options, source, cwd=into.parent)
    (wheel,) = into.glob("sendable-*.whl")
    return wheel


def files_of(folder: str) -> list[str]:
    """The paths of the files of `folder` that belong to the repository, relative to its root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder]
    if (ROOT / ".git").exists() and shutil.which("git"):
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        return sorted({name for name in names if name and (ROOT / name).is_file()})
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("built") / "wheel")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    packed, unpacked = tmp_path_factory.mktemp("packed"), tmp_path_factory.mktemp("unpacked")
    run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", packed, cwd=ROOT)
    (archive,) = packed.glob("sendable-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(unpacked, filter="data")
    (root,) = unpacked.iterdir()
    return root


def test_installed_files_are_those_of_the_repository(wheel: Path, tmp_path: Path) -> None:
    windows = os.name == "nt"
    venv.create(tmp_path / "venv", with_pip=True, symlinks=not windows)
    python = tmp_path / "venv" / ("Scripts" if windows else "bin") / "python"
    run(python, "-I", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    code = "import importlib.metadata as m; print(m.distribution('sendable').locate_file(''))"
    site = Path(run(python, "-I", "-c", code, cwd=tmp_path).strip())

    expected: dict[str, bytes] = {}
    for folder, place in INSTALLED_AS.items():
        names = files_of(folder)
        assert names, f"{folder} is empty"
        expected |= {place + name.removeprefix(folder): (ROOT / name).read_bytes() for name in names}
    installed = {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in (site / "sendable").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert sorted(installed) == sorted(expected)
    assert [name for name in expected if installed[name] != expected[name]] == []
    assert "sendable/py.typed" in installed


def test_installed_package_finds_its_bundled_data(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path)
    # The one module alone: what it needs is in the wheel, what the package imports need not be installed here.
    code = (
        "import runpy; found = runpy.run_path('sendable/pack/resources.py');"
        "print(found['bundled_path']('policies'), found['schema_path']('policy'), *found['schema_names'](), sep='\\n')"
    )
    policies, schema, *names = run(sys.executable, "-I", "-c", code, cwd=tmp_path).splitlines()

    assert Path(policies) == tmp_path / "sendable/_bundled/policies"
    assert Path(schema) == tmp_path / "sendable/_bundled/schemas/policy.schema.json"
    assert {"context", "decision", "lists", "policy", "reasons"} <= set(names)


def test_sdist_holds_the_repository(sdist: Path) -> None:
    folders = ("engine", *INSTALLED_AS, "tests", ".ci", ".github")
    names = [name for folder in folders for name in files_of(folder)]
    names += ["pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"]

    assert [name for name in names if not (sdist / name).is_file()] == []
    assert [name for name in names if (sdist / name).read_bytes() != (ROOT / name).read_bytes()] == []


def test_two_builds_are_alike_to_the_byte(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    for path in sdist.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    built = [build_wheel(sdist, tmp_path / name) for name in ("first", "second")]
    archives: list[Path] = []
    for name, when in (("first", 1_100_000_000), ("second", 1_200_000_000)):
        os.utime(sdist / "README.md", (when, when))
        run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path / name, cwd=sdist)
        archives += (tmp_path / name).glob("*.tar.gz")

    assert len({path.read_bytes() for path in [wheel, *built]}) == 1
    assert len(archives) == 2
    assert len({path.read_bytes() for path in archives}) == 1


def pins(name: str) -> dict[str, str]:
    """What `.ci/requirements` pins, and the version of each; of what is pinned for some platforms only, any."""
    found = re.findall(r"^([a-z0-9._-]+)==(\S+)[^\n]*\\\n +--hash=sha256:[0-9a-f]{64}", pinned(name), re.MULTILINE)
    return dict(found)


def pinned(name: str) -> str:
    return (ROOT / ".ci/requirements" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["build", "core", "dev", "fuzz", "release"])
def test_all_that_the_gate_installs_is_pinned_by_hash(name: str) -> None:
    lines = [line for line in pinned(name).splitlines() if re.match(r"[^\s#]", line)]

    assert len(lines) >= len(pins(name)) > 0
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==\S+( ; .+)? \\", line)] == []


@pytest.mark.parametrize("name", ["core", "dev", "fuzz", "release"])
def test_pins_are_of_what_the_project_declares(name: str) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted, extras = list(declared["dependencies"]), [name] if name in declared["optional-dependencies"] else []
    for extra in extras:
        for one in declared["optional-dependencies"][extra]:
            if one.startswith("sendable["):
                extras += one.removeprefix("sendable[").rstrip("]").split(",")
            else:
                wanted.append(one)
    found = pins(name)
    requirements = [Requirement(one) for one in wanted]

    assert [one.name for one in requirements if not one.specifier.contains(found.get(one.name, "0"))] == []


def test_wheel_of_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as direct, zipfile.ZipFile(build_wheel(sdist, tmp_path / "wheel")) as indirect:
        assert sorted(indirect.namelist()) == sorted(direct.namelist())
        assert [name for name in direct.namelist() if indirect.read(name) != direct.read(name)] == []
