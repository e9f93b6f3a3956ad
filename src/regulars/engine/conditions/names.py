"""The names that a generated expression may use: bound values, helpers of `arithmetic`, fields' locals."""

from typing import Final, NamedTuple

from regulars.engine.conditions import arithmetic
from regulars.engine.conditions.nodes import Constant, FieldValue

_KEYWORDS: Final[dict[object, str]] = {True: "True", False: "False", None: "None"}


class Code(NamedTuple):
    """A Python expression, and whether working it out may raise one of `arithmetic.FAILURES`."""

    text: str
    can_fail: bool = False


class Names:
    """What the text of one expression refers to gathers here."""

    def __init__(self, prefix: str) -> None:
        self.constants: dict[str, object] = {}
        self.fields: dict[str, str] = {}
        self._prefix = prefix

    def literal(self, value: Constant) -> str:
        """Return what stands for a value that the author wrote."""
        if isinstance(value, bool) or value is None:
            return _KEYWORDS[value]
        return self.bind(value)

    def bind(self, value: object) -> str:
        """Return the name that a value goes by."""
        for name, bound in self.constants.items():
            if type(bound) is type(value) and bound == value:
                return name
        name = f"{self._prefix}{len(self.constants)}"
        self.constants[name] = value
        return name

    def field(self, node: FieldValue) -> Code:
        """Return the code of a field's value."""
        field = node.field
        self.fields[field.name] = field.local
        code = Code(field.local)
        return code if field.required else self.guarded("given", code)

    def helped(self, helper: str, *arguments: Code, can_fail: bool = False) -> Code:
        """Return the call of a function of `arithmetic`."""
        name = f"_cel_{helper}"
        self.constants[name] = getattr(arithmetic, helper)
        text = f"{name}({', '.join(argument.text for argument in arguments)})"
        return Code(text, can_fail or any(argument.can_fail for argument in arguments))

    def guarded(self, helper: str, *arguments: Code) -> Code:
        """Return the call of a function of `arithmetic` that may raise."""
        return self.helped(helper, *arguments, can_fail=True)
