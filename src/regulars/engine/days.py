"""What a member did is counted by local day, so that any span of days can be summed up later.

The names: `purchases` and `purchases@CHANNEL`, `spend_minor` (the money that earns, by the programme's basis),
`earned:WALLET` (what rules gave), `event:TYPE`. A return takes spending and earnings back on the day of the order,
as if what came back had never been bought; that there was a purchase stays true.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from regulars.engine.counting import PURCHASES, purchases_in
from regulars.engine.earning import SHIPPING, Granted
from regulars.engine.effects import DayCounted
from regulars.engine.facts import Facts
from regulars.engine.ledger import Ledger
from regulars.engine.members import MemberState, OrderRecord
from regulars.engine.reversing import Clawback

SPEND: Final = "spend_minor"


def earned(wallet: str) -> str:
    """Return the name under which the points that rules gave in a wallet are counted."""
    return f"earned:{wallet}"


def events(type: str) -> str:
    """Return the name under which events of a type are counted."""
    return f"event:{type}"


def total(state: MemberState, name: str, first_day: date, end_day: date) -> int:
    """Return what was counted under a name on the days `[first_day, end_day)`."""
    return sum(facts.get(name, 0) for day, facts in state.days.items() if first_day <= day < end_day)


def count_purchase(ledger: Ledger, facts: Facts, granted: Iterable[Granted], record: OrderRecord) -> OrderRecord:
    """Count an order on its local day, and return its record with what its returns will need of that."""
    day, channel = facts.local.date(), facts.event.channel
    spend = _spend(facts)
    counted = {PURCHASES: 1, SPEND: sum(spend.values()), **_earned(granted)}
    if channel:
        counted[purchases_in(channel)] = 1
    _count(ledger, day, counted)
    return replace(record, day=day, spend=spend)


def count_action(ledger: Ledger, facts: Facts, granted: Iterable[Granted]) -> None:
    """Count any other event on its local day."""
    _count(ledger, facts.local.date(), {events(facts.event.type): 1, **_earned(granted)})


def count_back(ledger: Ledger, record: OrderRecord) -> OrderRecord:
    """Take back the spending on what came back of an order, and return its record brought up to date."""
    due = record.came_back(record.spend) - record.spend_reversed
    if record.day is None or due <= 0:
        return record
    _count(ledger, record.day, {SPEND: -due})
    return replace(record, spend_reversed=record.spend_reversed + due)


def count_clawbacks(ledger: Ledger, record: OrderRecord, clawbacks: Iterable[Clawback]) -> None:
    """Take back what a return asked back of the points that an order was given."""
    if record.day is not None:
        _count(ledger, record.day, _summed((earned(back.wallet), -back.asked) for back in clawbacks))


def absorb(ledger: Ledger, days: Mapping[date, Mapping[str, int]]) -> None:
    """Add what was counted of another membership of the same person."""
    for day, counted in sorted(days.items()):
        _count(ledger, day, counted)


def _spend(facts: Facts) -> dict[str, int]:
    """The money that earns by the line's id, without the lines that the programme lets no rule see."""
    amounts = facts.basis(facts.policies.basis)
    names = [*(line.id for line in facts.lines), SHIPPING]
    return {
        name: amount
        for index, (name, amount) in enumerate(zip(names, amounts, strict=True))
        if amount and index not in facts.excluded
    }


def _earned(granted: Iterable[Granted]) -> dict[str, int]:
    return _summed((earned(grant.rule.wallet), grant.points) for grant in granted)


def _summed(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, by in parts:
        sums[name] = sums.get(name, 0) + by
    return sums


def _count(ledger: Ledger, day: date, counted: Mapping[str, int]) -> None:
    for name, by in counted.items():
        if by:
            ledger.add(DayCounted(day, name, by))
