"""A letter to another member …"""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given

from regulars.engine.decide import Decision
from regulars.engine.effects import Posted
from regulars.engine.events import Absorb, Parcel, Receive
from regulars.engine.mail import read, write
from regulars.engine.members import MemberState
from regulars.engine.points import Balance
from regulars.engine.programme import Inactivity, Wallet
from regulars.engine.running import Running
from tests.engine.making import ALICE, BOB, MONDAY_NOON, ONE_EACH, Story, bought, days, running
from tests.engine.worlds import WITH_MERGES, Move, World, moves, programmes


def _parcel(amount: int, *, expires: float | None = None, available: float = 0) -> Parcel:
    return Parcel(
        origin_id=BOB,
        wallet="points",
        amount=amount,
        earned_at=MONDAY_NOON - days(5),
        available_at=MONDAY_NOON + days(available),
        expires_at=None if expires is None else MONDAY_NOON + days(expires),
    )


@given(programmes(), moves(*WITH_MERGES))
def test_is_read_as_it_was_written(programme: Running, life: list[Move]) -> None:
    for made, _, _ in World(programme).live(life):
        assert read(write(made.body)) == made.body


def test_keeps_instants_whatever_clock_they_were_written_by() -> None:
    tokyo = MONDAY_NOON.astimezone(timezone(timedelta(hours=9)))
    body = Absorb(
        from_member=BOB,
        parcels=(),
        debts={},
        counters={},
        attributes={},
        enrolled_at=tokyo,
        active_until={"points": tokyo},
    )

    assert read(write(body)) == body


@pytest.mark.parametrize("text", [b"", b"{}", b'{"kind":"gift"}', b'{"kind":"receive"}'])
def test_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        read(text)


def test_opens_a_lot_for_each_parcel_with_the_dates_it_came_with() -> None:
    story = Story(running())

    story.tell(Receive(from_member=BOB, parcels=(_parcel(30, expires=7), _parcel(20, available=2))))

    first, second = sorted(story.state.lots, key=lambda lot: -lot.amount)
    assert (first.amount, first.matured, first.expires_at) == (30, True, MONDAY_NOON + days(7))
    assert (second.amount, second.matured, second.expires_at) == (20, False, None)
    assert {first.origin_id, second.origin_id} == {BOB}
    assert first.earned_at == MONDAY_NOON - days(5)
    assert story.balance() == Balance(available=30, pending=20)


def test_makes_a_member_of_somebody_unknown() -> None:
    story = Story(running(), MemberState(member_id=ALICE))

    assert story.tell(Receive(from_member=BOB, parcels=(_parcel(30),))).after.standing == "active"


def test_that_was_too_long_under_way_pays_no_debt() -> None:
    story = Story(running())
    decision = story.tell(Receive(from_member=BOB, parcels=(_parcel(30, expires=-1),)))

    assert [(p.kind, p.amount, p.at) for p in decision.effects if isinstance(p, Posted)] == [
        ("receive", 30, MONDAY_NOON),
        ("expire", 30, MONDAY_NOON),
    ]


def test_keeps_the_givers_date_where_activity_decides() -> None:
    story = Story(running(ONE_EACH, wallet=Wallet(expiry=Inactivity(days=30, round_to="none"))))
    story.tell(Receive(from_member=BOB, parcels=(_parcel(30, expires=7),)))

    story.tell(bought(1_000), MONDAY_NOON + days(1))

    assert story.available(MONDAY_NOON + days(6.99999)) == 40
    assert story.available(MONDAY_NOON + days(7)) == 10


def test_arrives_however_late_it_is() -> None:
    story = Story(running())
    letter = Receive(from_member=BOB, parcels=(_parcel(30),))

    assert isinstance(story.ask(letter, datetime(2026, 1, 1, 12, tzinfo=UTC), recorded_at=MONDAY_NOON), Decision)
