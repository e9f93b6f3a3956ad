"""Which rules an event meets: an index leads from what is in the basket to the rules that ask for it."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from regulars.engine.asking import reader
from regulars.engine.conditions.nodes import CheckedCondition
from regulars.engine.conditions.python import compile_python
from regulars.engine.earning import Rule
from regulars.engine.facts import Facts, Segmenting
from regulars.engine.programme import Key

Test = Callable[[Facts, "Fields"], object]
"""Whether an event meets a rule beside its lines: the shop, the condition, what a campaign asks."""


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


def segmenting(conditions: Mapping[str, CheckedCondition]) -> Segmenting | None:
    """Return how to find the segments that a member is in, by their conditions; none where there are no segments."""
    if not conditions:
        return None
    tests = [(name, test) for name, condition in conditions.items() if (test := compiled(condition)) is not None]

    def segments_of(facts: Facts) -> tuple[str, ...]:
        fields = Fields(facts)
        return tuple([name for name, test in tests if test(facts, fields)])

    return segments_of


class Windowed(Protocol):
    """Something in force in `[starts_at, ends_at)`."""

    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


class Calendar:
    """The time line cut where a window begins or ends, so that whatever is in force changes only at the cuts."""

    def __init__(self, windows: Iterable[Windowed]) -> None:
        instants = {at for window in windows for at in (window.starts_at, window.ends_at) if at is not None}
        self._cuts = sorted(instants)

    def __len__(self) -> int:
        return len(self._cuts)

    def piece(self, at: datetime) -> int:
        """Return the number of the piece that an instant lies in, from 0: before all cuts."""
        return bisect_right(self._cuts, at)

    def in_force(self, window: Windowed, piece: int) -> bool:
        """Return whether a window is open in a piece, and so throughout it."""
        if piece == 0:
            return window.starts_at is None
        first = self._cuts[piece - 1]
        started = window.starts_at is None or window.starts_at <= first
        return started and (window.ends_at is None or first < window.ends_at)


class Matcher:
    """The rules that look at one type of event in one channel at one time.

    `tests` holds those of each rule, by its id; `gates` those of the campaigns, by the ids of their rules, each
    asked once for all the rules of its campaign.
    """

    def __init__(
        self, rules: Sequence[Rule], tests: Mapping[str, Test | None], gates: Mapping[str, tuple[str, Test]]
    ) -> None:
        self._rules = [(rule, tests[rule.id], gates.get(rule.id)) for rule in rules]
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
        passed: dict[str, object] = {}
        met = []
        for place in self._near(facts):
            rule, test, gate = rules[place]
            if gate is not None:
                name, gate_test = gate
                if name not in passed:
                    passed[name] = gate_test(facts, fields)
                if not passed[name]:
                    continue
            if test is None or test(facts, fields):
                met.append(rule)
        return met

    def _near(self, facts: Facts) -> Sequence[int]:
        """The places of the rules that ask for no line, or for one that the basket has."""
        by_key = self._by_key
        found = [place for key in facts.keys if key in by_key for place in by_key[key]]
        return sorted({*self._anywhere, *found}) if found else self._anywhere


def compiled(
    condition: CheckedCondition | None,
    *,
    shops: frozenset[str] | None = None,
    asked: Sequence[Callable[[Facts], bool]] = (),
    doubted: Sequence[Callable[[Facts], object]] = (),
) -> Test | None:
    """Return the test of some shops (none: everywhere), of whatever else is asked, and of a condition, in this order.

    What is asked must be true; of what is doubted nothing must come. None where there is nothing to test. A condition
    that cannot be decided for the event does not match. Nothing of a programme's text gets into the code: what the
    author wrote is bound as a value, and conditions come as code made from their checked tree.
    """
    names: dict[str, object] = {}
    tests = []
    if shops is not None:
        names["shops"] = shops
        tests.append("facts.event.shop in shops")
    for number, ask in enumerate(asked):
        names[f"ask_{number}"] = ask
        tests.append(f"ask_{number}(facts)")
    for number, doubt in enumerate(doubted):
        names[f"doubt_{number}"] = doubt
        tests.append(f"doubt_{number}(facts) is None")
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
