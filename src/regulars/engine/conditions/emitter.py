"""From a condition's tree to the text of a Python expression.

Nothing that an author wrote is ever part of that text: values are bound to names of our own, elements of
lists have numbered names, and fields and attributes come from the catalogue. Where no part of a condition
can fail, the expression is what one would write by hand; elsewhere helpers of `arithmetic` watch over it.
"""

from collections.abc import Iterable
from typing import Final, assert_never

from regulars.engine.conditions.kinds import Basic, Kind, ListOf
from regulars.engine.conditions.names import Code, Names
from regulars.engine.conditions.nodes import (
    Attribute,
    Call,
    Choice,
    Constant,
    FieldValue,
    Function,
    Has,
    Item,
    Items,
    Literal,
    Logic,
    Lookup,
    Macro,
    Node,
    TextTest,
    Variable,
)

_ANY: Final = Basic.ANY


class Emitter(Names):
    """One expression in the making."""

    def condition(self, node: Node) -> Code:
        """Return the code of something that must be true or false."""
        code = self.emit(node)
        return self.guarded("truth", code) if node.kind is _ANY else code

    def emit(self, node: Node) -> Code:
        """Return the code of a value."""
        match node:
            case Literal():
                return Code(self.literal(node.value))
            case FieldValue():
                return self.field(node)
            case Variable():
                return Code(_variable(node))
            case Attribute():
                operand = self.emit(node.operand)
                return Code(f"{operand.text}.{node.name}", operand.can_fail)
            case Lookup():
                return Code(f"{self.emit(node.operand).text}[{self.emit(node.key).text}]", can_fail=True)
            case Has():
                operand = self.emit(node.operand)
                return Code(f"({self.literal(node.key)} in {operand.text})", operand.can_fail)
            case Item():
                return self.helped("item", self.emit(node.operand), self._whole(node.index), can_fail=True)
            case Call():
                return self._call(node)
            case Logic():
                return self._logic(node)
            case Choice():
                test, then, other = self.condition(node.test), self.emit(node.then), self.emit(node.otherwise)
                return _code(f"({then.text} if {test.text} else {other.text})", test, then, other)
            case Items():
                return self._items(node)
            case Macro():
                return self._macro(node)
            case _:
                assert_never(node)

    def _whole(self, node: Node) -> Code:
        code = self.emit(node)
        return self.guarded("whole", code) if node.kind is _ANY else code

    def _text(self, node: Node) -> Code:
        code = self.emit(node)
        return self.guarded("text", code) if node.kind is _ANY else code

    def _call(self, node: Call) -> Code:
        if len(node.arguments) == 1:
            return self._unary(node.function, node.arguments[0])
        left, right = node.arguments
        match node.function:
            case "==":
                return self._equal(left, right)
            case "!=":
                return _negated(self._equal(left, right))
            case "<" | "<=" | ">" | ">=":
                return self._compared(node.function, left, right)
            case "+" | "-" | "*" | "/" | "%":
                return self._arithmetic(node.function, node.kind, left, right)
            case "in":
                return self._held(left, right)
            case "startsWith" | "endsWith" | "contains":
                return self._text_test(node.function, self._text(left), self._text(right))
            case "percent":
                return self.guarded("percent", self._whole(left), self._whole(right))
            case "not" | "negate" | "size":
                raise AssertionError(f"{node.function} takes one argument")

    def _unary(self, function: Function, operand: Node) -> Code:
        if function == "not":
            return _negated(self.condition(operand))
        if function == "negate":
            return self.guarded("within", Code(f"-{self._whole(operand).text}"))
        assert function == "size"
        code = self.emit(operand) if isinstance(operand.kind, ListOf) else self._text(operand)
        return Code(f"len({code.text})", code.can_fail)

    def _text_test(self, function: TextTest, whole: Code, part: Code) -> Code:
        if function == "contains":
            return _code(f"({part.text} in {whole.text})", whole, part)
        return _code(f"{whole.text}.{function.lower()}({part.text})", whole, part)

    def _equal(self, left: Node, right: Node) -> Code:
        codes = self.emit(left), self.emit(right)
        if isinstance(left.kind, ListOf):
            return self.helped("equal_lists", *codes)
        if _alike(left, right):
            return _code(f"({codes[0].text} == {codes[1].text})", *codes)
        return self.helped("equal", *codes)

    def _compared(self, sign: str, left: Node, right: Node) -> Code:
        if left.kind is _ANY and right.kind is _ANY:
            codes = self.emit(left), self.emit(right)
            helper = "less_or_equal" if sign.endswith("=") else "less"
            return self.guarded(helper, *(reversed(codes) if sign.startswith(">") else codes))
        first, second = self._alike(left, right)
        return _code(f"({first.text} {sign} {second.text})", first, second)

    def _alike(self, left: Node, right: Node) -> tuple[Code, Code]:
        """Return both sides, a value of any kind held to the kind of the other side."""
        kinds = (left.kind, right.kind)
        if Basic.INT in kinds:
            return self._whole(left), self._whole(right)
        if Basic.STRING in kinds:
            return self._text(left), self._text(right)
        return self.emit(left), self.emit(right)

    def _arithmetic(self, sign: str, kind: Kind, left: Node, right: Node) -> Code:
        if kind is _ANY:
            return self.guarded("add", self.emit(left), self.emit(right))
        if kind is Basic.INT:
            whole = self._whole(left), self._whole(right)
            if sign in ("/", "%"):
                return self.guarded("divide" if sign == "/" else "remainder", *whole)
            return self.guarded("within", Code(f"{whole[0].text} {sign} {whole[1].text}"))
        first, second = self._alike(left, right)
        if isinstance(kind, ListOf):
            return _code(f"[*{first.text}, *{second.text}]", first, second)
        sum_of = _code(f"({first.text} {sign} {second.text})", first, second)
        if kind is Basic.TIMESTAMP:
            return Code(sum_of.text, can_fail=True)
        if kind is Basic.DURATION:
            return self.guarded("spanned", sum_of)
        return sum_of

    def _held(self, needle: Node, holder: Node) -> Code:
        code = self.emit(needle)
        written = _written(holder)
        if written is Basic.INT and needle.kind is _ANY:
            return self.helped("whole_among", code, Code(self.bind(frozenset(_values(holder)))))
        # A list that was written out is looked into as a set.
        holding = self.emit(holder) if written is None else Code(self.bind(frozenset(_values(holder))))
        element = holder.kind.element if isinstance(holder.kind, ListOf) else Basic.STRING
        kinds = (needle.kind, element)
        if Basic.STRING in kinds or (kinds[0] == kinds[1] and _ANY not in kinds):
            return _code(f"({code.text} in {holding.text})", code, holding)
        return self.helped("among", code, holding)

    def _logic(self, node: Logic) -> Code:
        word, helper = ("and", "all_of") if node.operator == "&&" else ("or", "any_of")
        codes = [self.condition(operand) for operand in node.operands]
        # A deciding operand decides wherever it stands, so those that cannot fail may come first.
        sure = [code for code in codes if not code.can_fail]
        risky = [code for code in codes if code.can_fail]
        if len(risky) > 1:
            thunks = [Code(f"lambda: {code.text}") for code in risky]
            risky = [self.guarded(helper, *thunks)]
        return Code(f"({f' {word} '.join(code.text for code in (*sure, *risky))})", bool(risky))

    def _items(self, node: Items) -> Code:
        if _written(node) is not None:
            return Code(self.bind(_values(node)))
        codes = [self.emit(element) for element in node.elements]
        return _code(f"({''.join(f'{code.text}, ' for code in codes)})", *codes)

    def _macro(self, node: Macro) -> Code:
        source = self.emit(node.source)
        name = _variable(node.variable)
        test = None if node.test is None else self.condition(node.test)
        if node.name in ("exists", "all"):
            assert test is not None
            return self._quantified(node, name, source, test)
        loop = f"for {name} in {source.text}" + (f" if {test.text}" if test else "")
        fails = source.can_fail or (test is not None and test.can_fail)
        if node.name == "exists_one":
            return Code(f"(sum(1 {loop}) == 1)", fails)
        result = Code(name) if node.result is None else self.emit(node.result)
        return Code(f"[{result.text} {loop}]", fails or result.can_fail)

    def _quantified(self, node: Macro, name: str, source: Code, test: Code) -> Code:
        if node.name == "exists" and (short := self._membership(node, source)) is not None:
            return short
        if test.can_fail:
            helper = "exists" if node.name == "exists" else "every"
            return self.guarded(helper, Code(f"lambda {name}: {test.text}"), source)
        word = "any" if node.name == "exists" else "all"
        return Code(f"{word}({test.text} for {name} in {source.text})", source.can_fail)

    def _membership(self, node: Macro, source: Code) -> Code | None:
        """Return a test that Python makes without a loop, for the two commonest questions about a list."""
        element = node.variable
        if not isinstance(node.test, Call) or element.kind not in (Basic.STRING, Basic.INT):
            return None
        match node.test.function, node.test.arguments:
            case "==", (Variable(number=element.number), Literal() | FieldValue() as wanted):
                code = self.emit(wanted)
                if wanted.kind == element.kind and not code.can_fail:
                    return _code(f"({code.text} in {source.text})", source)
            case "in", (Variable(number=element.number), Items() as wanted) if _written(wanted):
                values = self.bind(frozenset(_values(wanted)))
                return Code(f"(not {values}.isdisjoint({source.text}))", source.can_fail)
            case _:
                pass
        return None


