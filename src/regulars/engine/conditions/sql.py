"""From a condition's tree to the text of a PostgreSQL expression: the reader for everybody at once.

Nothing that an author wrote is ever part of that text: values are parameters, elements of lists have numbered
names, and fields are the columns that the caller gives. What cannot be had is null, and in SQL's logic of three
values a null is to `AND`, `OR` and `NOT` what a failure is to CEL's operators. Every template takes each operand
once, so that the text grows no faster than the condition.
"""

from collections.abc import Mapping
from typing import Final, assert_never

from regulars.engine.conditions.arithmetic import INT_MAX, INT_MIN
from regulars.engine.conditions.kinds import Basic, Kind, ListOf
from regulars.engine.conditions.names import Code
from regulars.engine.conditions.nodes import (
    Attribute,
    Call,
    CheckedCondition,
    Choice,
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
    Variable,
)
from regulars.engine.conditions.sql_values import (
    INSTANT_MAX,
    INSTANT_MIN,
    SPAN_MAX,
    TYPES,
    Parameters,
    as_json,
    json_kind,
    of_kind,
    within,
)

_ANY: Final = Basic.ANY
_SUMS: Final = ("+", "-", "*")


def sql_of(condition: CheckedCondition, columns: Mapping[str, str], parameters: Parameters) -> str:
    """Return a boolean expression: true, false, or null where the condition cannot be decided.

    `columns` says where each field's value stands, null where it is missing: bools, whole numbers, texts (also in
    arrays), jsonb for values by name, and instants as microseconds since 1970.
    """
    return _Emitter(columns, parameters).condition(condition.root).text


