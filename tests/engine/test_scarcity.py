"""What members share …"""

import pytest

from regulars.engine.effects import Claimed
from regulars.engine.ledger import Ledger
from regulars.engine.scarcity import Shared
from tests.engine.making import ONE_EACH, Story, bought, event, member, running


def ledger(**known: int) -> Ledger:
    return Ledger(member(), event(bought(100)).id, known)


def test_is_unused_where_nothing_is_known_of_it() -> None:
    assert ledger(stock=3).shared("budget") == 0
    assert ledger(stock=3).shared("stock") == 3


def test_is_used_up_by_what_the_same_decision_claimed_before() -> None:
    books = ledger(stock=3)

    first, second = books.claim("stock", 2, 10), books.claim("stock", 5, 10)

    assert (first, second, books.shared("stock")) == (3, 5, 10)
    assert books.effects == [
        Claimed(name="stock", by=2, most=10, seen=3),
        Claimed(name="stock", by=5, most=10, seen=5),
    ]


def test_comes_back_by_a_claim_of_less_than_nothing() -> None:
    books = ledger(stock=3)

    books.claim("stock", -1)

    assert books.shared("stock") == 2


def test_is_remembered_as_the_decision_found_it() -> None:
    books = ledger(stock=3, budget=700, seats=1)
    books.claim("stock", 1, 10, exact=True)
    books.shared("budget")
    books.shared("codes")

    assert books.seen() == {"stock": 3, "budget": 700, "codes": 0}


def test_cannot_be_claimed_beyond_what_there_is() -> None:
    with pytest.raises(AssertionError):
        Shared({"stock": 10}).claim("stock", 1, 10, exact=False)


def test_is_not_asked_for_by_a_programme_that_shares_nothing() -> None:
    decision = Story(running(ONE_EACH)).tell(bought(1_000))

    assert decision.seen == {}
