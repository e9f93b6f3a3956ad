"""Many events of many members, decided in the order in which they came: the part of ingestion without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from regulars.actions import answers
from regulars.actions.coding import code_claims
from regulars.actions.recognising import identity_hash, order_hash
from regulars.actions.sharing import Tally
from regulars.actions.telling import KeyedCall
from regulars.connectors.identities import Identity
from regulars.db.changes import Change, Decided, IdentityClaim, MovedIdentities, SealedProfile, UsedKey
from regulars.db.claims import claimed_by
from regulars.db.members import BusinessKey, Loaded, Wanted
from regulars.db.sealing import Keyring
from regulars.engine.decide import decide
from regulars.engine.events import Event, Issue, Merge, Purchase, Reserve, Restore, Return, Undo, Use
from regulars.engine.members import MemberState
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from regulars.engine.zones import EPOCH

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
# Nothing happened before; what is told to have is refused.
_EARLIEST: Final = EPOCH.date()
_NOTHING: Final[Mapping[str, int]] = {}


class Case(Struct, frozen=True, kw_only=True):
    """An event that is to be decided: its place in the batch, its programme, what it claims, and what it moves.

    `moved` are the identities that led to a membership which arrives, and lead to the survivor from now on.
    """

    place: int
    event: Event
    running: Running
    claims: tuple[Identity, ...] = ()
    moved: MovedIdentities = MovedIdentities()
    call: KeyedCall | None = None


class Answered(Struct, frozen=True, kw_only=True):
    """The answer to an event, as recorded; `repeated` where it was told before."""

    text: bytes
    event_id: UUID
    member_id: UUID
    repeated: bool = False


class Elsewhere(Struct, frozen=True):
    """The order is recorded already, by this event of another telling: its answer is the answer."""

    event_id: UUID


Verdict = Answered | Elsewhere | Refused


class Decisions(Struct):
    """What became of the cases of one member: verdicts by place, and what is to be written."""

    verdicts: dict[int, Verdict]
    decided: list[Decided]
    places: list[int]


def wanted(cases: Iterable[Case]) -> list[Wanted]:
    """Return what to load for the cases, one entry a member."""
    by_member: dict[UUID, list[Case]] = {}
    for case in cases:
        by_member.setdefault(case.event.member_id, []).append(case)
    return [_wanted(member_id, own) for member_id, own in by_member.items()]


def _wanted(member_id: UUID, cases: Sequence[Case]) -> Wanted:
    events = [case.event for case in cases]
    earliest = min(event.occurred_at for event in events)
    # A merge hands over every counter, those of past periods too: a late event may still ask for them.
    merging = any(isinstance(event.body, Merge) for event in events)
    # Late events find alive what lapsed since they happened; returns and merges ask for what ever lapsed.
    looking_back = any(isinstance(event.body, Return | Merge) for event in events)
    return Wanted(
        member_id=member_id,
        since=date.min if merging else (earliest - timedelta(days=2)).date(),
        lapsed_after=_FIRST if looking_back else earliest,
        orders=sorted({order for event in events if (order := _any_order_of(event)) is not None}),
        spends=sorted({event.body.spend_id for event in events if isinstance(event.body, Restore)}),
        days_from=date.min if merging else _days_from(cases),
        vouchers=sorted({voucher for event in events for voucher in vouchers_of(event)}),
        all_vouchers=merging,
        keys=[BusinessKey(event.source, event.source_id, event.type) for event in events],
    )


def order_of(event: Event) -> str | None:
    """Return the order that an event is about, where it is about one."""
    match event.body:
        case Purchase(order=order):
            return order.id
        case Return(order_id=order_id):
            return order_id
        case _:
            return None


def vouchers_of(event: Event) -> tuple[UUID, ...]:
    """Return the vouchers that an event names."""
    match event.body:
        case Purchase(vouchers=vouchers) | Reserve(vouchers=vouchers):
            return vouchers
        case Use(voucher_id=voucher_id):
            return (voucher_id,)
        case Undo(voucher_id=UUID() as voucher_id):
            return (voucher_id,)
        case _:
            return ()


def _any_order_of(event: Event) -> str | None:
    """Return the order that an event names, be it that of a checkout which is not paid yet."""
    if isinstance(event.body, Issue | Reserve | Use | Undo):
        return event.body.order_id
    return order_of(event)


def _days_from(cases: Iterable[Case]) -> date | None:
    """Return from which day on the programme asks for what was counted; none where it does not.

    A day more, since it is local days that are counted.
    """
    spans = [(case.event.occurred_at.date(), case.running.days_back) for case in cases if case.running.days_back]
    return min((max(day, _EARLIEST) - timedelta(days=back + 1) for day, back in spans), default=None)


def decide_in_order(
    keyring: Keyring, programme_id: str, loaded: Loaded, cases: Sequence[Case], tally: Tally
) -> Decisions:
    """Decide one member's cases, each on what the one before led to; what is told again is not decided again.

    What is claimed of what members share is noted in `tally`, for the decisions on other members too.
    """
    recorded = {(one.source, one.source_id, one.type): one for one in loaded.recorded}
    made = Decisions({}, [], [])
    told: dict[tuple[str, str, str], Answered] = {
        key: Answered(text=one.answer.encode(), event_id=one.event_id, member_id=one.member_id, repeated=True)
        for key, one in recorded.items()
    }
    state = loaded.state
    for case in cases:
        key = (case.event.source, case.event.source_id, case.event.type)
        if key in told:
            made.verdicts[case.place] = told[key]
        else:
            state = _decide_one(keyring, programme_id, case, state, made, tally)
            first = made.verdicts[case.place]
            if isinstance(first, Answered):
                told[key] = Answered(text=first.text, event_id=first.event_id, member_id=first.member_id, repeated=True)
    return made


def _decide_one(
    keyring: Keyring, programme_id: str, case: Case, state: MemberState, made: Decisions, tally: Tally
) -> MemberState:
    event = case.event
    decision = decide(case.running, state, event, tally)
    if isinstance(decision, Refused):
        made.verdicts[case.place] = _refused(decision, event, state)
        return state
    for name, by in (claimed_by(decision.effects) if decision.seen else _NOTHING).items():
        tally.take(name, by)
    text = answers.write(event, decision)
    made.verdicts[case.place] = Answered(text=text, event_id=event.id, member_id=event.member_id)
    made.places.append(case.place)
    claims, profile = _claims(keyring, programme_id, case) if case.claims and state.version == 0 else ((), None)
    made.decided.append(
        Decided(
            event=event,
            programme_version=decision.programme_version,
            effects=decision.effects,
            answer=text.decode(),
            seen=decision.seen,
            used_key=_used(case.call),
            order_hash=order_hash(programme_id, event.body.order.id) if isinstance(event.body, Purchase) else None,
            identities=claims,
            codes=tuple(code_claims(keyring, programme_id, event, decision.effects)),
            profile=profile,
            identities_moved=case.moved,
        )
    )
    return decision.after


def _claims(keyring: Keyring, programme_id: str, case: Case) -> tuple[tuple[IdentityClaim, ...], SealedProfile]:
    """What makes the identities the new member's: found by hash, shown by those who may open them."""
    key = keyring.new_key(case.event.member_id)
    claims = tuple(
        IdentityClaim(
            key_hash=identity_hash(keyring, programme_id, identity),
            kind=identity.kind,
            sealed=key.seal(identity.value.encode()),
        )
        for identity in case.claims
    )
    return claims, SealedProfile(wrapped_key=key.wrapped)


def _refused(refused: Refused, event: Event, state: MemberState) -> Verdict:
    order = order_of(event)
    if refused.code == "order-already-recorded" and order is not None:
        first = state.orders[order].event_id
        assert first is not None, "an order is recorded by the event that told of it"
        return Elsewhere(first)
    return refused


def _used(call: KeyedCall | None) -> UsedKey | None:
    return UsedKey(client=call.client, key=call.key, fingerprint=call.fingerprint) if call is not None else None


def change_of(programme_id: str, state: MemberState, decided: Sequence[Decided]) -> Change:
    """Return what is to be written for a member."""
    return Change(programme_id=programme_id, before=state, decided=decided)


def by_member(cases: Iterable[Case]) -> Mapping[UUID, Sequence[Case]]:
    """Return the cases of each member, in their order."""
    found: dict[UUID, list[Case]] = {}
    for case in cases:
        found.setdefault(case.event.member_id, []).append(case)
    return found
