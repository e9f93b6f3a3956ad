"""How many decisions a core makes in a second, with one rule and with two hundred, on baskets of ten lines."""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import mean, median
from typing import Final, NamedTuple

from bench import machine, world
from bench.report import Report
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Event
from regulars.engine.explain import explain
from regulars.engine.members import MemberState
from regulars.engine.running import Running

GOAL_US: Final = 40.0
Pair = tuple[MemberState, Event]


class Case(NamedTuple):
    """A programme, and baskets beside the members who carry them."""

    name: str
    running: Running
    pairs: list[Pair]
    awards: float
    outcomes: float


def run(quick: bool) -> Report:
    """Measure decisions and explanations in rounds that take turns."""
    rounds, baskets = (3, 30) if quick else (60, 200)
    cases = [
        _case(rules, mix, baskets) for rules, mix in ((1, "dense"), (20, "dense"), (200, "dense"), (200, "sparse"))
    ]
    work: dict[str, Callable[[], object]] = {}
    for case in cases:
        work[f"decide {case.name}"] = _deciding(case)
    for case in cases:
        work[f"explain {case.name}"] = _explaining(case, cases_of=10)
    gc.collect()
    gc.freeze()
    taken = _rounds(work, rounds)
    gc.unfreeze()
    return _report(cases, taken, baskets)


def _case(rules: int, mix: world.Mix, baskets: int) -> Case:
    running = world.running(rules, mix)
    pairs = list(world.pairs(running, baskets))
    decided = [decide(running, state, event) for state, event in pairs]
    results = [one.result for one in decided if isinstance(one, Decision)]
    assert len(results) == baskets, "every basket is welcome"
    name = f"{rules} {'rule' if rules == 1 else 'rules'}" + (f", {mix}" if rules == 200 else "")
    return Case(
        name, running, pairs, mean(len(one.awards) for one in results), mean(len(one.outcomes) for one in results)
    )


def _deciding(case: Case) -> Callable[[], object]:
    def work() -> int:
        for state, event in case.pairs:
            decide(case.running, state, event)
        return len(case.pairs)

    return work


def _explaining(case: Case, *, cases_of: int) -> Callable[[], object]:
    pairs = case.pairs[:cases_of]

    def work() -> int:
        for state, event in pairs:
            explain(case.running, state, event)
        return len(pairs)

    return work


def _rounds(work: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return the microseconds of processor time per operation, by what was done and by round."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, one in work.items():
            started = time.process_time_ns()
            done = one()
            assert isinstance(done, int)
            taken[name].append((time.process_time_ns() - started) / done / 1000)
    return taken


def _report(cases: list[Case], taken: Mapping[str, list[float]], baskets: int) -> Report:
    report = Report(
        "engine",
        "Decisions of the engine",
        f"One core, no I/O: `decide` on {baskets} purchases of {world.LINES} lines by members who have bought before. "
        "Processor time, the rounds of all rows taking turns.",
    )
    rows = []
    for case in cases:
        times, explained = taken[f"decide {case.name}"], taken[f"explain {case.name}"]
        rows.append(
            (
                case.name,
                case.awards,
                median(times),
                min(times),
                1e6 / median(times),
                1e6 / min(times),
                median(explained),
            )
        )
    report.table(
        "Microseconds of processor time",
        ("programme", "awards", "decide, median", "fastest round", "decisions/s", "at the fastest", "explain, median"),
        rows,
    )
    dense, fastest = cases[2], min(taken[f"decide {cases[2].name}"])
    report.goal(
        f"whole decision, 200 rules, {dense.awards:.1f} of which give something",
        f"at most {GOAL_US:.0f} µs",
        f"{median(taken[f'decide {dense.name}']):.0f} µs (fastest round {fastest:.0f})",
        median(taken[f"decide {dense.name}"]) <= GOAL_US,
    )
    report.goal(
        "explanation",
        "at most 10 % on top, or rebuilt when asked",
        "0 % on top: rebuilt from what was recorded, in the time of the last column",
        True,
    )
    report.text(
        f"The yardstick, an empty turn of a `for` loop, took {machine.yardstick():.1f} ns in the fastest of 30 tries "
        "at the end; about 14 ns is this processor left alone. Other work on the machine makes the medians larger."
    )
    return report
