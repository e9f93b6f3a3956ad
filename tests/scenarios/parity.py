"""One basket, told by every way in which a purchase reaches the platform, and what each of them earned."""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from regulars.actions import programmes
from regulars.actions.answers import EventAnswer
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.telling import Told, told_of
from regulars.connectors.incoming import Incoming, MemberReference
from regulars.connectors.sources import files
from regulars.engine.events import Line, Order, Tender
from regulars.engine.reasons import Refused
from regulars.programme.checking import Checked, check
from regulars.programme.document import Document
from tests.scenarios.stored import LONG_AGO

_TAG: Final = re.compile(r"'([a-z][a-z0-9_]*)' in order\.tags")


class Way(Struct, frozen=True, kw_only=True):
    """A way to tell of a purchase: by which system, in which channel, by what the member is known, and how late."""

    name: str
    source: str
    channel: str
    known_by: MemberReference
    late: timedelta = timedelta(0)
    by_file: bool = False


WAYS: Final = (
    Way(name="web", source="webshop", channel="web", known_by=MemberReference(email="ada@example.com")),
    Way(name="app", source="app", channel="app", known_by=MemberReference(external_id="c-17")),
    Way(name="till", source="till-7", channel="shop", known_by=MemberReference(phone="+447700900123")),
    Way(
        name="receipt",
        source="receipts",
        channel="shop",
        known_by=MemberReference(card="2000000000008"),
        late=timedelta(hours=1),
    ),
    Way(
        name="file",
        source="nightly",
        channel="shop",
        known_by=MemberReference(external_id="c-18"),
        late=timedelta(hours=9),
        by_file=True,
    ),
)


class Earned(Struct, frozen=True, kw_only=True):
    """What a purchase brought: by rule what it gave, and the points with their dates, by wallet."""

    rules: Mapping[str, str]
    lots: Sequence[tuple[str, int, datetime, datetime | None]]
    levels: Sequence[str]


def document_of(text: str) -> Document:
    """Return the programme that a text says."""
    checked = check(text)
    assert isinstance(checked, Checked), checked
    return checked.document


def doubted(text: str) -> set[str]:
    """Return the paths of the parts of a programme of which the lint says that nothing explains where they count."""
    checked = check(text)
    assert isinstance(checked, Checked), checked
    return {one.path for one in checked.warnings if one.code == "channels-without-reason"}


def excused(document: Document) -> set[str]:
    """Return the rules that count in some places only, and of which the programme says why."""
    found = {rule.id for _, rule in document.every_rule() if (rule.channels or rule.shops) and rule.reason}
    for campaign in document.campaigns:
        if (campaign.channels or campaign.shops or campaign.regions or campaign.partners) and campaign.reason:
            found |= {rule.id for rule in campaign.effects}
    return found


def basket(text: str, document: Document) -> Order:
    """Return an order with something of all that the rules of a programme look for, and one thing more."""
    scopes = [scope for _, rule in document.every_rule() if (scope := rule.lines()) is not None]
    categories = dict.fromkeys(name for scope in scopes for name in scope.categories)
    tags = dict.fromkeys([*(name for scope in scopes for name in scope.tags), *_TAG.findall(text)])
    products = dict.fromkeys(name for scope in scopes for name in scope.products)
    lines = [Line(id="1", product="thing", amount_minor=10_040, quantity_milli=2_000, discount_minor=1_000)]
    lines += [_line(lines, product=name) for name in products]
    lines += [_line(lines, categories=(name,)) for name in categories]
    lines += [_line(lines, tags=(name,)) for name in tags]
    lines = [replace(line, id=str(number)) for number, line in enumerate(lines, start=1)]
    due = sum(line.amount_minor - line.discount_minor for line in lines) + 490 - 300
    tenders = (Tender(type="gift_card", amount_minor=2_000), Tender(type="card", amount_minor=due - 2_000))
    return Order(
        id="W1", currency=document.currency, lines=tuple(lines), discount_minor=300, shipping_minor=490, tenders=tenders
    )


def _line(
    lines: Sequence[Line], *, product: str = "other", categories: tuple[str, ...] = (), tags: tuple[str, ...] = ()
) -> Line:
    return Line(
        id=str(len(lines) + 1), product=product, amount_minor=1_250, tax_minor=208, categories=categories, tags=tags
    )


