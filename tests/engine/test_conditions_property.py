import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regulars.engine.conditions import (
    CheckedCondition,
    Failed,
    arithmetic,
    check,
    evaluator,
    explain_condition,
    reference,
)
from regulars.engine.conditions.emitter import Emitter
from regulars.engine.conditions.names import Code
from tests.engine.conditions_grammar import CATALOGUE, compared, conditions, facts, ratios, sums

# Raise it to look harder: REGULARS_CONDITION_EXAMPLES=100000.
EXAMPLES = int(os.environ.get("REGULARS_CONDITION_EXAMPLES", "2000"))
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SEEDS = st.integers(0, 2**32)


def checked(source: str) -> CheckedCondition:
    condition = check(source, CATALOGUE)
    assert isinstance(condition, CheckedCondition), f"{source}\n{condition}"
    return condition


def told(outcome: object) -> object:
    """Return an outcome without the wording of a failure, which is each reader's own."""
    return Failed if isinstance(outcome, Failed) else outcome


def agree(source: str, seed: int) -> None:
    """Assert that the compiled condition decides several facts as CEL does."""
    condition = checked(source)
    decide = evaluator(condition)
    for several in range(4):
        given_facts = facts(seed + several)
        assert told(decide(given_facts)) == told(reference(condition, given_facts)), (source, given_facts)


@settings(QUIET, max_examples=EXAMPLES)
@given(conditions(), SEEDS)
def test_compiled_conditions_decide_as_cel_does(source: str, seed: int) -> None:
    agree(source, seed)


@settings(QUIET, max_examples=EXAMPLES // 5)
@given(st.lists(conditions(depth=2), min_size=1, max_size=5), SEEDS)
def test_the_parts_of_an_explanation_add_up_to_the_outcome(sources: list[str], seed: int) -> None:
    condition = checked(" && ".join(sources))
    given_facts = facts(seed)

    parts = [told(part.held) for part in explain_condition(condition, given_facts)]

    expected = False if False in parts else Failed if Failed in parts else True
    assert told(evaluator(condition)(given_facts)) == expected


def exclusive(emitter: Emitter, sign: str, left: object, right: object) -> Code:
    return RIGHT_COMPARED(emitter, sign.rstrip("="), left, right)  # type: ignore[arg-type]


RIGHT_COMPARED = Emitter._compared

# What is broken, and the part of the grammar that would show it soonest.
Mutant = tuple[object, str, Callable[..., object], SearchStrategy[str]]
MUTANTS: dict[str, Mutant] = {
    "a bound that excludes itself": (Emitter, "_compared", exclusive, conditions()),
    "numbers without an end": (arithmetic, "within", lambda value: value, conditions()),
    "true that equals 1": (arithmetic, "equal", lambda left, right: left == right, conditions()),
    "division that rounds down": (arithmetic, "divide", lambda left, right: left // (right or 1), sums()),
    "a remainder of Python's sign": (arithmetic, "remainder", lambda left, right: left % (right or 1), sums()),
    "places from the end": (
        arithmetic,
        "item",
        lambda elements, index: elements[index % (len(elements) or 1)],
        compared(1, ()),
    ),
    "a failure that hides a false": (
        arithmetic,
        "all_of",
        lambda *operands: False not in [operand() for operand in operands],
        conditions(),
    ),
    "a failure that hides a true": (
        arithmetic,
        "exists",
        lambda test, elements: True in [test(element) for element in elements],
        ratios(),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_property_has_teeth(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong, part = MUTANTS[mutant]
    monkeypatch.setattr(where, name, wrong)

    @settings(QUIET, max_examples=3000, phases=[Phase.generate], database=None, derandomize=True)
    @given(part, SEEDS)
    def hunt(source: str, seed: int) -> None:
        agree(source, seed)

    with pytest.raises((AssertionError, ZeroDivisionError, IndexError)):
        hunt()
