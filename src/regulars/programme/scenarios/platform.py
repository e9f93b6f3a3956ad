"""What a page is run on: anything that takes events and shows balances, such as the engine by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.decide import decide
from regulars.engine.effects import Claimed, Sent
from regulars.engine.events import Absorb, Body, Event, Purchase, Return, Settle
from regulars.engine.evolve import evolve
from regulars.engine.explain import explain
from regulars.engine.ids import derive
from regulars.engine.mail import read
from regulars.engine.members import MemberState
from regulars.engine.points import Balance, Lot, soonest_to_expire_first
from regulars.engine.reasons import Outcome, Refused
from regulars.engine.reversing import Clawback
from regulars.programme.scenarios.page import Page, Told, page_id

Key = tuple[str, str, str]
"""The business key of an event: its source, the source's id of it, its type."""


class Answer(Struct, frozen=True, kw_only=True):
    """What the platform says to an event that it takes; `repeated` where it had taken it before, as `event_id`.

    `rewards` are the vouchers that it touched, each by its reward and the state in which it then is.
    """

    event_id: UUID
    outcomes: tuple[Outcome, ...] = ()
    clawbacks: tuple[Clawback, ...] = ()
    rewards: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    repeated: bool = False


class Platform(Protocol):
    """Where a page is played; members are known by their names on the page, events by their labels."""

    def tell(self, told: Told) -> Answer | Refused:
        """Take an event, and whatever it sends to other members."""

    def settle(self, now: datetime) -> None:
        """Do what a sweeper does: post whatever is due by now, for everybody."""

    def balance(self, member: str, wallet: str, at: datetime) -> Balance:
        """Return a member's balance at an instant."""

    def lots(self, member: str, wallet: str, at: datetime) -> Sequence[Lot]:
        """Return a member's lots with anything remaining that have not expired, the soonest to expire first."""

    def member(self, member: str, at: datetime) -> MemberState:
        """Return what is known of a member, with what was counted as far back as is asked for at an instant."""

    def explain(self, label: str) -> tuple[Outcome, ...]:
        """Return what became of every rule at an event."""


