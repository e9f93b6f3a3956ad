"""A member …"""

from datetime import UTC, datetime
from uuid import UUID

from regulars.engine.members import MemberState, WalletState
from regulars.engine.points import Balance, HeldPart, Lot, OpenHold
from tests.engine.making import ALICE, MONDAY_NOON, days


def _lot(number: int, *, wallet: str = "points", remaining: int = 10, held: int = 0, available: float = 0,
         expires: float | None = None, matured: bool = True) -> Lot:  # fmt: skip
    return Lot(
        id=UUID(int=number),
        origin_id=UUID(int=number),
        event_id=ALICE,
        wallet=wallet,
        amount=10,
        remaining=remaining,
        held=held,
        matured=matured,
        earned_at=MONDAY_NOON,
        available_at=MONDAY_NOON + days(available),
        expires_at=None if expires is None else MONDAY_NOON + days(expires),
    )


def test_of_whom_nothing_is_known_has_nothing() -> None:
    nobody = MemberState(member_id=ALICE)

    assert nobody.standing == "unknown"
    assert nobody.balance("points", MONDAY_NOON) == Balance()
    assert nobody.wallet("points") == WalletState()
    assert nobody.open_lots == ()


def test_has_a_balance_in_each_wallet_of_its_own() -> None:
    rich = MemberState(member_id=ALICE, lots=(_lot(1), _lot(2, wallet="stamps", remaining=3)))

    assert rich.balances({"points": 0, "stamps": 0, "miles": 0}, MONDAY_NOON) == {
        "points": Balance(available=10),
        "stamps": Balance(available=3),
        "miles": Balance(),
    }


def test_has_what_is_free_alive_and_due_whether_or_not_anybody_settled() -> None:
    lots = (_lot(1, expires=0), _lot(2, available=1, matured=False), _lot(3, held=4), _lot(4, remaining=0))
    hold = OpenHold(
        id=UUID(int=9),
        wallet="points",
        parts=(HeldPart(lot_id=UUID(int=3), amount=4),),
        expires_at=MONDAY_NOON + days(2),
    )
    someone = MemberState(member_id=ALICE, lots=lots, holds=(hold,))

    assert someone.balance("points", MONDAY_NOON) == Balance(available=6, pending=10, held=4)
    assert someone.balance("points", MONDAY_NOON + days(1)) == Balance(available=16, held=4)
    assert someone.balance("points", MONDAY_NOON + days(2)) == Balance(available=20)


def test_owes_less_as_points_become_free_the_earliest_first() -> None:
    lots = (_lot(1, available=2, matured=False), _lot(2, available=1, expires=3, matured=False))
    debtor = MemberState(member_id=ALICE, lots=lots, wallets={"points": WalletState(debt=15)})

    assert debtor.balance("points", MONDAY_NOON) == Balance(available=-15, pending=20, debt=15)
    assert debtor.balance("points", MONDAY_NOON + days(1)) == Balance(available=-5, pending=10, debt=5)
    assert debtor.balance("points", MONDAY_NOON + days(2)) == Balance(available=5)
    assert debtor.balance("points", MONDAY_NOON + days(3)) == Balance(available=5)


def test_pays_nothing_with_points_that_never_lived() -> None:
    stillborn = _lot(1, available=2, expires=2, matured=False)
    debtor = MemberState(member_id=ALICE, lots=(stillborn,), wallets={"points": WalletState(debt=15)})

    assert debtor.balance("points", MONDAY_NOON + days(2)) == Balance(available=-15, debt=15)


def test_has_lots_that_die_on_their_own_day_or_with_its_activity() -> None:
    until = datetime(2026, 6, 1, tzinfo=UTC)
    someone = MemberState(member_id=ALICE, wallets={"points": WalletState(active_until=until)})

    assert someone.expiry_of(_lot(1)) == until
    assert someone.expiry_of(_lot(1, expires=1)) == MONDAY_NOON + days(1)
    assert someone.expiry_of(_lot(1, expires=900)) == MONDAY_NOON + days(900)
    assert someone.expiry_of(_lot(1, wallet="stamps")) is None


def test_has_open_lots_in_the_order_of_their_ids() -> None:
    someone = MemberState(member_id=ALICE, lots=(_lot(3), _lot(2, remaining=0), _lot(1, held=10)))

    assert [lot.id.int for lot in someone.open_lots] == [1, 3]
