import pytest

from regulars.engine.asking import READERS
from regulars.engine.conditions import (
    STANDARD,
    BadFieldError,
    Basic,
    Catalogue,
    CheckedCondition,
    Field,
    ListOf,
    Record,
    RecordField,
    check,
)


def stars(*event_types: str, kind: Basic = Basic.INT) -> Field:
    return Field(name="event.data.stars", kind=kind, description="Stars given.", event_types=frozenset(event_types))


def test_every_standard_field_can_be_read_from_an_event() -> None:
    assert set(READERS) == {field.name for field in STANDARD.fields}


def test_every_field_and_attribute_is_explained() -> None:
    for field in STANDARD.fields:
        assert field.description.endswith("."), field.name
        if isinstance(field.kind, ListOf) and isinstance(field.kind.element, Record):
            assert all(attribute.description.endswith(".") for attribute in field.kind.element.fields)


def test_order_fields_are_there_for_purchases_only() -> None:
    source = "order.total_minor >= 5000"

    assert isinstance(check(source, STANDARD.for_event("purchase")), CheckedCondition)
    (error,) = errors(source, STANDARD.for_event("review"))
    assert error.endswith("'order.total_minor' is a field of purchase events, not of 'review'.")


def test_a_condition_for_every_event_uses_what_all_of_them_have() -> None:
    assert isinstance(check("event.channel == 'web'", STANDARD), CheckedCondition)
    (error,) = errors("order.total_minor >= 5000", STANDARD)
    assert error.endswith("and this condition is for events of every type.")


def test_a_declared_field_has_a_kind() -> None:
    catalogue = STANDARD.with_fields(stars("review")).for_event("review")

    assert isinstance(check("event.data.stars >= 4", catalogue), CheckedCondition)
    (error,) = errors("event.data.stars == 'four'", catalogue)
    assert error == "1:18: '==' cannot compare int with string."


def test_undeclared_data_stays_beside_declared_fields() -> None:
    catalogue = STANDARD.with_fields(stars("review")).for_event("review")

    assert isinstance(check("event.data.words > 20 && event.data.stars > 3", catalogue), CheckedCondition)


def test_two_event_types_may_use_one_name_for_different_kinds() -> None:
    catalogue = STANDARD.with_fields(stars("review"), stars("quiz", kind=Basic.STRING))

    assert isinstance(check("event.data.stars == 5", catalogue.for_event("review")), CheckedCondition)
    assert isinstance(check("event.data.stars == 'five'", catalogue.for_event("quiz")), CheckedCondition)


def test_a_name_is_taken_once_for_an_event_type() -> None:
    with pytest.raises(BadFieldError, match="cannot both be fields of one event"):
        STANDARD.with_fields(stars("review"), stars("review", "quiz"))


def test_two_names_never_share_a_local() -> None:
    with pytest.raises(BadFieldError, match=r"'order\.total_minor' and 'order\.total\.minor'"):
        Catalogue(
            (
                Field(name="order.total_minor", kind=Basic.INT, description=""),
                Field(name="order.total.minor", kind=Basic.INT, description=""),
            )
        )


@pytest.mark.parametrize(
    "name",
    ["channel", "Event.x", "event.", "event..x", "event.x y", "event.class", "event.in", "in.x", "event.x)", "_a.b"],
)
def test_a_name_that_cannot_be_written_is_refused(name: str) -> None:
    with pytest.raises(BadFieldError, match="cannot be a field"):
        STANDARD.with_fields(Field(name=name, kind=Basic.INT, description=""))


@pytest.mark.parametrize("attribute", ["lambda", "__class__", "a b", "Tags"])
def test_an_attribute_that_cannot_be_written_is_refused(attribute: str) -> None:
    record = Record("box", (RecordField(attribute, Basic.INT, ""),))

    with pytest.raises(BadFieldError, match="cannot be an attribute"):
        STANDARD.with_fields(Field(name="event.boxes", kind=ListOf(record), description=""))


def errors(source: str, catalogue: Catalogue) -> list[str]:
    checked = check(source, catalogue)
    assert isinstance(checked, tuple)
    return [str(error) for error in checked]