def _code(text: str, *parts: Code) -> Code:
    return Code(text, any(part.can_fail for part in parts))


def _negated(code: Code) -> Code:
    return Code(f"(not {code.text})", code.can_fail)


def _variable(variable: Variable) -> str:
    return f"v{variable.number}"


def _alike(left: Node, right: Node) -> bool:
    """Tell whether Python's `==` says the same as CEL's; it would take true for 1 and false for 0."""
    kinds = (left.kind, right.kind)
    if _ANY not in kinds or Basic.STRING in kinds or Basic.NULL in kinds:
        return True
    numbers = [node.value for node in (left, right) if isinstance(node, Literal) and node.kind is Basic.INT]
    return any(number not in (0, 1) for number in numbers)


def _written(node: Node) -> Kind | None:
    """Return the one kind of a list of texts or whole numbers all written out, if the node is one."""
    if not isinstance(node, Items) or not isinstance(node.kind, ListOf):
        return None
    literals = all(isinstance(element, Literal) for element in node.elements)
    return node.kind.element if literals and node.kind.element in (Basic.STRING, Basic.INT) else None


def _values(node: Node) -> tuple[Constant, ...]:
    elements: Iterable[Node] = node.elements if isinstance(node, Items) else ()
    return tuple(element.value for element in elements if isinstance(element, Literal))
