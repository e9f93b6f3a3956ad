"""The kinds of rule that campaigns brought: steps, lines, rewards and attributes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.earning import Grant
from regulars.engine.programme import Policies, Scope
from regulars.engine.reasons import Reason
from regulars.rules.per_line import PerLine
from regulars.rules.set_attribute import SetAttribute
from regulars.rules.steps import Step, Steps
from tests.engine.making import Story, bought, event, gave_back, line, member, running

tables = st.lists(
    st.builds(
        Step, from_minor=st.integers(0, 20_000), points=st.integers(1, 50), per_minor=st.none() | st.integers(1, 900)
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step.from_minor,
).map(lambda steps: tuple(sorted(steps, key=lambda step: step.from_minor)))
carts = st.lists(st.integers(1, 15_000), min_size=1, max_size=4)


@given(tables, carts, st.sampled_from(["whole", "marginal"]))
def test_steps_give_what_the_table_says_and_share_it_over_the_lines(
    steps: tuple[Step, ...], cart: list[int], of: str
) -> None:
    rule = Steps(id="steps", steps=steps, of=of)  # type: ignore[arg-type]
    total, exact = sum(cart), Fraction()
    for place, step in enumerate(steps):
        if step.from_minor > total:
            break
        end = steps[place + 1].from_minor if place + 1 < len(steps) else total
        amount = min(end, total) - step.from_minor if of == "marginal" else total
        worth = Fraction(step.points) if step.per_minor is None else Fraction(amount * step.points, step.per_minor)
        exact = exact + worth if of == "marginal" else worth

    grant = rule.grant(running(rule).facts(event(bought(*cart)), member()), ())

    if int(exact) == 0:
        assert isinstance(grant, Reason)
    else:
        assert isinstance(grant, Grant)
        assert grant.points == int(exact) == sum(grant.by_line.values())


def test_steps_are_over_the_amount_where_thresholds_are() -> None:
    rule = Steps(id="steps", steps=(Step(from_minor=5000, points=10),))
    story = Story(running(rule, policies=Policies(thresholds="exclusive")))

    story.tell(bought(5000, id="A1"))
    story.tell(bought(5001, id="A2"))

    assert story.available() == 10


@pytest.mark.parametrize("amounts", [(100, 50), (100, 100)])
def test_steps_rise(amounts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="steps must begin at amounts that rise"):
        Steps(id="steps", steps=tuple(Step(from_minor=amount, points=1) for amount in amounts))


def test_lines_count_once_whatever_their_quantity_and_go_back_one_by_one() -> None:
    rule = PerLine(id="lines", points=5, scope=Scope(tags=("new",)), lines_max=2)
    story = Story(running(rule))
    tagged = [line(str(n), 100, tags=("new",), quantity_milli=n * 1000) for n in (1, 2, 3)]

    decision = story.tell(bought(line("9", 100), *tagged))
    assert [award.lines for award in decision.result.awards] == [{"1": 5, "2": 5}]

    story.tell(gave_back(line_2=1000))
    # One of the two pieces of the second line: half of its five points, rounded towards the member.
    assert story.available() == 8


@pytest.mark.parametrize(
    ("before", "value", "changes"),
    [(None, True, True), (True, True, False), (1, True, True), ("x", None, True), (None, None, False)],
)
def test_an_attribute_is_set_where_it_is_another(before: object, value: bool | None, changes: bool) -> None:
    rule = SetAttribute(id="note", attribute="vip", value=value)
    state = member()
    if before is not None:
        state.attributes["vip"] = before  # type: ignore[assignment]
    story = Story(running(rule), state)

    story.tell(bought(100))

    assert story.state.attributes.get("vip") == value
    grant = rule.grant(running(rule).facts(event(bought(100)), state), ())
    assert isinstance(grant, Grant) is changes
    assert story.available() == 0
