"""Texts of programmes for the tests of their checks, and what is wrong with them, where."""

from regulars import programme
from regulars.programme import Problem

GOOD = """\
id: club
timezone: Europe/Paris
currency: EUR
wallets:
  points: {}
"""
SPEND = "type: spend, id: base, points: 1, per_minor: 100"
ACTION = "type: action, id: base, event: review, points: 1"


def problems(text: str) -> tuple[tuple[Problem, ...], tuple[int, int]]:
    """Return what is wrong with a text, and the line and column of the « in it, which is not part of it."""
    index = text.index("«")
    before = text[:index]
    outcome = programme.check(text.replace("«", ""))
    assert isinstance(outcome, tuple), "nothing is wrong with it"
    return outcome, (before.count("\n") + 1, index - before.rfind("\n"))


def assert_problem(text: str, path: str, message: str, hint: str) -> None:
    """Assert that this is all that is wrong, and that it is said of where the « stands."""
    (problem, *others), place = problems(text)

    assert not others, [str(other) for other in others]
    assert (problem.path, problem.message, problem.hint) == (path, message, hint)
    assert (problem.line, problem.column) == place


def with_wallet(text: str) -> str:
    return GOOD.replace("{}", text)


def with_rule(*rules: str, more: str = "") -> str:
    """Return a programme with rules that are each written in one line."""
    lines = "".join(f"  - {{{rule}}}\n" for rule in rules)
    return f"{GOOD}channels: {{web: {{}}, app: {{}}}}\nshops: {{'1': {{}}}}\n{more}rules:\n{lines}"
