"""Documents drawn at random, of which every one could run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from regulars.engine.earning import Limit, Rule
from regulars.engine.programme import (
    Basis,
    Channel,
    Debt,
    Expiry,
    Fixed,
    Inactivity,
    LateEvents,
    Never,
    Pending,
    Policies,
    Rolling,
    RoundTo,
    Scope,
    Shop,
    Wallet,
    Worth,
)
from regulars.programme import Document, EventType
from regulars.rules.action import Action
from regulars.rules.first_purchase import FirstPurchase
from regulars.rules.product_bonus import ProductBonus
from regulars.rules.spend import Spend
from regulars.rules.visit import Visit

words = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
# Everything a text can hold but lone surrogates, which no file can; and what YAML would take for something else.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(
        [
            "true",
            "no",
            "~",
            "",
            "12",
            "1.5",
            "1e3",
            "- a",
            "a: b",
            "a #b",
            "#",
            "2026-11-27",
            "|",
            "'",
            '"',
            "é",
            "a\nb",
            " ",
        ]
    ),
)
some_texts = st.lists(texts, max_size=3).map(tuple)
counts = st.integers(1, 1_000_000_000)
instants = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
scopes = st.builds(Scope, products=some_texts, categories=some_texts, except_tags=some_texts)
rounding = st.sampled_from([None, "floor", "ceiling", "half_up", "half_even"])
round_to: st.SearchStrategy[RoundTo] = st.sampled_from(["day", "month", "year", "none"])
# For events of any type, in every form that YAML has to write.
conditions = st.sampled_from(
    [
        None,
        "local.hour < 9",
        "event.channel == 'web'",
        "member.attributes['say \"hi\"'] == 'yes: # no'\n",
        "local.hour >= 7\n  && local.hour < 11\n",
        "local.hour >= 7\n\n&& local.hour < 11",
        '  event.shop != "a\\\\b"  ',
    ]
)


@st.composite
def expiries(draw: st.DrawFn) -> Expiry:
    """Draw how points end, leaving them at least 28 days."""
    months, days = draw(st.integers(1, 1200)), draw(st.none() | st.integers(0, 36_600))
    choices: list[Expiry] = [
        Never(),
        Fixed(month=draw(st.integers(1, 12)), day=draw(st.integers(1, 29)), years=draw(st.integers(1, 100))),
        Rolling(months=months, days=days, round_to=draw(round_to)),
        Inactivity(months=months, days=days, round_to=draw(round_to), activities=("purchase",)),
    ]
    return choices[draw(st.integers(0, 3))]


wallets = st.builds(
    Wallet,
    name=texts,
    decimals=st.integers(0, 6),
    worth=st.none() | st.builds(Worth, points=counts, amount_minor=counts),
    spendable=st.booleans(),
    pending=st.builds(Pending, days=st.integers(0, 26), until=st.sampled_from(["instant", "midnight"])),
    expiry=expiries(),
    debt=st.builds(Debt, policy=st.sampled_from(["clamp", "debt"]), limit=st.none() | st.integers(0, 10**15)),
)
policies = st.builds(
    Policies,
    basis=st.builds(Basis, tax=st.sampled_from(["included", "excluded"]), tenders_excluded=some_texts),
    late_events=st.builds(LateEvents, window_days=st.none() | st.integers(0, 36_600)),
    day_of=st.sampled_from(["programme", "shop"]),
    excluded=st.builds(Scope, except_products=some_texts),
)
event_types = st.builds(
    EventType, name=texts, data=st.dictionaries(st.just("stars"), st.sampled_from(["text", "integer"]))
)
limits = st.lists(
    st.builds(Limit, per=st.sampled_from(["day", "week", "month", "year", "ever"]), times=counts)
    | st.builds(Limit, per=st.sampled_from(["day", "week", "month", "year", "ever"]), points=counts),
    unique_by=lambda limit: (limit.per, limit.times is None),
    max_size=3,
).map(tuple)


@st.composite
def rules(draw: st.DrawFn, id: str, wallets: list[str], channels: list[str], shops: list[str]) -> Rule:
    """Draw a rule that names only what there is."""
    starts_at, ends_at = sorted([draw(instants), draw(instants)])
    shared = {
        "id": id,
        "name": draw(texts),
        "wallet": draw(st.sampled_from(wallets)),
        "when": draw(conditions),
        "channels": tuple(draw(st.sets(st.sampled_from(channels)))) if channels else (),
        "shops": tuple(draw(st.sets(st.sampled_from(shops)))) if shops else (),
        "starts_at": draw(st.none() | st.just(starts_at)),
        "ends_at": draw(st.none() | st.just(ends_at)) if starts_at < ends_at else None,
        "limits": draw(limits),
    }
    multipliers = st.decimals(Decimal("1.000001"), 1000, places=6)
    rule: Rule = draw(
        st.one_of(
            st.builds(Spend, points=counts, per_minor=counts, scope=scopes, rounding=rounding, **_just(shared)),
            st.builds(ProductBonus, scope=scopes, multiplier=multipliers, **_just(shared)),
            st.builds(ProductBonus, scope=scopes, points_per_unit=counts, **_just(shared)),
            st.builds(FirstPurchase, points=counts, of=st.sampled_from(["overall", "channel"]), **_just(shared)),
            st.builds(Visit, nth=counts, points=counts, once_a_day=st.booleans(), **_just(shared)),
            st.builds(Action, event=st.just("purchase"), points=counts, **_just(shared)),
        )
    )
    return rule


def _just(values: Mapping[str, object]) -> dict[str, st.SearchStrategy[object]]:
    return {name: st.just(value) for name, value in values.items()}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a document that could run."""
    wallet_names = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    channel_names = draw(st.lists(words, max_size=3, unique=True))
    shop_names = draw(st.lists(texts.filter(bool), max_size=3, unique=True))
    ids = draw(st.lists(words, max_size=4, unique=True))
    return Document(
        id=draw(words),
        name=draw(texts),
        timezone=draw(
            st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
        ),
        currency=draw(st.sampled_from(["EUR", "USD", "TRY", "JPY"])),
        channels={name: Channel(name=draw(texts)) for name in channel_names},
        shops={name: Shop(timezone=draw(st.sampled_from([None, "Europe/Istanbul"]))) for name in shop_names},
        wallets={name: draw(wallets) for name in wallet_names},
        policies=draw(policies),
        events=draw(
            st.dictionaries(words.filter(lambda name: name not in ("purchase", "return")), event_types, max_size=2)
        ),
        rules=tuple(draw(rules(id, wallet_names, channel_names, shop_names)) for id in ids),
    )
