"""What we answer about an event: written once, recorded, and repeated to the letter whenever it is told again."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from regulars.engine.decide import Decision
from regulars.engine.events import Event, Scalar
from regulars.engine.ids import external
from regulars.engine.outcome import Result, TierChange
from regulars.engine.points import Balance
from regulars.engine.reasons import Reason
from regulars.engine.vouchers import Voucher, VoucherState


class AwardAnswer(Struct, frozen=True, kw_only=True):
    """What a rule gave: `value` of the `desired_value` that it would have given without all that limits it.

    `rewards` are given by their ids, and `attributes` of the member set.
    """

    rule: str
    wallet: str
    value: int
    desired_value: int
    reasons: tuple[Reason, ...] = ()
    rewards: tuple[str, ...] | UnsetType = UNSET
    attributes: Mapping[str, Scalar] | UnsetType = UNSET


class LotAnswer(Struct, frozen=True, kw_only=True):
    """Points that came, and the span `[available_at, expires_at)` in which they can be spent."""

    lot: str
    wallet: str
    points: int
    available_at: datetime
    expires_at: datetime | None


class ReversalAnswer(Struct, frozen=True, kw_only=True):
    """What a return took back of a rule's award: `asked` is all the others together."""

    rule: str
    wallet: str
    asked: int
    taken: int
    lapsed: int
    owed: int
    forgiven: int


class TakenAnswer(Struct, frozen=True, kw_only=True):
    """What was taken from a lot, or put back into it."""

    lot: str
    points: int


class VoucherAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reward of the member's that came about, was used or went back; usable until `valid_until` (exclusive).

    `value_minor` is what it stands for where the member chose that, `number` the place of its code in a pool. A
    voucher's code is not among what is recorded.
    """

    voucher: str
    reward: str
    state: VoucherState
    points: int = 0
    valid_until: datetime | None = None
    reserved_until: datetime | None = None
    value_minor: int | None = None
    order: str | None = None
    options: dict[str, str] = {}
    number: int | None = None
    high_value: bool = False


class EventAnswer(Struct, frozen=True, kw_only=True):
    """The decision on one event, as recorded. Points are in the wallets' smallest units."""

    decision: str
    event: str
    member: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    programme_version: int
    balances: dict[str, Balance]
    awards: tuple[AwardAnswer, ...] = ()
    lots: tuple[LotAnswer, ...] = ()
    reversed: tuple[ReversalAnswer, ...] = ()
    taken: tuple[TakenAnswer, ...] = ()
    vouchers: tuple[VoucherAnswer, ...] | UnsetType = UNSET
    tiers: tuple[TierChange, ...] | UnsetType = UNSET
    hold: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


_ENCODER = msgspec.json.Encoder()


def write(event: Event, decision: Decision) -> bytes:
    """Return the answer to an event as JSON."""
    return _ENCODER.encode(answer(event, decision))


def answer(event: Event, decision: Decision) -> EventAnswer:
    """Return the answer to an event."""
    result = decision.result
    return EventAnswer(
        decision=external("dec", event.id),
        event=external("evt", event.id),
        member=external("mem", event.member_id),
        type=event.type,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        programme_version=decision.programme_version,
        balances=decision.balances,
        awards=_awards(result),
        lots=_lots(result),
        reversed=_reversals(result),
        taken=tuple(TakenAnswer(lot=external("lot", part.lot_id), points=part.amount) for part in result.taken),
        vouchers=tuple(map(voucher_answer, result.vouchers)) or UNSET,
        tiers=result.tiers or UNSET,
        hold=external("hld", result.hold_id) if result.hold_id is not None else UNSET,
        note=result.note if result.note is not None else UNSET,
    )


def voucher_answer(voucher: Voucher) -> VoucherAnswer:
    """Return a voucher as answers tell it."""
    return VoucherAnswer(
        voucher=external("vch", voucher.id),
        reward=voucher.reward,
        state=voucher.state,
        points=sum(part.amount for part in voucher.parts),
        valid_until=voucher.valid_until,
        reserved_until=voucher.reserved_until,
        value_minor=voucher.value_minor,
        order=voucher.order_id,
        options=voucher.options,
        number=voucher.number,
        high_value=voucher.high_value,
    )


def _awards(result: Result) -> tuple[AwardAnswer, ...]:
    return tuple(
        AwardAnswer(
            rule=outcome.rule,
            wallet=outcome.wallet,
            value=outcome.value,
            desired_value=outcome.desired_value,
            reasons=outcome.reasons,
            rewards=outcome.rewards or UNSET,
            attributes=outcome.attributes or UNSET,
        )
        for outcome in result.outcomes
    )


def _lots(result: Result) -> tuple[LotAnswer, ...]:
    return tuple(
        LotAnswer(
            lot=external("lot", lot.lot_id),
            wallet=lot.wallet,
            points=lot.points,
            available_at=lot.available_at,
            expires_at=lot.expires_at,
        )
        for lot in result.lots
    )


def _reversals(result: Result) -> tuple[ReversalAnswer, ...]:
    return tuple(
        ReversalAnswer(
            rule=clawback.rule,
            wallet=clawback.wallet,
            asked=clawback.asked,
            taken=clawback.taken,
            lapsed=clawback.lapsed,
            owed=clawback.owed,
            forgiven=clawback.forgiven,
        )
        for clawback in result.clawbacks
    )
