"""Which rules an event meets: an index leads from what is in the basket to the rules that ask for it."""

from collections.abc import Callable, Mapping, Sequence

from regulars.engine.asking import reader
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.python import compile_python
from regulars.engine.earning import Rule
from regulars.engine.facts import Facts
from regulars.engine.programme import Key

Test = Callable[[Facts, "Fields"], object]
"""Whether an event meets a rule beside its lines: the window, the shop, the condition."""


class Fields(dict[str, object]):
    """The values of the fields that conditions ask for, by the fields' names, each read when it is first asked for."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __missing__(self, name: str) -> object:
        value = self[name] = reader(name)(self._facts)
        return value


def facts_of(condition: CheckedCondition, facts: Facts) -> dict[str, object]:
    """Return the values of the fields that a condition asks for, by the fields' names."""
    return {field.name: reader(field.name)(facts) for field in condition.fields}


class Matcher:
    """The rules that look at one type of event in one channel; `tests` holds those of each rule, by its id."""

    def __init__(self, rules: Sequence[Rule], tests: Mapping[str, Test | None]) -> None:
        self._rules = [(rule, tests[rule.id]) for rule in rules]
        self._anywhere: list[int] = []
        self._by_key: dict[Key, list[int]] = {}
        for place, rule in enumerate(rules):
            scope = rule.lines()
            if scope is None or not scope.named:
                self._anywhere.append(place)
            else:
                for key in scope.named:
                    self._by_key.setdefault(key, []).append(place)

    def __call__(self, facts: Facts) -> list[Rule]:
        """Return the rules that the event meets, in their order."""
        fields = Fields(facts)
        rules = self._rules
        met = []
        for place in self._near(facts):
            rule, test = rules[place]
            if test is None or test(facts, fields):
                met.append(rule)
        return met

    def _near(self, facts: Facts) -> Sequence[int]:
        """The places of the rules that ask for no line, or for one that the basket has."""
        by_key = self._by_key
        found = [place for key in facts.keys if key in by_key for place in by_key[key]]
        return sorted({*self._anywhere, *found}) if found else self._anywhere


def test_of(rule: Rule, condition: CheckedCondition | None) -> Test | None:
    """Return the test of a rule's window, shops and condition; none where it has none of them.

    A condition that cannot be decided for the event does not match. Nothing of a rule's text gets into the
    code: what the author wrote is bound as a value, and conditions come as code made from their checked tree.
    """
    names: dict[str, object] = {}
    tests = []
    for name, value, test in (
        ("starts", rule.starts_at, "starts <= facts.event.occurred_at"),
        ("ends", rule.ends_at, "facts.event.occurred_at < ends"),
        ("shops", frozenset(rule.shops), "facts.event.shop in shops"),
    ):
        if value:
            names[name] = value
            tests.append(test)
    body = [f"if not ({' and '.join(tests)}): return False"] if tests else []
    if condition is not None:
        source = compile_python(condition, prefix="_c_")
        names.update(source.constants)
        body += [f"{field.local} = fields[{field.name!r}]" for field in condition.fields]
        body.append(f"return {source.expression}")
    elif tests:
        body = [f"return {' and '.join(tests)}"]
    return _made(names, body) if body else None


def _made(names: dict[str, object], body: Sequence[str]) -> Test:
    lines = ["def meets(facts, fields):", *(f"    {line}" for line in body)]
    exec(compile("\n".join(lines), "<rule>", "exec"), names)  # noqa: S102
    made = names["meets"]
    assert callable(made)
    return made
