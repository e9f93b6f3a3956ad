"""Small pieces stay readable: measure files, functions and import knots of src/regulars against our goals.

Prints the figures and exits with status 1 when one is past its goal.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

SOURCES = Path(__file__).resolve().parent.parent / "src" / "regulars"
FILE_LINES_P90 = 250
FILE_LINES_MAX = 400
FUNCTION_LINES_P90 = 25
FUNCTION_LINES_MAX = 70


class Piece(NamedTuple):
    """A file or a function, and how many lines it takes."""

    lines: int
    name: str


class Sizes(NamedTuple):
    """What was measured; `knot` is the number of top-level parts that import each other in a circle."""

    files: list[Piece]
    functions: list[Piece]
    knot: int


def measure(sources: Path = SOURCES) -> Sizes:
    """Return the sizes of every Python file below `sources`, the migrations left out."""
    files: list[Piece] = []
    functions: list[Piece] = []
    imports: dict[str, set[str]] = {}
    for path in sorted(sources.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(sources.parent).as_posix()
        tree = ast.parse(text, filename=name)
        files.append(Piece(len(text.splitlines()), name))
        functions.extend(functions_in(tree, name))
        part = path.relative_to(sources).parts[0].removesuffix(".py")
        imports.setdefault(part, set()).update(parts_imported(tree, path.relative_to(sources.parent)))
    return Sizes(files, functions, largest_knot(imports))


def functions_in(tree: ast.AST, name: str) -> Iterator[Piece]:
    """Yield every function of a file, decorators not counted, docstring counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield Piece(node.end_lineno - node.lineno + 1, f"{name}:{node.name}")


def parts_imported(tree: ast.AST, path: Path) -> Iterator[str]:
    """Yield the top-level parts of the package that a file imports, absolutely or relatively."""
    package = path.parts[0]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                targets = [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                base = [*path.parent.parts[: len(path.parent.parts) - level + 1]] if level else []
                stem = ".".join([*base, *([module] if module else [])])
                targets = [f"{stem}.{alias.name}" for alias in names]
            case _:
                continue
        for target in targets:
            first, _, rest = target.partition(".")
            if first == package and rest:
                yield rest.partition(".")[0]


def largest_knot(imports: dict[str, set[str]]) -> int:
    """Return the size of the largest group whose members all reach each other; 0 without any."""
    reached = {part: everything_reached(part, imports) for part in imports}
    knots = [
        sum(part in reached[other] for other in reached[part] if other in reached)
        for part in imports
        if part in reached[part]
    ]
    return max((size for size in knots if size > 1), default=0)


def everything_reached(start: str, imports: dict[str, set[str]]) -> set[str]:
    """Return every part that `start` imports, directly or through others; itself only over a circle."""
    seen: set[str] = set()
    waiting = [part for part in imports[start] if part != start]
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            waiting.extend(other for other in imports.get(part, ()) if other != part)
    return seen


def p90(pieces: Sequence[Piece]) -> int:
    """Return the length that nine of ten pieces do not exceed; 0 for none."""
    ordered = sorted(piece.lines for piece in pieces)
    return ordered[int(len(ordered) * 0.9)] if ordered else 0


def past_goals(sizes: Sizes) -> list[str]:
    """Return a sentence for each goal that is missed."""
    files = [piece for piece in sizes.files if piece.lines > 1]
    missed: list[str] = []
    if p90(files) >= FILE_LINES_P90:
        missed.append(f"file lines p90 is {p90(files)}, the goal is under {FILE_LINES_P90}")
    if p90(sizes.functions) >= FUNCTION_LINES_P90:
        missed.append(f"function lines p90 is {p90(sizes.functions)}, the goal is under {FUNCTION_LINES_P90}")
    too_long = [piece for piece in files if piece.lines > FILE_LINES_MAX]
    too_long += [piece for piece in sizes.functions if piece.lines > FUNCTION_LINES_MAX]
    missed.extend(f"{piece.name} has {piece.lines} lines: split it" for piece in sorted(too_long, reverse=True))
    if sizes.knot:
        missed.append(f"{sizes.knot} parts of the package import each other in a circle")
    return missed


def summary(label: str, pieces: Sequence[Piece]) -> str:
    """Return one line of figures about files or functions."""
    lines = [piece.lines for piece in pieces]
    middle, most = (median(lines), max(lines)) if lines else (0, 0)
    return f"{label} {len(lines)} med {middle:.0f} p90 {p90(pieces)} max {most}"


def main() -> int:
    """Print the figures, then what is past its goal."""
    sizes = measure()
    files = [piece for piece in sizes.files if piece.lines > 1]
    for label, pieces in (("largest files", files), ("largest functions", sizes.functions)):
        print(f"{label}: " + ", ".join(f"{piece.name} {piece.lines}" for piece in sorted(pieces)[:-4:-1]))
    print(f"{summary('files', files)}; {summary('functions', sizes.functions)}; knot {sizes.knot}")
    missed = past_goals(sizes)
    for sentence in missed:
        print(f"past the goal: {sentence}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
