import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.house.repository import ROOT, tracked

REGISTRY = re.compile(
    r"\b(pypi|pythonhosted|npmjs|crates|rubygems)\.(org|com|io)\b|\bdeb\.debian\.|\bregistry\.[a-z]+\."
)
HOME = re.compile(r"(?<![\w.])/(root|home/\w+|Users/\w+)/")


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {line.strip()[:100]}" for place, line in text_lines() if pattern.search(line)]


def text_lines() -> Iterator[tuple[str, str]]:
    """Yield every line of every text file in git with its place."""
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def neighbours() -> list[Path]:
    """Return the folders that lie beside the checkout, unless it lies among other people's files."""
    crowded = {Path("/"), Path(tempfile.gettempdir()), Path.home(), Path.home().parent}
    if ROOT.parent in crowded:
        return [ROOT]
    return [path for path in ROOT.parent.iterdir() if path.is_dir()]


def test_no_file_names_a_package_registry() -> None:
    assert not lines_that_match(REGISTRY)


def test_no_file_names_a_home_folder() -> None:
    assert not lines_that_match(HOME)


def test_no_file_names_the_machine_it_was_written_on() -> None:
    places = re.compile("|".join(re.escape(str(path)) + r"\b" for path in neighbours()))

    assert not lines_that_match(places)


def test_the_patterns_see_what_they_look_for() -> None:
    dot, slash = ".", "/"

    assert REGISTRY.search(f"pip install --index-url https:{slash}{slash}pypi{dot}org{slash}simple")
    assert HOME.search(f"cd {slash}home{slash}ada{slash}regulars")
    assert not HOME.search("https://example.com/home/ada/")
