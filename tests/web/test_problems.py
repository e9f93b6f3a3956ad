"""Problems: what the API says when it says no."""

from uuid import UUID

import msgspec
import pytest

from regulars.web.problems import STATUS, Fact, FieldError, field_error, problem
from tests.web.test_wording import codes_of


def test_know_every_refusal_that_there_is() -> None:
    refused = set(codes_of("Refused"))

    assert {"insufficient-points", "order-unknown"} <= refused
    assert refused - set(STATUS) == set()


def test_are_never_our_fault_when_a_rule_refuses() -> None:
    assert {STATUS[code] for code in codes_of("Refused")} <= {404, 409, 422}


def test_carry_the_numbers_and_what_to_do_next() -> None:
    facts: dict[str, Fact] = {
        "wallet": "points",
        "needed": 200,
        "available": 120,
        "more": 80,
        "more_at": "2027-03-01T00:00:00+00:00",
    }

    found = problem("insufficient-points", facts)

    assert (found.status, found.title) == (409, "Not enough points")
    assert found.facts == facts
    assert found.detail == "Available: 120 points; needed: 200 points. More on 1 March 2027: 80 points."
    assert found.hint == "Ask for no more than is available, or try again on 1 March 2027."
    assert found.type == "/docs#problem-insufficient-points"


def test_write_ids_as_the_api_writes_them() -> None:
    id = UUID(int=7)

    found = problem("member-merged", {"into": str(id)})

    assert found.facts == {"into": f"mem_{id.hex}"}
    assert id.hex in found.hint


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"a": "x"}', FieldError(path="$.a", message="Expected `int`, got `str`")),
        ("[]", FieldError(path="$", message="Expected `object`, got `array`")),
    ],
)
def test_name_the_place_of_a_mistake(text: str, error: FieldError) -> None:
    class Form(msgspec.Struct):
        a: int

    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(text, type=Form)

    assert field_error(caught.value) == error
