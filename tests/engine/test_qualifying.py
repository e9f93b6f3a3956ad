"""The world hears of levels once: when they change, are renewed, or are about to end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from regulars.engine.decide import Decision
from regulars.engine.effects import Announced
from regulars.engine.events import Merge, Settle
from regulars.engine.measures import Needs, Spent
from regulars.engine.outcome import TierChange
from regulars.engine.qualifying import standing
from regulars.engine.tiers import CalendarYear, Level, RollingPeriod, TierPeriod, TierSet
from tests.engine.making import BOB, ONE_EACH, Story, bought, running

MAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)


def story(period: TierPeriod | None = None, **more: object) -> Story:
    """Begin the story of somebody in a programme with silver from 100 and gold from 300 euros."""
    levels = tuple(
        Level(id=id, enter=Needs(all={"spend": euros * 100})) for id, euros in (("silver", 100), ("gold", 300))
    )
    tier_set = TierSet(id="status", measures={"spend": Spent()}, period=period or CalendarYear(), levels=levels, **more)  # type: ignore[arg-type]
    return Story(running(ONE_EACH, tiers=(tier_set,)))


def told(decision: Decision) -> list[tuple[str, dict[str, object]]]:
    """Return what was announced of levels."""
    return [
        (effect.topic, effect.data)
        for effect in decision.effects
        if isinstance(effect, Announced) and effect.topic.startswith("member.tier.")
    ]


def topics(decisions: Sequence[Decision]) -> list[str]:
    return [topic for decision in decisions for topic, _ in told(decision)]


def test_of_a_level_that_is_reached() -> None:
    decision = story().tell(bought(30_000), MAY)

    data = {"tier_set": "status", "level": "gold", "from": "", "until": END}
    assert told(decision) == [("member.tier.upgraded", data)]
    assert decision.result.tiers == (TierChange(tier_set="status", level="gold", before="", until=END),)


def test_of_a_year_that_renews_a_level() -> None:
    ada = story()
    ada.tell(bought(10_000), MAY)

    decision = ada.tell(bought(10_000, id="A2"), MAY.replace(year=2027))

    later = END.replace(year=2029)
    assert told(decision) == [("member.tier.renewed", {"tier_set": "status", "level": "silver", "until": later})]
    assert decision.result.tiers == (TierChange(tier_set="status", level="silver", before="silver", until=later),)


def test_not_of_every_purchase_that_moves_a_rolling_end() -> None:
    ada = story(RollingPeriod(months=12))
    ada.tell(bought(10_000), MAY)

    decision = ada.tell(bought(10_000, id="A2"), MAY.replace(month=6))

    assert told(decision) == []
    assert standing(ada.programme, ada.state, MAY.replace(month=6))["status"].until == datetime(2027, 6, 4, tzinfo=UTC)


def test_once_of_its_coming_end_and_once_of_its_end() -> None:
    ada = story()
    ada.tell(bought(10_000), MAY)

    early, warned, again, over, after = (
        ada.tell(Settle(), at)
        for at in (END - timedelta(days=31), END - timedelta(days=30), END - timedelta(days=9), END, END)
    )

    assert topics([early, again, after]) == []
    assert told(warned) == [
        ("member.tier.will_downgrade", {"tier_set": "status", "level": "silver", "until": END, "to": ""})
    ]
    assert told(over) == [
        ("member.tier.downgraded", {"tier_set": "status", "level": "", "from": "silver", "until": None})
    ]


def test_without_a_warning_where_none_is_wanted() -> None:
    ada = story(warn_days=0)
    ada.tell(bought(10_000), MAY)

    assert topics([ada.tell(Settle(), END - timedelta(days=1)), ada.tell(Settle(), END)]) == ["member.tier.downgraded"]


def test_of_each_level_on_the_way_down_however_late_it_is_told() -> None:
    ada = story(landing="one_level")
    ada.tell(bought(30_000), MAY)

    decision = ada.tell(Settle(), END.replace(year=2035))

    assert [data["level"] for _, data in told(decision)] == ["silver", ""]


def test_no_more_after_a_merge_or_when_the_ladder_is_gone() -> None:
    ada, bea = story(), story()
    for one in (ada, bea):
        one.tell(bought(10_000), MAY)

    ada.tell(Merge(into_member=BOB), MAY)
    bea.programme = running(ONE_EACH)
    decision = bea.tell(Settle(), END)

    assert ada.state.tiers["status"].next_at is None
    assert told(decision) == []
    assert bea.state.tiers["status"].next_at is None
