"""Giving every part of a condition its kind, and refusing whatever is not on the list of what is allowed.

CEL's checker has found the typos by then. What it takes for granted is looked at again here: the attributes
of records, which to CEL are maps of anything, and every function, so that nothing is left to be refused
when an event waits for its decision.
"""

from typing import Final, assert_never

from regulars.engine.conditions import syntax
from regulars.engine.conditions.catalogue import Catalogue, Field
from regulars.engine.conditions.errors import Code, ConditionError, Text
from regulars.engine.conditions.hints import (
    FLAT,
    INSTANT,
    INSTEAD,
    LENGTH,
    LINEAR,
    PRESENT,
    SPLIT,
    WHOLE,
    did_you_mean,
    misuse,
)
from regulars.engine.conditions.instants import read_duration, read_timestamp
from regulars.engine.conditions.kinds import Basic, Kind, ListOf, Record, spell
from regulars.engine.conditions.nodes import (
    Attribute,
    Call,
    Choice,
    FieldValue,
    Has,
    Item,
    Items,
    Literal,
    Logic,
    Lookup,
    Macro,
    Node,
    Variable,
)
from regulars.engine.conditions.overloads import FUNCTIONS, joined, result_of

DEPTH_MAX: Final = 32
_ANY: Final = Basic.ANY
_TRUTH: Final = (Basic.BOOL, _ANY)


