"""A receipt, as a source tells it …"""

from typing import Any

import msgspec
import pytest

from regulars.actions.telling import Told, told_of
from regulars.connectors.incoming import Incoming
from regulars.engine.events import Purchase, Return
from regulars.engine.reasons import Refused

PRINTED: dict[str, Any] = {"shop": "Lyon 2", "till": "3", "number": "0042", "date": "2027-02-01", "total_minor": 4000}
PAID = "2027-02-01T17:30:00+01:00"
ORDER = {"id": "A1", "currency": "EUR", "lines": [{"id": "1", "product": "soap", "amount_minor": 4000}]}


def _told(type: str, **more: Any) -> Told | Refused:
    sent = {"type": type, "source": "app", "source_id": "1", "member": {"card": "100"}, "occurred_at": PAID} | more
    return told_of(msgspec.convert(sent, Incoming))


def _order_id(type: str, **more: Any) -> str:
    told = _told(type, **more)
    assert isinstance(told, Told)
    assert isinstance(told.body, Purchase | Return)
    return told.body.order.id if isinstance(told.body, Purchase) else told.body.order_id


def test_is_the_same_order_sent_in_told_by_the_till_and_brought_back() -> None:
    sent_in = _order_id("receipt", receipt=PRINTED | {"currency": "EUR"})

    assert _order_id("receipt", receipt=PRINTED | {"currency": "EUR", "shop": " lyon  2 "}) == sent_in
    assert _order_id("purchase", receipt=PRINTED, order=ORDER) == sent_in
    assert _order_id("return", **{"return": {"receipt": PRINTED}}) == sent_in


@pytest.mark.parametrize(
    "other", [{"shop": "Lyon 1"}, {"till": "4"}, {"number": "0043"}, {"date": "2027-02-02"}, {"total_minor": 4001}]
)
def test_is_another_order_where_anything_printed_differs(other: dict[str, Any]) -> None:
    printed = PRINTED | {"currency": "EUR"}

    assert _order_id("receipt", receipt=printed | other) != _order_id("receipt", receipt=printed)


def test_is_kept_as_a_purchase_that_was_sent_in() -> None:
    told = _told("receipt", receipt=PRINTED | {"currency": "EUR"})

    assert isinstance(told, Told)
    assert isinstance(told.body, Purchase)
    assert (told.type, told.body.sent_in) == ("purchase", True)
    assert [(line.product, line.amount_minor) for line in told.body.order.lines] == [("total", 4000)]


def test_has_its_lines_where_they_are_known() -> None:
    lines = [
        {"id": "1", "product": "soap", "amount_minor": 3000},
        {"id": "2", "product": "oil", "amount_minor": 1200, "discount_minor": 200},
    ]

    told = _told("receipt", receipt=PRINTED | {"currency": "EUR", "lines": lines})

    assert isinstance(told, Told)
    assert isinstance(told.body, Purchase)
    assert [line.product for line in told.body.order.lines] == ["soap", "oil"]


@pytest.mark.parametrize(
    ("type", "more", "problem"),
    [
        ("receipt", {"receipt": PRINTED}, "currency"),
        ("receipt", {"receipt": PRINTED | {"currency": "EUR"}, "occurred_at": None}, "occurred_at is needed"),
        ("receipt", {"receipt": PRINTED | {"currency": "EUR", "date": "2027-02-03"}}, "another day"),
        ("receipt", {"receipt": PRINTED | {"currency": "EUR", "shop": "a\x00b"}}, "U+0000"),
        ("receipt", {"receipt": PRINTED | {"currency": "EUR", "lines": ORDER["lines"], "total_minor": 1}}, "its total"),
        ("receipt", {"receipt": PRINTED | {"currency": "EUR"}, "order": ORDER}, "by itself"),
        ("receipt", {"data": {}}, "exactly one of"),
        ("photo", {"receipt": PRINTED | {"currency": "EUR"}}, "by itself"),
        ("return", {"return": {}}, "either order_id or receipt"),
        ("return", {"return": {"order_id": "A1", "receipt": PRINTED}}, "either order_id or receipt"),
    ],
)
def test_is_refused_where_it_does_not_say_what_is_needed(type: str, more: dict[str, Any], problem: str) -> None:
    refused = _told(type, **more)

    assert isinstance(refused, Refused)
    assert refused.code == "malformed"
    assert problem in str(refused.detail["problem"])
