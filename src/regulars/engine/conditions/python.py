"""Conditions as plain Python: an expression to put into a larger function, or a function of the facts.

The names that an expression uses are: each field's local (`order.total_minor` is `order_total_minor`), and
those of its constants, which all begin with an underscore. `MISSING` stands for an optional field's absence.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, cast

from msgspec import Struct

from regulars.engine.conditions import arithmetic
from regulars.engine.conditions.arithmetic import MISSING, Failed
from regulars.engine.conditions.emitter import Emitter
from regulars.engine.conditions.names import Code
from regulars.engine.conditions.nodes import CheckedCondition, Node

_PREFIX: Final = re.compile(r"_[a-z0-9_]*_")


class PythonSource(Struct, frozen=True):
    """A Python expression that never raises: it is True, or falsy (False, or a `Failed` with the reason).

    `constants` are to be in the namespace where the expression is compiled; names that begin with `_cel_`
    are the same functions for every condition. `fields` are the catalogue's names of the locals it needs.
    """

    expression: str
    constants: dict[str, object]
    fields: frozenset[str]
    can_fail: bool


def compile_python(condition: CheckedCondition, prefix: str = "_c_") -> PythonSource:
    """Return the condition as a Python expression.

    `prefix` keeps the constants of several conditions apart in one namespace; it begins and ends with an
    underscore, as in `_c12_`.
    """
    return python_of(condition.root, prefix)


def python_of(node: Node, prefix: str = "_c_") -> PythonSource:
    """Return one part of a condition as a Python expression; a value that cannot be had is a `Failed`."""
    if not _PREFIX.fullmatch(prefix) or prefix == "_cel_":
        raise ValueError(f"{prefix!r} cannot begin the names of constants: write something like _c12_")
    emitter = Emitter(prefix)
    code = emitter.emit(node)
    fields = frozenset(emitter.fields)
    if not code.can_fail:
        return PythonSource(code.text, emitter.constants, fields, can_fail=False)
    arguments = ", ".join(sorted(emitter.fields.values()))
    name = f"{prefix}decide"
    constants: dict[str, object] = {name: _careful(code, arguments, emitter.constants)}
    return PythonSource(f"{name}({arguments})", constants, fields, can_fail=True)


def evaluator(condition: CheckedCondition) -> Callable[[Mapping[str, object]], bool | Failed]:
    """Return a function that decides the condition for facts: values by the names of fields."""
    return _function(compile_python(condition))


def value_of(node: Node) -> Callable[[Mapping[str, object]], object]:
    """Return a function that works out one part of a condition for facts."""
    return _function(python_of(node))


def evaluate(condition: CheckedCondition, facts: Mapping[str, object]) -> bool | Failed:
    """Return whether the condition holds for facts that have every required field it asks for."""
    return _kept(condition)(facts)


_kept = lru_cache(maxsize=1024)(evaluator)


def _careful(code: Code, arguments: str, constants: dict[str, object]) -> Callable[..., bool | Failed]:
    text = (
        f"def decide({arguments}):\n"
        f"    try:\n"
        f"        return {code.text}\n"
        f"    except _cel_failures as error:\n"
        f"        return _cel_failed(error)\n"
    )
    namespace = {
        **constants,
        "_cel_failures": arithmetic.FAILURES,
        "_cel_failed": arithmetic.failed,
    }
    return _defined(text, "decide", namespace)


def _function(source: PythonSource) -> Callable[[Mapping[str, object]], bool | Failed]:
    namespace = {**source.constants, "_cel_missing": MISSING}
    lines = ["def condition(facts):"]
    for number, name in enumerate(sorted(source.fields)):
        namespace[f"_name_{number}"] = name
        lines.append(f"    {name.replace('.', '_')} = facts.get(_name_{number}, _cel_missing)")
    lines.append(f"    return {source.expression}")
    return _defined("\n".join(lines), "condition", namespace)


def _defined(text: str, name: str, namespace: dict[str, object]) -> Callable[..., bool | Failed]:
    # The text is put together from our own words and the catalogue's names; see `emitter`.
    exec(compile(text, "<condition>", "exec"), namespace)  # noqa: S102
    return cast("Callable[..., bool | Failed]", namespace[name])