class Alone:
    """The engine by itself, with dictionaries for a memory."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._states: dict[UUID, MemberState] = {}
        self._owners: dict[str, UUID] = {}
        self._orders: dict[str, Key] = {}
        self._answers: dict[Key, Answer] = {}
        self._decided: dict[str, tuple[MemberState, Event]] = {}
        self._shared = {f"pool/{name}/size": codes for name, codes in page.pools.items()}
        self._seen: dict[UUID, dict[str, int]] = {}
        self._settled = 0

    def tell(self, told: Told) -> Answer | Refused:
        """Decide the event unless it was decided before, and remember."""
        key = _key(told)
        if key in self._answers:
            return self._repeated(told, key)
        member_id = self._member_of(told)
        if isinstance(member_id, Refused):
            return member_id
        event = Event(
            id=page_id("event", told.label),
            member_id=member_id,
            type=told.type,
            source=told.source,
            source_id=told.source_id,
            occurred_at=told.occurred_at,
            recorded_at=told.recorded_at,
            body=told.body,
            channel=told.channel,
            shop=told.shop,
            associate=told.associate,
        )
        before = self._state(member_id)
        answer = self._take(event)
        if isinstance(answer, Answer):
            self._answers[key] = answer
            self._decided[told.label] = before, event
        elif answer.code == "order-already-recorded" and isinstance(told.body, Purchase):
            return self._repeated(told, self._orders[told.body.order.id])
        return answer

    def _repeated(self, told: Told, key: Key) -> Answer:
        """Answer with what was recorded under the key: the same event, or the same order by another source."""
        first = next(label for label, (_, event) in self._decided.items() if _key(event) == key)
        self._decided[told.label] = self._decided[first]
        return replace(self._answers[key], repeated=True)

    def settle(self, now: datetime) -> None:
        """Post whatever is due by now, for every member there is."""
        for member_id, state in list(self._states.items()):
            if state.standing == "active":
                self._settled += 1
                cause = page_id("event", f"settle {self._settled}")
                self._take(self._own_event(cause, member_id, "member.settled", Settle(), now, now))

    def balance(self, member: str, wallet: str, at: datetime) -> Balance:
        """Return a member's balance at an instant."""
        return self._named(member).balance(wallet, at)

    def lots(self, member: str, wallet: str, at: datetime) -> Sequence[Lot]:
        """Return a member's live lots, with the instants at which they die."""
        return live_lots(self._named(member), wallet, at)

    def member(self, member: str, at: datetime) -> MemberState:
        """Return what is known of a member."""
        return self._named(member)

    def explain(self, label: str) -> tuple[Outcome, ...]:
        """Return what became of every rule of the version that decided an event."""
        before, event = self._decided[label]
        return explain(self._page.version(event.occurred_at).running, before, event, self._seen[event.id])

    def _take(self, event: Event) -> Answer | Refused:
        state = self._state(event.member_id)
        decision = decide(self._page.version(event.occurred_at).running, state, event, self._shared)
        if isinstance(decision, Refused):
            return decision
        self._states[event.member_id] = evolve(state, decision.effects)
        self._seen[event.id] = decision.seen
        if isinstance(event.body, Purchase):
            self._owners[event.body.order.id] = event.member_id
            self._orders[event.body.order.id] = _key(event)
        for effect in decision.effects:
            if isinstance(effect, Claimed):
                self._shared[effect.name] = self._shared.get(effect.name, 0) + effect.by
        for number, effect in enumerate(decision.effects):
            if isinstance(effect, Sent):
                self._deliver(event, number, effect)
        result = decision.result
        return Answer(
            event_id=event.id,
            outcomes=result.outcomes,
            clawbacks=result.clawbacks,
            rewards=tuple((one.reward, one.state) for one in result.vouchers),
            note=result.note,
        )

    def _deliver(self, cause: Event, number: int, sent: Sent) -> None:
        """Hand over what an event sends to another member; with a merged one come its orders and spends."""
        body = read(sent.body)
        member_id = self._survivor(sent.member_id)
        if isinstance(body, Absorb):
            target = self._state(member_id)
            merged = self._state(body.from_member)
            orders, spends = merged.orders | target.orders, merged.spends | target.spends
            self._states[member_id] = replace(target, orders=orders, spends=spends)
        id = derive(cause.id, "sent", number)
        answer = self._take(self._own_event(id, member_id, sent.type, body, cause.occurred_at, cause.recorded_at))
        assert isinstance(answer, Answer), f"what a member sends is taken: {answer}"

    def _own_event(
        self, id: UUID, member_id: UUID, type: str, body: Body, occurred_at: datetime, recorded_at: datetime
    ) -> Event:
        return Event(
            id=id,
            member_id=member_id,
            type=type,
            source="platform",
            source_id=str(id),
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            body=body,
        )

    def _member_of(self, told: Told) -> UUID | Refused:
        if told.member is None:
            assert isinstance(told.body, Return), "only a return goes without a member"
            owner = self._owners.get(told.body.order_id)
            return self._survivor(owner) if owner is not None else Refused(code="order-unknown")
        member_id = self._survivor(page_id("member", told.member))
        if isinstance(told.body, Purchase):
            owner = self._owners.get(told.body.order.id, member_id)
            if self._survivor(owner) != member_id:
                return Refused(code="order-of-another-member")
        return member_id

    def _survivor(self, member_id: UUID) -> UUID:
        """Return who a member is now, after all merges."""
        while (into := self._state(member_id).merged_into) is not None:
            member_id = into
        return member_id

    def _named(self, member: str) -> MemberState:
        return self._state(self._survivor(page_id("member", member)))

    def _state(self, member_id: UUID) -> MemberState:
        return self._states.get(member_id) or MemberState(member_id=member_id)


def _key(told: Told | Event) -> Key:
    return told.source, told.source_id, told.type


def live_lots(state: MemberState, wallet: str, at: datetime) -> Sequence[Lot]:
    """Return the wallet's lots with anything remaining at an instant, the soonest to expire first."""
    lots = [replace(lot, expires_at=state.expiry_of(lot)) for lot in state.lots if lot.wallet == wallet]
    live = [lot for lot in lots if lot.remaining and (lot.expires_at is None or lot.expires_at > at)]
    return soonest_to_expire_first(live)
