"""A checked condition as a tree: what was asked, freed from how CEL spells it.

Every node knows its kind and its `position` (an offset in characters; for an operator that of its sign).
The tree is what all readers share: the one that makes Python of it, the explainer, and any later one.
"""

from datetime import datetime, timedelta
from typing import Literal as OneOf

from msgspec import Struct

from regulars.engine.conditions.catalogue import Catalogue, Field
from regulars.engine.conditions.kinds import Basic, Kind

Comparison = OneOf["==", "!=", "<", "<=", ">", ">="]
Arithmetic = OneOf["+", "-", "*", "/", "%"]
TextTest = OneOf["startsWith", "endsWith", "contains"]
Function = Comparison | Arithmetic | TextTest | OneOf["in", "not", "negate", "size", "percent"]
MacroName = OneOf["exists", "all", "exists_one", "filter", "map"]
Constant = bool | int | str | datetime | timedelta | None


class Literal(Struct, frozen=True):
    """A value written in the condition; `timestamp('…')` and `duration('…')` are read when checked."""

    value: Constant
    kind: Kind
    position: int


class FieldValue(Struct, frozen=True):
    """A field of the catalogue."""

    field: Field
    position: int

    @property
    def kind(self) -> Kind:
        """The kind that the catalogue gives the field."""
        return self.field.kind


class Variable(Struct, frozen=True):
    """The element that a macro looks at; `number` counts the macros around it, so it is never ambiguous."""

    name: str
    number: int
    kind: Kind
    position: int


class Attribute(Struct, frozen=True):
    """An attribute of a record: `line.product`."""

    operand: "Node"
    name: str
    kind: Kind
    position: int


class Lookup(Struct, frozen=True):
    """A value by name: `event.data.stars`, `event.data['stars']`. It fails where the name is missing."""

    operand: "Node"
    key: "Node"
    position: int
    kind: Kind = Basic.ANY


class Has(Struct, frozen=True):
    """Whether a value of that name is there: `has(event.data.stars)`."""

    operand: "Node"
    key: str
    position: int
    kind: Kind = Basic.BOOL


class Item(Struct, frozen=True):
    """An element by place, from 0. It fails beyond the end."""

    operand: "Node"
    index: "Node"
    kind: Kind
    position: int


class Call(Struct, frozen=True):
    """An operator or function over its arguments; the receiver of a method is the first."""

    function: Function
    arguments: tuple["Node", ...]
    kind: Kind
    position: int


class Logic(Struct, frozen=True):
    """A whole chain of `&&` or of `||`. A deciding operand decides, even where another one fails."""

    operator: OneOf["&&", "||"]
    operands: tuple["Node", ...]
    position: int
    kind: Kind = Basic.BOOL


class Choice(Struct, frozen=True):
    """`test ? then : otherwise`; only the chosen side is looked at."""

    test: "Node"
    then: "Node"
    otherwise: "Node"
    kind: Kind
    position: int


class Items(Struct, frozen=True):
    """A list written in the condition."""

    elements: tuple["Node", ...]
    kind: Kind
    position: int


class Macro(Struct, frozen=True):
    """A question about each element of a list. `test` and `result` see the element as `variable`.

    `map` has a result, and a test in its form of three arguments; all others have a test only.
    """

    name: MacroName
    variable: Variable
    source: "Node"
    test: "Node | None"
    result: "Node | None"
    kind: Kind
    position: int


Node = Literal | FieldValue | Variable | Attribute | Lookup | Has | Item | Call | Logic | Choice | Items | Macro


class CheckedCondition(Struct, frozen=True, eq=False):
    """A condition that may be used: its text, its tree, and the fields that it asks for."""

    source: str
    root: Node
    catalogue: Catalogue
    fields: tuple[Field, ...]
