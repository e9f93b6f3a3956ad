"""The scenario pages of the examples, read from their files."""

from functools import cache
from pathlib import Path

from regulars.programme.scenarios import Difference, Page, read_page

EXAMPLES = Path(__file__).parents[2] / "examples"
PATHS = sorted(EXAMPLES.glob("*/scenarios/*.md"))


def page_name(path: Path) -> str:
    """Return how a page is called in the results: its template and its topic."""
    return f"{path.parent.parent.name}/{path.stem}"


@cache
def page_at(path: Path) -> Page:
    """Return the page that a file holds."""

    def linked(target: str) -> str | None:
        file = path.parent / target
        return file.read_text(encoding="utf-8") if file.is_file() else None

    return read_page(path.read_text(encoding="utf-8"), str(path.relative_to(EXAMPLES)), linked)


def told(differences: tuple[Difference, ...]) -> str:
    """Return the differences as a table."""
    rows = [("line", "what", "page", "platform")]
    rows += [(str(one.line), one.what, one.expected, one.actual) for one in differences]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n" + "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
