"""A return takes back what its lines were given then, whatever the rules say today."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.earning import SHIPPING
from regulars.engine.effects import Announced, OrderKept, Posted
from regulars.engine.events import Event, Return, ReturnedLine
from regulars.engine.ledger import Ledger
from regulars.engine.members import OrderAward, OrderRecord
from regulars.engine.numbers import divide
from regulars.engine.points import Lot, take
from regulars.engine.programme import Policies, Wallet
from regulars.engine.reasons import Refused


class Clawback(Struct, frozen=True, kw_only=True):
    """What a return asked back of one rule's award, and what of it was found, became a debt, or was let go.

    `lapsed` had expired unspent, and is not owed.
    """

    rule: str
    wallet: str
    asked: int
    taken: int
    lapsed: int
    owed: int
    forgiven: int


_DROPPED: Final = Wallet()
"""How a wallet behaves that an older version of the programme had: by default."""


def returned(record: OrderRecord, body: Return) -> OrderRecord | Refused:
    """Return the record with the return's quantities added; they may come in any order and before the order.

    Refused: a line that the order does not have, or more than is left of one.
    """
    if not body.lines:
        return replace(record, returned_wholly=True)
    quantities = dict(record.returned_milli)
    for line in body.lines:
        quantity = _quantity(record, line, quantities)
        if isinstance(quantity, Refused):
            return quantity
        quantities[line.id] = quantity
    return replace(record, returned_milli=quantities)


def _quantity(record: OrderRecord, line: ReturnedLine, before: dict[str, int]) -> int | Refused:
    already = before.get(line.id, 0)
    if line.quantity_milli is not None and line.quantity_milli <= 0:
        return Refused(code="quantity-not-positive", detail={"line": line.id, "quantity_milli": line.quantity_milli})
    if record.event_id is None:
        if line.quantity_milli is None:
            return Refused(code="return-needs-quantity", detail={"line": line.id})
        return already + line.quantity_milli
    if line.id not in record.quantities_milli:
        return Refused(code="unknown-line", detail={"line": line.id, "order": record.order_id})
    whole = record.quantities_milli[line.id]
    left = 0 if record.returned_wholly else whole - already
    asked = left if line.quantity_milli is None else line.quantity_milli
    if asked > left or asked == 0:
        return Refused(code="returned-more-than-bought", detail={"line": line.id, "left_milli": left})
    return already + asked


def claw_back(
    ledger: Ledger, event: Event, record: OrderRecord, policies: Policies, wallets: dict[str, Wallet]
) -> tuple[Clawback, ...]:
    """Take back what the order's returns so far call for and earlier ones have not taken yet.

    For each line it is the line's points in proportion to the quantity that came back, rounded down, and all
    of them when all of it is back; so the sum depends on what came back and not on the order or the steps.
    """
    reversed_before = dict(record.reversed)
    clawbacks = []
    for award in record.awards:
        due = _due(award, record, policies) - reversed_before.get(award.rule, 0)
        if due > 0:
            reversed_before[award.rule] = reversed_before.get(award.rule, 0) + due
            clawbacks.append(_take(ledger, event, award, due, wallets.get(award.wallet, _DROPPED)))
    ledger.add(OrderKept(replace(record, reversed=reversed_before)))
    for clawback in clawbacks:
        data: dict[str, object] = {"wallet": clawback.wallet, "points": clawback.asked, "rule": clawback.rule}
        ledger.add(Announced("points.reversed", data))
    return tuple(clawbacks)


def _due(award: OrderAward, record: OrderRecord, policies: Policies) -> int:
    back = {line: _back(record, line) for line in record.quantities_milli}
    all_back = all(back[line] >= quantity for line, quantity in record.quantities_milli.items())
    if award.lines:
        return sum(
            points if all_back else _share(points, record, line_id, back) for line_id, points in award.lines.items()
        )
    match policies.whole_order_awards:
        case "keep":
            return 0
        case "when_all_returned":
            return award.points if all_back else 0
        case "proportional":
            whole = sum(record.quantities_milli.values())
            return award.points if all_back else divide(award.points * sum(back.values()), whole, "floor")


def _back(record: OrderRecord, line_id: str) -> int:
    whole = record.quantities_milli[line_id]
    return whole if record.returned_wholly else min(whole, record.returned_milli.get(line_id, 0))


def _share(points: int, record: OrderRecord, line_id: str, back: dict[str, int]) -> int:
    whole = record.quantities_milli.get(line_id, 0)
    if line_id == SHIPPING or whole == 0:
        return 0
    return divide(points * back[line_id], whole, "floor")


def _take(ledger: Ledger, event: Event, award: OrderAward, due: int, wallet: Wallet) -> Clawback:
    at = event.occurred_at
    left = due
    left -= _collect(ledger, [lot for lot in ledger.lots_at(at) if lot.origin_id == award.lot_id], left, at)
    lapsed = _lapsed(ledger, award, left, at) if wallet.debt.lapsed == "forgive" else 0
    left -= lapsed
    left -= _collect(ledger, ledger.spendable(award.wallet, at), left, at)
    owed = _debt(ledger, award.wallet, left, wallet)
    ledger.post(Posted(wallet=award.wallet, kind="reverse", source="debt", target="issued", amount=owed, at=at))
    ledger.repay_all(award.wallet, at)
    return Clawback(
        rule=award.rule, wallet=award.wallet, asked=due, taken=due - left - lapsed, lapsed=lapsed, owed=owed,
        forgiven=left - owed,
    )  # fmt: skip


def _collect(ledger: Ledger, lots: Sequence[Lot], amount: int, at: datetime) -> int:
    """Take free points of the lots in their order, and return how many there were, up to the amount."""
    taken = take(lots, amount)
    for part in taken:
        ledger.move(part.lot, part.amount, kind="reverse", target="issued", at=at)
    return sum(part.amount for part in taken)


def _lapsed(ledger: Ledger, award: OrderAward, amount: int, at: datetime) -> int:
    """Let the return have what expired unspent of the award's own lot, and return how much that was."""
    found = 0
    for lot in ledger.lapsed():
        if lot.origin_id == award.lot_id:
            part = min(lot.lapsed, amount - found)
            ledger.post(
                Posted(
                    wallet=lot.wallet, kind="reverse", source="expired", target="issued",
                    amount=part, at=at, lot_id=lot.id,
                )
            )  # fmt: skip
            found += part
    return found


def _debt(ledger: Ledger, name: str, left: int, wallet: Wallet) -> int:
    if wallet.debt.policy == "clamp":
        return 0
    if wallet.debt.limit is None:
        return left
    return min(left, max(0, wallet.debt.limit - ledger.wallet(name).debt))