async def earned_by(
    memory: Memory, programme_id: str, bought: Order, way: Way, *, at: datetime, shop: str, folder: Path
) -> Earned | Refused:
    """Return what an order earns a new member when it is told in a way, or why it is refused.

    `shop` is where it was bought, if that was in a shop.
    """
    order = replace(bought, id=f"{way.name}-1")
    incoming = Incoming(
        type="purchase",
        source=way.source,
        source_id=order.id,
        member=way.known_by,
        occurred_at=at,
        channel=way.channel,
        shop=shop if way.channel == "shop" else "",
        order=order,
    )
    if way.by_file:
        incoming = _through_a_file(incoming, order, folder / f"{programme_id}.csv")
    told = told_of(incoming)
    assert isinstance(told, Told), told
    (outcome,) = await ingest(memory, programme_id, [told], now=at + way.late)
    if isinstance(outcome, Refused):
        return outcome
    return _earned(msgspec.json.decode(outcome.text, type=EventAnswer))


async def apply(memory: Memory, programme_id: str, text: str) -> None:
    """Let a programme be in force under an id of its own."""
    text = re.sub(r"^id:.*", f"id: {programme_id}", text, count=1, flags=re.MULTILINE)
    async with memory.pool.transaction() as connection:
        applied = await programmes.apply(memory, connection, text, by="parity", starts_at=LONG_AGO, now=LONG_AGO)
    assert not isinstance(applied, Refused), applied


def _through_a_file(incoming: Incoming, order: Order, path: Path) -> Incoming:
    """Return the same purchase as a till's nightly file tells it, a row for each line."""
    assert incoming.occurred_at is not None, "a file says when"
    assert incoming.member is not None, "and of whom"
    whole = {
        "type": incoming.type,
        "source": incoming.source,
        "source_id": incoming.source_id,
        "member.external_id": incoming.member.external_id,
        "occurred_at": incoming.occurred_at.isoformat(),
        "channel": incoming.channel,
        "shop": incoming.shop,
        "order.id": order.id,
        "order.currency": order.currency,
        "order.discount_minor": order.discount_minor,
        "order.shipping_minor": order.shipping_minor,
        **{f"tender.{tender.type}_minor": tender.amount_minor for tender in order.tenders},
    }
    rows = [
        whole
        | {
            "line.id": line.id,
            "line.product": line.product,
            "line.amount_minor": line.amount_minor,
            "line.quantity_milli": line.quantity_milli,
            "line.discount_minor": line.discount_minor,
            "line.tax_minor": line.tax_minor,
            "line.categories": "|".join(line.categories),
            "line.tags": "|".join(line.tags),
        }
        for line in order.lines
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (row,) = files.events(path)
    assert isinstance(row.incoming, Incoming), row.incoming
    return row.incoming


def _earned(answer: EventAnswer) -> Earned:
    rules = {}
    for award in answer.awards:
        rewards = ", ".join(award.rewards or ())
        reasons = "; ".join(reason.code for reason in award.reasons)
        rules[award.rule] = " ".join(filter(None, (f"{award.value} of {award.desired_value}", rewards, reasons)))
    lots = sorted((lot.wallet, lot.points, lot.available_at, lot.expires_at) for lot in answer.lots)
    levels = [f"{change.tier_set}:{change.level}" for change in answer.tiers or ()]
    return Earned(rules=rules, lots=lots, levels=levels)


def differing(by_way: Mapping[str, Earned]) -> dict[str, dict[str, str]]:
    """Return the rules that gave something else in one way than in another, with what each gave."""
    every = dict.fromkeys(rule for one in by_way.values() for rule in one.rules)
    rows = {rule: {way: one.rules.get(rule, "nothing") for way, one in by_way.items()} for rule in every}
    return {rule: row for rule, row in rows.items() if len(set(row.values())) > 1}


def table(by_rule: Mapping[str, Mapping[str, str]]) -> str:
    """Return what differs as a table: a row for each rule, a column for each way."""
    ways = [way.name for way in WAYS]
    rows = [["rule", *ways], *([rule, *(row[way] for way in ways)] for rule, row in by_rule.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n" + "\n".join("  ".join(map(str.ljust, row, widths)) for row in rows)
