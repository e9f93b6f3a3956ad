"""Every warning that the check can give is explained on its page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import regulars

SOURCE = Path(regulars.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "warnings.md"


def codes() -> Iterator[str]:
    """Yield the code of every doubt in the source."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Doubt", "Finding"):
                yield from (
                    code for keyword in node.keywords if keyword.arg == "code" for code in choices(keyword.value)
                )


def choices(value: ast.expr) -> list[str]:
    """Return the texts among which a value is chosen; those that only pass a code on choose none."""
    match value:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=other):
            return [*choices(body), *choices(other)]
        case _:
            return []


def test_every_warning_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    known = set(codes())

    assert {"wallet-never-filled", "unknown-shop", "carry-without-effect"} <= known
    assert known - set(explained) == set(), f"explain them in {PAGE.name}"
    assert explained == sorted(explained)