class Typer:
    """One reading of one condition: what it asks for and what is wrong with it gather here."""

    def __init__(self, text: Text, catalogue: Catalogue, positions: dict[int, int]) -> None:
        self.errors: list[ConditionError] = []
        self.fields: dict[str, Field] = {}
        self._text = text
        self._catalogue = catalogue
        self._positions = positions
        self._variables: dict[str, Variable] = {}
        self._depth = 0
        # How many mistakes there were before the node at hand: what is wrong inside it silences the node
        # itself, for its complaint would only follow from the other.
        self._known = 0

    def node(self, tree: syntax.Tree) -> Node:
        """Return the typed node of a tree; a refused one stands as a literal of any kind."""
        if self._depth == DEPTH_MAX:
            return self._refuse(tree, Code.TOO_DEEP, "the condition is nested too deeply", SPLIT)
        outer, self._known = self._known, len(self.errors)
        self._depth += 1
        node = self._node(tree)
        self._depth -= 1
        self._known = outer
        return node

    def _node(self, tree: syntax.Tree) -> Node:
        match tree:
            case syntax.Const():
                return self._literal(tree)
            case syntax.Ident():
                return self._named(tree)
            case syntax.Select():
                return self._selected(tree)
            case syntax.Elements():
                return self._items(tree)
            case syntax.Fold():
                return self._macro(tree)
            case syntax.Create():
                return self._refuse(tree, Code.NOT_ALLOWED, "maps cannot be written in a condition")
            case syntax.Invoke(function="_&&_" | "_||_"):
                return self._logic(tree)
            case syntax.Invoke(function="_?_:_"):
                return self._choice(tree)
            case syntax.Invoke(function="_[_]"):
                return self._indexed(tree)
            case syntax.Invoke(function="timestamp" | "duration"):
                return self._time(tree)
            case syntax.Invoke():
                return self._call(tree)
            case _:
                assert_never(tree)

    def _literal(self, tree: syntax.Const) -> Node:
        value = tree.value
        if isinstance(value, syntax.Unsupported):
            return self._refuse(tree, Code.NOT_ALLOWED, "only whole numbers and texts can be written here", WHOLE)
        kinds: dict[type, Basic] = {bool: Basic.BOOL, int: Basic.INT, str: Basic.STRING}
        return Literal(value, kinds.get(type(value), Basic.NULL), self._at(tree))

    def _named(self, tree: syntax.Ident) -> Node:
        name = tree.name.removeprefix(".")
        if name in self._variables:
            variable = self._variables[name]
            return Variable(name, variable.number, variable.kind, self._at(tree))
        if self._text.source.startswith("(", self._at(tree)):
            # CEL's checker puts the field itself in the place of `has(field)`, which is not what it asks.
            message = f"has() asks for a value by name, and {name!r} is a field"
            return self._refuse(tree, Code.NOT_ALLOWED, message, PRESENT)
        if field := self._catalogue.available.get(name):
            self.fields[name] = field
            return FieldValue(field, self._start(tree, name))
        if field := self._catalogue.elsewhere.get(name):
            return self._foreign(tree, field)
        return self._refuse(tree, Code.NOT_ALLOWED, f"{name!r} is not a value")

    def _foreign(self, tree: syntax.Tree, field: Field) -> Node:
        owners = ", ".join(sorted(field.event_types or ()))
        here = self._catalogue.event_type
        asked = f"not of {here!r}" if here else "and this condition is for events of every type"
        message = f"{field.name!r} is a field of {owners} events, {asked}"
        return self._refuse(tree, Code.FIELD_OF_OTHER_EVENT, message, start_of=field.name)

    def _selected(self, tree: syntax.Select) -> Node:
        operand = self.node(tree.operand)
        kind = operand.kind
        if isinstance(kind, Record):
            return self._attribute(tree, operand, kind)
        if kind is not Basic.VALUES:
            message = f"{tree.field!r} cannot be taken out of a value of kind {spell(kind)}"
            return self._refuse(tree, Code.KINDS, message, FLAT)
        if tree.test_only:
            return Has(operand, tree.field, self._at(tree))
        key = Literal(tree.field, Basic.STRING, self._at(tree))
        return Lookup(operand, key, self._at(tree))

    def _attribute(self, tree: syntax.Select, operand: Node, record: Record) -> Node:
        if tree.test_only:
            return self._refuse(tree, Code.NOT_ALLOWED, f"a {record.name} always has its attributes")
        found = record.find(tree.field)
        if found is None:
            known = [field.name for field in record.fields]
            hint = did_you_mean(tree.field, known) or f"It has {', '.join(known)}."
            message = f"a {record.name} has no attribute {tree.field!r}"
            return self._refuse(tree, Code.UNKNOWN_FIELD, message, hint)
        return Attribute(operand, found.name, found.kind, self._at(tree))

    def _items(self, tree: syntax.Elements) -> Node:
        elements = tuple(map(self.node, tree.elements))
        kind: Kind | None = elements[0].kind if elements else _ANY
        for element in elements[1:]:
            kind = joined(kind, element.kind) if kind is not None else None
        if not isinstance(kind, Basic) or kind is Basic.VALUES:
            message = "the elements of a list must be simple values of one kind"
            return self._refuse(tree, Code.KINDS, message)
        return Items(elements, ListOf(kind), self._at(tree))

    def _logic(self, tree: syntax.Invoke) -> Node:
        # CEL balances a long chain into a tree; one node of all operands is what the author wrote.
        operands = tuple(self.node(operand) for operand in _chain(tree, tree.function))
        sign = "&&" if tree.function == "_&&_" else "||"
        for operand in operands:
            if operand.kind not in _TRUTH:
                message = f"{sign!r} joins conditions, not values of kind {spell(operand.kind)}"
                self._add(Code.KINDS, operand.position, message)
        return Logic("&&" if sign == "&&" else "||", operands, self._at(tree))

    def _choice(self, tree: syntax.Invoke) -> Node:
        test, then, otherwise = map(self.node, tree.arguments)
        kind = joined(then.kind, otherwise.kind)
        if test.kind not in _TRUTH or kind is None:
            message = "'?:' chooses by a condition between two values of one kind"
            return self._refuse(tree, Code.KINDS, message)
        return Choice(test, then, otherwise, kind, self._at(tree))

    def _indexed(self, tree: syntax.Invoke) -> Node:
        operand, index = map(self.node, tree.arguments)
        if operand.kind is Basic.VALUES and index.kind is Basic.STRING:
            return Lookup(operand, index, self._at(tree))
        if isinstance(operand.kind, ListOf) and index.kind in (Basic.INT, _ANY):
            return Item(operand, index, operand.kind.element, self._at(tree))
        message = f"a value of kind {spell(operand.kind)} has no elements by {spell(index.kind)}"
        return self._refuse(tree, Code.KINDS, message)

    def _time(self, tree: syntax.Invoke) -> Node:
        match tree.arguments:
            case (syntax.Const(value=str() as written),):
                pass
            case _:
                return self._refuse(tree, Code.NOT_ALLOWED, f"{tree.function}() takes a text in quotes")
        if tree.function == "timestamp":
            instant = read_timestamp(written)
            if instant is not None:
                return Literal(instant, Basic.TIMESTAMP, self._at(tree))
            return self._refuse(tree, Code.KINDS, f"{written!r} is not an instant", INSTANT)
        length = read_duration(written)
        if length is not None:
            return Literal(length, Basic.DURATION, self._at(tree))
        return self._refuse(tree, Code.KINDS, f"{written!r} is not a length of time", LENGTH)

    def _call(self, tree: syntax.Invoke) -> Node:
        function = FUNCTIONS.get(tree.function)
        if function is None:
            message = f"the function {tree.function!r} cannot be used in a condition"
            return self._refuse(tree, Code.NOT_ALLOWED, message, INSTEAD.get(tree.function, ""))
        arguments = tuple(map(self.node, tree.arguments))
        kinds = tuple(argument.kind for argument in arguments)
        result = result_of(function, kinds)
        if result is None:
            message, hint = misuse(function, [spell(kind) for kind in kinds])
            return self._refuse(tree, Code.KINDS, message, hint)
        return Call(function, arguments, result, self._at(tree))

    def _macro(self, tree: syntax.Fold) -> Node:
        source = self.node(tree.source)
        if not isinstance(source.kind, ListOf):
            message = f"{tree.name}() asks about the elements of a list, not of {spell(source.kind)}"
            return self._refuse(tree, Code.KINDS, message)
        if self._variables and not _own(source):
            message = f"{tree.name}() inside another macro may only look into that macro's own element"
            return self._refuse(tree, Code.NOT_ALLOWED, message, LINEAR)
        if tree.variable in self._variables or tree.variable in self._catalogue.roots:
            message = f"the name {tree.variable!r} has a meaning already"
            return self._refuse(tree, Code.NOT_ALLOWED, message, "Choose another name for the element.")
        number = len(self._variables)
        variable = Variable(tree.variable, number, source.kind.element, self._at(tree))
        self._variables[tree.variable] = variable
        test = None if tree.test is None else self.node(tree.test)
        result = None if tree.result is None else self.node(tree.result)
        del self._variables[tree.variable]
        if test is not None and test.kind not in _TRUTH:
            self._add(Code.KINDS, test.position, f"{tree.name}() wants a condition about each element")
        return self._folded(tree, variable, source, test, result)

    def _folded(
        self, tree: syntax.Fold, variable: Variable, source: Node, test: Node | None, result: Node | None
    ) -> Node:
        kind: Kind = source.kind if tree.name == "filter" else Basic.BOOL
        if result is not None:
            if not isinstance(result.kind, Basic) or result.kind is Basic.VALUES:
                return self._refuse(tree, Code.KINDS, "map() makes a list of simple values only")
            kind = ListOf(result.kind)
        return Macro(tree.name, variable, source, test, result, kind, self._at(tree))

    def _at(self, tree: syntax.Tree) -> int:
        position = self._positions.get(tree.id, 0)
        # CEL gives the place of the dot; the name behind it is what the author looks for.
        dotted = isinstance(tree, syntax.Select) and self._text.source.startswith(".", position)
        return position + 1 if dotted else position

    def _start(self, tree: syntax.Tree, name: str) -> int:
        """Return where a dotted name begins; CEL gives the place of its last dot."""
        position = self._at(tree)
        start = position - name.rfind(".")
        return start if self._text.source.startswith(name, max(start, 0)) else position

    def _refuse(self, tree: syntax.Tree, code: Code, message: str, hint: str = "", *, start_of: str = "") -> Node:
        position = self._start(tree, start_of) if start_of else self._at(tree)
        self._add(code, position, message, hint)
        return Literal(None, _ANY, position)

    def _add(self, code: Code, position: int, message: str, hint: str = "") -> None:
        if len(self.errors) == self._known:
            self.errors.append(self._text.error(code, position, message, hint))


def _chain(tree: syntax.Tree, function: str) -> list[syntax.Tree]:
    if isinstance(tree, syntax.Invoke) and tree.function == function:
        return [operand for side in tree.arguments for operand in _chain(side, function)]
    return [tree]


def _own(source: Node) -> bool:
    """Tell whether a list is part of an element at hand or was written out.

    Only then does all the work that nested macros cause stay in proportion to the size of the event.
    """
    match source:
        case Attribute(operand=Variable()) | Items():
            return True
        case Macro():
            return _own(source.source)
        case _:
            return False
