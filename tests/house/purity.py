"""What a layer may not do although it could: read a clock, take chances, use floats, put SQL together."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CORE = ("engine", "rules", "rewards", "programme")
EDGES = ("web", "ops")

CLOCK = re.compile(r"(^|\.)(datetime\.(now|utcnow)|date(time)?\.today|time\.(time|time_ns|localtime|gmtime))$")
CHANCE = re.compile(r"(^|\.)(random|secrets)\.\w+$|(^|\.)urandom$|(^|\.)uuid[14678]$|^(choice|randint|shuffle)$")
# `hash` of text differs from process to process; the rest is input and output.
IMPURE = re.compile(r"^(hash|open|print|input|breakpoint|__import__)$")
# Our SQL has its keywords in capitals; "Select a reward" is a sentence.
SQL = re.compile(r"^\s*(SELECT\s|UPDATE\s+\w|WITH\s+\w+\s+AS\s|MERGE\s+INTO\s|(?i:INSERT\s+INTO|DELETE\s+FROM)\s)")


class Slip(NamedTuple):
    """A place where a layer does what it must not."""

    line: int
    what: str


def clock_read(tree: ast.AST) -> Iterator[Slip]:
    """Yield every call that asks what time it is."""
    yield from calls(tree, CLOCK, "reads a clock")


def chance_taken(tree: ast.AST) -> Iterator[Slip]:
    """Yield every call whose answer differs from one run to the next."""
    yield from calls(tree, CHANCE, "is random")


def impurity(tree: ast.AST) -> Iterator[Slip]:
    """Yield every builtin that talks to the world or answers differently in each process."""
    yield from calls(tree, IMPURE, "is not pure")


def floats(tree: ast.AST) -> Iterator[Slip]:
    """Yield every number that would be a float: points and money are int, rates are Decimal."""
    yield from calls(tree, re.compile(r"^float$"), "makes a float")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Slip(node.lineno, f"{node.value} is a float")


def sql_in_pieces(tree: ast.AST) -> Iterator[Slip]:
    """Yield every statement that is put together from text: by f-string, +, % or format."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
                text = start
            case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add() | ast.Mod()):
                text = start
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(start)), attr="format")):
                text = start
            case _:
                continue
        if SQL.search(text):
            yield Slip(node.lineno, f"puts SQL together: {text.strip()[:40]}")


def calls(tree: ast.AST, forbidden: re.Pattern[str], why: str) -> Iterator[Slip]:
    """Yield every call, or mention as a default, of a dotted name that matches."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = ast.unparse(node)
            if forbidden.search(name):
                yield Slip(node.lineno, f"{name} {why}")


def part_of(path: Path, package: Path) -> str:
    """Return the layer that a file belongs to: its first folder, or its own name at the top."""
    return path.relative_to(package).parts[0].removesuffix(".py")
