"""Segments of real households: a year of groceries, told like everything else, asked by SQL and one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regulars.actions import programmes
from regulars.actions.loading import load
from regulars.actions.memory import Memory
from regulars.actions.telling import Told, told_of
from regulars.connectors.sources import completejourney
from regulars.connectors.sources.completejourney import data
from regulars.db.sealing import Keyring
from regulars.ops.postgres import Server
from regulars.programme import read
from tests.db.everybody import Everybody, agree, one_by_one, with_segments

HOUSEHOLDS = 200
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROGRAMME = """
id: grocer
name: Grocer
timezone: America/New_York
currency: USD
wallets:
  points: {expiry: {kind: rolling, months: 3}}
policies:
  late_events: {window_days: null}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
tiers:
  - id: status
    measures: {spend: {of: spend}}
    period: {kind: rolling, days: 90}
    levels: [{id: silver, enter: {all: {spend: 20000}}}, {id: gold, enter: {all: {spend: 60000}}}]
"""
DOCUMENT = read(PROGRAMME)


def compared(field: str, most: int) -> SearchStrategy[str]:
    """Return questions about a number that is at most about so large."""
    return st.builds(
        "({} {} {})".format, st.just(field), st.sampled_from(["<", "<=", ">", ">=", "=="]), st.integers(0, most)
    )


def of_days(days: int) -> SearchStrategy[str]:
    """Return questions about the last so many days."""
    return st.one_of(
        compared(f"purchases.last_{days}_days.count", days),
        compared(f"purchases.last_{days}_days.spend_minor", 900 * days),
        compared(f"purchases.last_{days}_days.spend_minor / purchases.last_{days}_days.count", 6000),
        compared(f"purchases.last_{days}_days.days_since", days),
        compared(f"earned.points.last_{days}_days.points", 9 * days),
    )


ATOMS = st.one_of(
    st.integers(1, 400).flatmap(of_days),
    compared("member.purchases_count", 200),
    compared("member.age_days", 400),
    compared("member.balance.points", 1500),
    st.sampled_from(["member.tier.status == 'gold'", "member.tier.status != ''", "has(member.attributes.city)"]),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def households(postgres: Server, migrated_template: str) -> Iterator[Everybody]:
    try:
        data.locate()
    except completejourney.DataMissing as missing:
        pytest.skip(str(missing))
    postgres.create_database("households", template=migrated_template)
    everybody = Everybody(postgres.url("households"), "grocer", NOW)
    everybody.loop.run(_shop(postgres.url("households")))
    everybody.load()
    yield everybody
    everybody.close()
    postgres.drop_database("households")


async def _shop(url: str) -> None:
    """Tell the platform a year of purchases."""
    memory = Memory(url, Keyring(b"0123456789abcdef0123456789abcdef"))
    async with memory.pool.transaction() as connection:
        await programmes.apply(memory, connection, PROGRAMME, by="test", starts_at=LONG_AGO, now=LONG_AGO)
    baskets = [told_of(incoming) for incoming in completejourney.baskets(HOUSEHOLDS, NOW)]
    told = [basket for basket in baskets if isinstance(basket, Told)]
    await load(memory, "grocer", told, now=NOW)
    await memory.close()


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(sources=st.lists(CONDITIONS, min_size=6, max_size=10))
def test_the_same_households_by_sql_and_one_by_one(households: Everybody, sources: list[str]) -> None:
    assert len(households.states) == HOUSEHOLDS

    agree(households, with_segments(DOCUMENT, sources))


def test_the_households_are_not_all_alike(households: Everybody) -> None:
    sources = ["purchases.last_30_days.count >= 5", "member.tier.status == 'silver'", "member.balance.points > 300"]
    running = with_segments(DOCUMENT, sources)

    for outcomes in one_by_one(running, households.states, NOW).values():
        assert 10 < outcomes.count(True) < HOUSEHOLDS - 10
