"""CEL's own tree, as its checker hands it over, in Python: names resolved, macros written out again.

Field numbers are those of `cel.expr.CheckedExpr` (cel-spec, proto/cel/expr/checked.proto, syntax.proto).
"""

from typing import Final

from msgspec import Struct

from regulars.engine.conditions.nodes import MacroName
from regulars.engine.conditions.wire import Message


class Unsupported:
    """A literal of a kind that conditions do not know: unsigned, floating point, bytes."""


UNSUPPORTED: Final = Unsupported()


class Const(Struct, frozen=True):
    id: int
    value: bool | int | str | Unsupported | None


class Ident(Struct, frozen=True):
    id: int
    name: str


class Select(Struct, frozen=True):
    id: int
    operand: "Tree"
    field: str
    test_only: bool


class Invoke(Struct, frozen=True):
    id: int
    function: str
    arguments: tuple["Tree", ...]


class Elements(Struct, frozen=True):
    id: int
    elements: tuple["Tree", ...]


class Create(Struct, frozen=True):
    id: int


class Fold(Struct, frozen=True):
    """A macro, recognised in the loop that CEL makes of it."""

    id: int
    name: MacroName
    variable: str
    source: "Tree"
    test: "Tree | None"
    result: "Tree | None"


Tree = Const | Ident | Select | Invoke | Elements | Create | Fold


class Syntax(Struct, frozen=True):
    """The tree, and where in the source each of its nodes stands (an offset in characters)."""

    root: Tree
    positions: dict[int, int]


def read_syntax(serialized: bytes) -> Syntax:
    """Return the tree in an `Any` that holds a `CheckedExpr`."""
    checked = Message(serialized).message(2)
    positions = {entry.signed(1): entry.signed(2) for entry in checked.message(5).messages(4)}
    return Syntax(_tree(checked.message(4)), positions)


def _tree(expr: Message) -> Tree:
    id = expr.signed(2)
    if 3 in expr:
        return Const(id, _constant(expr.message(3)))
    if 4 in expr:
        return Ident(id, expr.message(4).text(1))
    if 5 in expr:
        select = expr.message(5)
        return Select(id, _tree(select.message(1)), select.text(2), bool(select.unsigned(3)))
    if 6 in expr:
        call = expr.message(6)
        receiver = (_tree(call.message(1)),) if 1 in call else ()
        return Invoke(id, call.text(2), receiver + tuple(map(_tree, call.messages(3))))
    if 7 in expr:
        return Elements(id, tuple(map(_tree, expr.message(7).messages(1))))
    if 9 in expr:
        return _fold(id, expr.message(9))
    assert 8 in expr, "an expression of a kind that CEL did not have"
    return Create(id)


def _constant(constant: Message) -> bool | int | str | Unsupported | None:
    if 1 in constant:
        return None
    if 2 in constant:
        return bool(constant.unsigned(2))
    if 3 in constant:
        return constant.signed(3)
    if 6 in constant:
        return constant.text(6)
    return UNSUPPORTED


def _fold(id: int, loop: Message) -> Fold:
    variable, source = loop.text(1), _tree(loop.message(2))
    start, step = _tree(loop.message(4)), _tree(loop.message(6))
    match start, step:
        case Const(value=False), Invoke(function="_||_", arguments=(_, test)):
            return Fold(id, "exists", variable, source, test, None)
        case Const(value=True), Invoke(function="_&&_", arguments=(_, test)):
            return Fold(id, "all", variable, source, test, None)
        case Const(), Invoke(function="_?_:_", arguments=(test, _, _)):
            return Fold(id, "exists_one", variable, source, test, None)
        case Elements(), Invoke(function="_?_:_", arguments=(test, added, _)):
            result = _added(added)
            # `filter` keeps the element itself; written as a map of three arguments it means the same.
            if isinstance(result, Ident) and result.name == variable:
                return Fold(id, "filter", variable, source, test, None)
            return Fold(id, "map", variable, source, test, result)
        case Elements(), Invoke(function="_+_"):
            return Fold(id, "map", variable, source, None, _added(step))
        case _:
            raise AssertionError("a loop that is none of CEL's macros")


def _added(step: Tree) -> Tree:
    match step:
        case Invoke(function="_+_", arguments=(_, Elements(elements=(result,)))):
            return result
        case _:
            raise AssertionError("a loop that adds no single element")