class _Emitter:
    """One expression in the making."""

    def __init__(self, columns: Mapping[str, str], parameters: Parameters) -> None:
        self._columns = columns
        self._parameters = parameters

    def condition(self, node: Node) -> Code:
        """Return the code of something that must be true or false."""
        return self._held_to(Basic.BOOL, node)

    def _emit(self, node: Node) -> Code:
        match node:
            case Literal():
                return Code(self._parameters.literal(node.value))
            case FieldValue():
                return Code(self._columns[node.field.name], not node.field.required)
            case Variable():
                return Code(_variable(node))
            case Attribute():
                raise AssertionError("no field of members is a list of records")
            case Lookup():
                return _code("({} -> {})", self._emit(node.operand), self._emit(node.key), can_fail=True)
            case Has():
                return _code(f"({{}} ? {self._parameters.text(node.key)})", self._emit(node.operand))
            case Item():
                element = "SELECT l.value FROM unnest({}) WITH ORDINALITY AS l (value, place) WHERE l.place = {} + 1"
                index = self._held_to(Basic.INT, node.index)
                return _code(f"({element})", self._emit(node.operand), index, can_fail=True)
            case Call():
                return self._call(node)
            case Logic():
                word = " AND " if node.operator == "&&" else " OR "
                operands = [self.condition(operand) for operand in node.operands]
                return _code(f"({word.join(['{}'] * len(operands))})", *operands)
            case Choice():
                sides = self._converted(node.kind, node.then), self._converted(node.kind, node.otherwise)
                return _code("(CASE {} WHEN true THEN {} WHEN false THEN {} END)", self.condition(node.test), *sides)
            case Items():
                return self._items(node)
            case Macro():
                return self._macro(node)
            case _:
                assert_never(node)

    def _held_to(self, kind: Basic, node: Node) -> Code:
        """Return the code of a value of that kind; a value of any kind that is of another one is a failure."""
        code = self._emit(node)
        return _code(of_kind(kind), code, can_fail=True) if json_kind(node.kind) and kind is not _ANY else code

    def _converted(self, kind: Kind, node: Node) -> Code:
        """Return the code of a value as the kind of which it is one among others."""
        code = self._emit(node)
        return _code(as_json(node.kind), code) if json_kind(kind) else code

    def _call(self, node: Call) -> Code:
        if len(node.arguments) == 1:
            return self._unary(node.function, node.arguments[0])
        left, right = node.arguments
        match node.function:
            case "==" | "!=":
                first, second = self._alike(left, right)
                return _code(f"({{}} {'=' if node.function == '==' else '<>'} {{}})", first, second)
            case "<" | "<=" | ">" | ">=":
                return self._compared(node.function, left, right)
            case "+" | "-" | "*" | "/" | "%":
                return self._arithmetic(node.function, node.kind, left, right)
            case "in":
                return self._held(left, right)
            case "startsWith" | "endsWith" | "contains":
                texts = self._held_to(Basic.STRING, left), self._held_to(Basic.STRING, right)
                return _code(_TEXT_TESTS[node.function], *texts)
            case "percent":
                product = "div({}::numeric * {}::numeric, 100)"
                numbers = self._held_to(Basic.INT, left), self._held_to(Basic.INT, right)
                return _code(within(product, INT_MIN, INT_MAX), *numbers, can_fail=True)
            case "not" | "negate" | "size":
                raise AssertionError(f"{node.function} takes one argument")

    def _unary(self, function: Function, operand: Node) -> Code:
        if function == "not":
            return _code("(NOT {})", self.condition(operand))
        if function == "negate":
            number = self._held_to(Basic.INT, operand)
            return _code(within("-({}::numeric)", INT_MIN, INT_MAX), number, can_fail=True)
        assert function == "size"
        if isinstance(operand.kind, ListOf):
            return _code("cardinality({})", self._emit(operand))
        return _code("char_length({})", self._held_to(Basic.STRING, operand))

    def _alike(self, left: Node, right: Node) -> tuple[Code, Code]:
        """Return two values that may be equal in one form: as they are, or both as JSON."""
        if _form(left.kind) == _form(right.kind):
            return self._emit(left), self._emit(right)
        return _code(as_json(left.kind), self._emit(left)), _code(as_json(right.kind), self._emit(right))

    def _compared(self, sign: str, left: Node, right: Node) -> Code:
        kinds = (left.kind, right.kind)
        known = next((kind for kind in kinds if isinstance(kind, Basic) and not json_kind(kind)), None)
        if known is None:
            return _code(_EITHER.replace("<", sign), self._emit(left), self._emit(right), can_fail=True)
        # By code point, as CEL does, whatever the language of the database.
        collated = ' COLLATE "C"' if known is Basic.STRING else ""
        return _code(f"({{}}{collated} {sign} {{}})", self._held_to(known, left), self._held_to(known, right))

    def _arithmetic(self, sign: str, kind: Kind, left: Node, right: Node) -> Code:
        if isinstance(kind, ListOf):
            return _code(_JOINED, self._emit(left), self._emit(right))
        if kind is _ANY:
            return _code(_EITHER_SUM, self._emit(left), self._emit(right), can_fail=True)
        if kind is Basic.STRING:
            return _code("({} || {})", self._held_to(Basic.STRING, left), self._held_to(Basic.STRING, right))
        least, most = _BOUNDS[kind]
        template = _REMAINDER if sign == "%" else within(_operation(sign), least, most)
        held = Basic.INT if kind is Basic.INT else _ANY
        return _code(template, self._held_to(held, left), self._held_to(held, right), can_fail=True)

    def _held(self, needle: Node, holder: Node) -> Code:
        if holder.kind is Basic.VALUES:
            return _code("({1} ? {0})", self._emit(needle), self._emit(holder))
        assert isinstance(holder.kind, ListOf)
        value, elements = self._emit(needle), self._emit(holder)
        mixed = _form(needle.kind) != _form(holder.kind.element)
        if mixed:
            value, elements = _code(as_json(needle.kind), value), _code(as_json(holder.kind), elements)
        elif needle.kind is Basic.INT:
            value = _code("{}::numeric", value)
        # To SQL even null is not in an empty list, to CEL what fails is a failure wherever it is looked for.
        # The cast also says that a list in parentheses is a value and no set of rows.
        array = TYPES[Basic.ANY if mixed else _basic(needle.kind)]
        return _code((_HELD if value.can_fail else "({} = ANY ({}::LIST[]))").replace("LIST", array), value, elements)

    def _items(self, node: Items) -> Code:
        assert isinstance(node.kind, ListOf)
        codes = [self._converted(node.kind.element, element) for element in node.elements]
        array = f"ARRAY[{', '.join(['{}'] * len(codes))}]::{TYPES[_basic(node.kind.element)]}[]"
        whole = _code(array, *codes)
        return _code(_WHOLE_LIST, whole) if whole.can_fail else whole

    def _macro(self, node: Macro) -> Code:
        source, name = self._emit(node.source), _alias(node.variable)
        test = Code("true") if node.test is None else self.condition(node.test)
        result = Code(f"{name}.value") if node.result is None else self._emit(node.result)
        kind = node.kind.element if isinstance(node.kind, ListOf) else Basic.BOOL
        answer = _MACROS.get(node.name, _LISTED).replace("LIST", TYPES[_basic(kind)])
        # The list is worked out once, and one that cannot be had has no answer instead of no elements.
        return _code(_EACH.replace("ANSWER", answer).replace("ELEMENT", name), test, result, source)


