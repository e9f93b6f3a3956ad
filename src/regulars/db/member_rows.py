"""One member's part of a batch becomes rows: what the effects touched, as it stands after the last of them."""

from typing import Final
from uuid import UUID

import msgspec
from msgspec import Raw

from regulars.db import tables
from regulars.db.benefit_rows import BenefitRows
from regulars.db.changes import Change, Decided
from regulars.db.claims import claimed_by
from regulars.engine import mail
from regulars.engine.effects import (
    Announced,
    Claimed,
    Counted,
    DayCounted,
    Described,
    Effect,
    Enrolled,
    HoldClosed,
    HoldOpened,
    Listed,
    LotOpened,
    MergedInto,
    OrderKept,
    Posted,
    Sent,
    SpendKept,
    StayedActive,
    TierKept,
    VoucherKept,
)
from regulars.engine.events import Absorb, Event
from regulars.engine.evolve import Draft
from regulars.engine.ids import bucket_of
from regulars.engine.members import OrderRecord, SpendRecord
from regulars.engine.points import OpenHold

_encoder: Final = msgspec.json.Encoder()


class MemberRows:
    """What the decisions on a member touched; `write` adds the rows of it to those of the batch."""

    def __init__(self, rows: tables.Rows, change: Change) -> None:
        self.rows = rows
        self.change = change
        self.before = change.before
        self.draft = Draft(change.before)
        self.owner = (bucket_of(change.before.member_id), change.before.member_id, change.programme_id)
        self.version = change.before.version
        self.opened: dict[UUID, None] = {}
        self.moved: dict[UUID, None] = {}
        self.wallets: dict[str, None] = {}
        self.counted: dict[str, tables.CounterRow] = {}
        self.orders: dict[str, OrderRecord] = {}
        self.spends: dict[UUID, SpendRecord] = {}
        self.holds: dict[UUID, OpenHold] = {}
        self.closed: dict[UUID, None] = {}
        self.benefits = BenefitRows()
        self.absorbed: list[UUID] = []
        self.described = False
        self.postings = self.messages = 0

    def write(self) -> None:
        """Add the member's rows."""
        for decided in self.change.decided:
            self._event(decided)
            self._effects(decided)
        self._member()
        self._lots()
        self._memory()
        self._holds()
        self.benefits.write(self.rows, self.owner)

    def _event(self, decided: Decided) -> None:
        event = decided.event
        self.version += 1
        if isinstance(event.body, Absorb):
            self.absorbed.append(event.body.from_member)
        self.rows.record_events.append(
            tables.EventRow(
                *self.owner,
                event_id=event.id,
                type=event.type,
                source=event.source,
                source_id=event.source_id,
                occurred_at=event.occurred_at,
                recorded_at=event.recorded_at,
                channel=event.channel,
                shop=event.shop,
                associate=event.associate,
                member_version=self.version,
                programme_version=decided.programme_version,
                body=Raw(mail.write(event.body)),
                answer=decided.answer,
                seen=decided.seen or None,
                claimed=claimed_by(decided.effects) or None,
            )
        )

    def _effects(self, decided: Decided) -> None:
        self.postings = self.messages = 0
        for effect in decided.effects:
            self._effect(decided.event, effect)

    def _effect(self, event: Event, effect: Effect) -> None:
        """Take down what an effect touched; what a later effect may change again is followed by the draft."""
        match effect:
            case Counted():
                self._count(effect)
            case Posted():
                self.draft.apply(effect)
                self._post(event, effect)
            case Announced() | Sent():
                self._send(event, effect)
            case LotOpened(lot):
                self.draft.apply(effect)
                self.opened[lot.id] = None
            case OrderKept(record):
                self.orders[record.order_id] = record
            case SpendKept(record):
                self.spends[record.event_id] = record
            case HoldOpened(hold):
                self.holds[hold.id] = hold
            case HoldClosed(hold_id):
                self.closed[hold_id] = None
            case DayCounted() | TierKept() | VoucherKept() | Listed():
                self.benefits.note(effect)
            case Claimed():
                pass  # of what belongs to nobody alone: `rows_of` adds up what the batch claims
            case StayedActive(wallet):
                self.draft.apply(effect)
                self.wallets[wallet] = None
            case Described():
                self.draft.apply(effect)
                self.described = True
            case Enrolled() | MergedInto():
                self.draft.apply(effect)

    def _count(self, effect: Counted) -> None:
        row = self.counted.get(effect.name)
        if row is None:
            row = self.counted[effect.name] = tables.CounterRow(
                *self.owner,
                name=effect.name,
                value=0,
                until=effect.until,
            )
        row.value += effect.by

    def _post(self, event: Event, posted: Posted) -> None:
        if posted.lot_id is not None and posted.lot_id not in self.opened:
            self.moved[posted.lot_id] = None
        if posted.source == "debt" or posted.target == "debt":
            self.wallets[posted.wallet] = None
        self.rows.post.append(
            tables.PostingRow(
                *self.owner,
                event_id=event.id,
                number=self.postings,
                wallet=posted.wallet,
                kind=posted.kind,
                source=posted.source,
                target=posted.target,
                amount=posted.amount,
                lot_id=posted.lot_id,
                at=posted.at,
                recorded_at=event.recorded_at,
            )
        )
        self.postings += 1

    def _send(self, event: Event, effect: Announced | Sent) -> None:
        if isinstance(effect, Sent):
            topic, to_member, body = effect.type, effect.member_id, Raw(effect.body)
        else:
            topic, to_member, body = effect.topic, None, Raw(_encoder.encode(effect.data))
        self.rows.send_out.append(
            tables.OutboxRow(
                *self.owner,
                event_id=event.id,
                number=self.messages,
                topic=topic,
                body=body,
                to_member=to_member,
                occurred_at=event.occurred_at,
                created_at=event.recorded_at,
            )
        )
        self.messages += 1

    def _member(self) -> None:
        draft, first = self.draft, self.change.decided[0].event
        begins = self.before.version == 0
        row = tables.MemberRow(
            *self.owner,
            version=self.version,
            standing=draft.standing,
            merged_into=draft.merged_into,
            absorbed=self.absorbed if begins or self.absorbed else None,
            enrolled_at=draft.enrolled_at,
            channel=first.channel,
            shop=first.shop,
            enrolled_by=first.associate,
            attributes=draft.attributes if begins or self.described else None,
            has_benefits=self.benefits.any,
        )
        (self.rows.begin_members if begins else self.rows.move_members).append(row)

    def _lots(self) -> None:
        for lot_id in self.opened:
            self.rows.open_lots.append(self._lot(lot_id))
        for lot_id in sorted(self.moved):
            self.rows.move_lots.append(self._lot(lot_id))

    def _lot(self, lot_id: UUID) -> tables.LotRow:
        lot = self.draft.lot(lot_id)
        return tables.LotRow(
            *self.owner,
            lot_id=lot.id,
            wallet=lot.wallet,
            origin_id=lot.origin_id,
            event_id=lot.event_id,
            amount=lot.amount,
            remaining=lot.remaining,
            held=lot.held,
            lapsed=lot.lapsed,
            lapsed_at=lot.lapsed_at,
            matured=lot.matured,
            earned_at=lot.earned_at,
            available_at=lot.available_at,
            expires_at=lot.expires_at,
        )

    def _memory(self) -> None:
        """Add what is remembered beside the lots: counters, wallets, orders, spends."""
        self.rows.count.extend(self.counted[name] for name in sorted(self.counted))
        for name in sorted(self.wallets):
            wallet = self.draft.wallets[name]
            self.rows.keep_wallets.append(
                tables.WalletRow(*self.owner, wallet=name, debt=wallet.debt, active_until=wallet.active_until)
            )
        for order_id, order in sorted(self.orders.items()):
            self.rows.keep_orders.append(
                tables.OrderRow(*self.owner, order_id=order_id, event_id=order.event_id, record=order)
            )
        for event_id, record in sorted(self.spends.items()):
            self.rows.keep_spends.append(tables.SpendRow(*self.owner, event_id=event_id, record=record))

    def _holds(self) -> None:
        for hold in self.holds.values():
            self.rows.open_holds.append(
                tables.HoldRow(
                    *self.owner,
                    hold_id=hold.id,
                    wallet=hold.wallet,
                    amount=hold.amount,
                    expires_at=hold.expires_at,
                    parts=hold.parts,
                    state="closed" if hold.id in self.closed else "open",
                )
            )
        for hold_id in sorted(self.closed):
            if hold_id not in self.holds:
                self.rows.close_holds.append(tables.ClosedHoldRow(*self.owner, hold_id=hold_id))
