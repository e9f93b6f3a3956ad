"""Which rules an event meets: one Python function per kind of event and channel, made from the live rules."""

from collections.abc import Callable, Mapping, Sequence

from regulars.engine.asking import reader
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.python import compile_python
from regulars.engine.earning import Rule
from regulars.engine.facts import Facts

Matcher = Callable[[Facts], Sequence[Rule]]


def facts_of(condition: CheckedCondition, facts: Facts) -> dict[str, object]:
    """Return the values of the fields that a condition asks for, by the fields' names."""
    return {field.name: reader(field.name)(facts) for field in condition.fields}


def build(rules: Sequence[Rule], conditions: Mapping[str, CheckedCondition]) -> Matcher:
    """Return a function that gives the rules an event meets, in their order.

    Cheap questions come first: the window, the shop, a line in scope; the condition is asked last. A
    condition that cannot be decided for the event does not match. Nothing of a rule's text gets into the
    code: what the author wrote is bound as a value, and conditions come as code made from their checked tree.
    """
    names: dict[str, object] = {}
    fields: dict[str, str] = {}
    body: list[str] = []
    for number, rule in enumerate(rules):
        names[f"rule_{number}"] = rule
        tests = _tests(number, rule, names)
        condition = conditions.get(rule.id)
        if condition is not None:
            source = compile_python(condition, prefix=f"_c{number}_")
            names.update(source.constants)
            fields.update({field.local: field.name for field in condition.fields})
            tests.append(f"({source.expression})")
        met = f"met.append(rule_{number})"
        body.append(f"if {' and '.join(tests)}: {met}" if tests else met)
    return _made(names, fields, body)


def _tests(number: int, rule: Rule, names: dict[str, object]) -> list[str]:
    tests = []
    for name, value, test in (
        ("starts", rule.starts_at, "starts_{} <= at"),
        ("ends", rule.ends_at, "at < ends_{}"),
        ("shops", frozenset(rule.shops), "shop in shops_{}"),
    ):
        if value:
            names[f"{name}_{number}"] = value
            tests.append(test.format(number))
    scope = rule.lines()
    wanted = scope.named if scope is not None else ()
    if len(wanted) == 1:
        names[f"key_{number}"] = wanted[0]
        tests.append(f"key_{number} in keys")
    elif wanted:
        names[f"keys_{number}"] = frozenset(wanted)
        tests.append(f"not keys_{number}.isdisjoint(keys)")
    return tests


def _made(names: dict[str, object], fields: Mapping[str, str], body: Sequence[str]) -> Matcher:
    reads = []
    for number, (local, field) in enumerate(fields.items()):
        names[f"read_{number}"] = reader(field)
        reads.append(f"{local} = read_{number}(facts)")
    lines = [
        "def matcher(facts):",
        *(
            f"    {line}"
            for line in (
                "met = []",
                "at = facts.event.occurred_at",
                "shop = facts.event.shop",
                "keys = facts.keys",
            )
        ),
        *(f"    {line}" for line in (*reads, *body)),
        "    return met",
    ]
    exec(compile("\n".join(lines), "<rules>", "exec"), names)  # noqa: S102
    made = names["matcher"]
    assert callable(made)
    return made