_TEXT_TESTS: Final[Mapping[Function, str]] = {
    "startsWith": "starts_with({}, {})",
    "endsWith": "starts_with(reverse({}), reverse({}))",
    "contains": "(strpos({}, {}) > 0)",
}
_BOUNDS: Final[Mapping[Kind, tuple[int, int]]] = {
    Basic.INT: (INT_MIN, INT_MAX),
    Basic.TIMESTAMP: (INSTANT_MIN, INSTANT_MAX),
    Basic.DURATION: (-SPAN_MAX, SPAN_MAX),
}
_PAIR: Final = "FROM (SELECT {} AS one, {} AS other OFFSET 0) AS pair"
# C++ divides first, so the one quotient that does not fit spoils the remainder too.
_REMAINDER: Final = (
    f"(SELECT CASE WHEN pair.one <> {INT_MIN} OR pair.other <> -1 "
    f"THEN mod(pair.one::numeric, nullif(pair.other::numeric, 0)) END {_PAIR})"
)
_JOINED: Final = f"(SELECT pair.one || pair.other {_PAIR} WHERE num_nulls(pair.one, pair.other) = 0)"
_HELD: Final = f"(SELECT pair.one = ANY (pair.other::LIST[]) {_PAIR} WHERE pair.one IS NOT NULL)"
_WHOLE_LIST: Final = (
    "(SELECT list.value FROM (SELECT {} AS value OFFSET 0) AS list WHERE array_position(list.value, NULL) IS NULL)"
)
# For two values of kinds unknown until now; null for what cannot be compared or added.
_EITHER: Final = (
    "(SELECT CASE WHEN jsonb_typeof(pair.one) = jsonb_typeof(pair.other) THEN CASE jsonb_typeof(pair.one) "
    "WHEN 'number' THEN pair.one::numeric < pair.other::numeric "
    "WHEN 'string' THEN (pair.one #>> '{{}}') COLLATE \"C\" < (pair.other #>> '{{}}') "
    f"WHEN 'boolean' THEN pair.one::boolean < pair.other::boolean END END {_PAIR})"
)
_EITHER_SUM: Final = (
    "(SELECT CASE WHEN jsonb_typeof(pair.one) = jsonb_typeof(pair.other) THEN CASE jsonb_typeof(pair.one) "
    f"WHEN 'number' THEN to_jsonb({within('pair.one::numeric + pair.other::numeric', INT_MIN, INT_MAX)}) "
    f"WHEN 'string' THEN to_jsonb((pair.one #>> '{{{{}}}}') || (pair.other #>> '{{{{}}}}')) END END {_PAIR})"
)
_EACH: Final = (
    "(SELECT (SELECT ANSWER FROM (SELECT {} AS test, {} AS result, ELEMENT.place "
    "FROM unnest(list.value) WITH ORDINALITY AS ELEMENT (value, place)) AS answer) "
    "FROM (SELECT {} AS value OFFSET 0) AS list WHERE list.value IS NOT NULL)"
)
_MACROS: Final[Mapping[str, str]] = {
    "exists": "CASE WHEN bool_or(answer.test) THEN true WHEN bool_or(answer.test IS NULL) THEN NULL ELSE false END",
    "all": ("CASE WHEN bool_or(NOT answer.test) THEN false WHEN bool_or(answer.test IS NULL) THEN NULL ELSE true END"),
    "exists_one": ("CASE WHEN bool_or(answer.test IS NULL) THEN NULL ELSE count(*) FILTER (WHERE answer.test) = 1 END"),
}
_LISTED: Final = (
    "CASE WHEN bool_or(answer.test IS NULL OR (answer.test AND answer.result IS NULL)) THEN NULL "
    "ELSE coalesce(array_agg(answer.result ORDER BY answer.place) FILTER (WHERE answer.test), ARRAY[]::LIST[]) END"
)


def _operation(sign: str) -> str:
    if sign == "/":
        return "div({}::numeric, nullif({}::numeric, 0))"
    assert sign in _SUMS
    return f"{{}}::numeric {sign} {{}}::numeric"


def _code(template: str, *parts: Code, can_fail: bool = False) -> Code:
    text = template.format(*(part.text for part in parts))
    return Code(text, can_fail or any(part.can_fail for part in parts))


def _variable(variable: Variable) -> str:
    return f"{_alias(variable)}.value"


def _alias(variable: Variable) -> str:
    return f"element_{variable.number}"


def _form(kind: Kind) -> object:
    """Return what values of a kind are in SQL, so that two of one form can be held against each other."""
    if isinstance(kind, ListOf):
        return ("list", _form(kind.element))
    return _ANY if json_kind(kind) else kind


def _basic(kind: Kind) -> Basic:
    assert isinstance(kind, Basic), "no field of members is a list of records"
    return kind
