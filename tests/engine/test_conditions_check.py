import time

import pytest

from regulars.engine.conditions import (
    SOURCE_LENGTH_MAX,
    STANDARD,
    CheckedCondition,
    Code,
    ConditionError,
    check,
)

PURCHASE = STANDARD.for_event("purchase")


def errors(source: str) -> tuple[ConditionError, ...]:
    checked = check(source, PURCHASE)
    assert isinstance(checked, tuple), f"{source} was taken"
    return checked


@pytest.mark.parametrize(
    ("source", "code", "line", "column", "message", "hint"),
    [
        ("", Code.SYNTAX, 1, 1, "the condition is empty", "Leave it out"),
        (" \n ", Code.SYNTAX, 1, 1, "the condition is empty", "Leave it out"),
        ("order.id ==", Code.SYNTAX, 1, 12, "unexpected end of the condition", ""),
        ("(true", Code.SYNTAX, 1, 6, "missing ')' at the end of the condition", ""),
        ("true)", Code.SYNTAX, 1, 5, "unexpected ')'", ""),
        ("event.channel = 'web'", Code.SYNTAX, 1, 15, "unexpected '= '", "Write == to compare."),
        ("true and false", Code.SYNTAX, 1, 6, "unexpected 'and'", "Write && for and."),
        ("true or false", Code.SYNTAX, 1, 6, "unexpected 'or'", "Write || for or."),
        ("true \x00", Code.SYNTAX, 1, 6, "U+0000", ""),
        ("event.channel == '\ud800'", Code.SYNTAX, 1, 19, "U+D800", ""),
        ("event.data.?x.hasValue()", Code.NOT_ALLOWED, 1, 1, "unsupported syntax '.?'", ""),
        ("order.totl > 5", Code.UNKNOWN_FIELD, 1, 1, "no field 'order.totl'", "'order.total_minor'"),
        ("true &&\n order.totl > 5", Code.UNKNOWN_FIELD, 2, 2, "no field 'order.totl'", "'order.total_minor'"),
        ("'ü𝄞' == '' || chanel", Code.UNKNOWN_FIELD, 1, 15, "no field 'chanel'", "'event.channel'"),
        ("event.channel == web", Code.UNKNOWN_FIELD, 1, 18, "no field 'web'", "put it in quotes: 'web'"),
        ("size(member) > 1", Code.UNKNOWN_FIELD, 1, 6, "no field 'member'", "member.attributes, "),
        (
            "order.lines.exists(line, line.prodct == 'x')",
            Code.UNKNOWN_FIELD,
            1,
            31,
            "a line has no attribute 'prodct'",
            "'product'",
        ),
        ("order.lines[0].zzz == 'x'", Code.UNKNOWN_FIELD, 1, 16, "no attribute 'zzz'", "It has product, "),
        ("event.shop.startWith('a')", Code.UNKNOWN_FUNCTION, 1, 12, "'startWith'", "'startsWith'"),
        ("pg_sleep(10)", Code.UNKNOWN_FUNCTION, 1, 1, "no function 'pg_sleep'", ""),
        ("order.tags.exists(tag)", Code.UNKNOWN_FUNCTION, 1, 12, "exists() has other", "Name the element"),
        ("order.total_minor > 'a'", Code.KINDS, 1, 19, "'>' cannot compare int with string", ""),
        ("order.total_minor < 1.5", Code.KINDS, 1, 19, "cannot compare int with double", "12.50 is written 1250"),
        ("order.total_minor == null", Code.KINDS, 1, 19, "int with null", "A field always has a value."),
        ("order.lines.exists(l, l.product == 5)", Code.KINDS, 1, 33, "cannot compare string with int", ""),
        ("order.lines.exists(l, l.amount_minor)", Code.KINDS, 1, 25, "exists() wants a condition", ""),
        ("order.total_minor && true", Code.KINDS, 1, 19, "'&&' is not for int and bool", ""),
        ("order.lines.all(l, l.product || true)", Code.KINDS, 1, 22, "'||' joins conditions", ""),
        ("order.total_minor ? true : false", Code.KINDS, 1, 19, "'?:'", ""),
        ("(true ? 1 : 'x') == 1", Code.KINDS, 1, 7, "'?:'", ""),
        ("order.lines.exists(l, (true ? 1 : l.product) == 1)", Code.KINDS, 1, 29, "'?:' chooses", ""),
        ("order.tags[event.shop] == 'x'", Code.KINDS, 1, 11, "'[ ]' is not for list of string", ""),
        ("order.lines.exists(l, order.tags[l.product] == '')", Code.KINDS, 1, 33, "no elements by string", ""),
        ("event.data[event.data.x] == 1", Code.KINDS, 1, 11, "no elements by any", ""),
        ("[1, 'a'] == [1]", Code.KINDS, 1, 1, "simple values of one kind", ""),
        ("[order.tags] == []", Code.KINDS, 1, 1, "simple values of one kind", ""),
        ("order.lines.map(l, l.tags) == []", Code.KINDS, 1, 16, "simple values only", ""),
        ("order.lines == order.lines", Code.KINDS, 1, 13, "'==' cannot compare list of line", ""),
        ("event.data == event.data", Code.KINDS, 1, 12, "values with values", ""),
        ("event.data.exists(key, true)", Code.KINDS, 1, 18, "the elements of a list, not of values", ""),
        ("event.data.basket.size == 1", Code.KINDS, 1, 19, "'size' cannot be taken out", "texts, whole numbers"),
        ("event.data.x < event.occurred_at", Code.KINDS, 1, 14, "any with timestamp", ""),
        ("order.lines.exists(l, -l.product == 'x')", Code.KINDS, 1, 23, "'negate' is not for string", ""),
        ("timestamp('2026-02-30T00:00:00Z') > event.occurred_at", Code.KINDS, 1, 10, "not an instant", "Write"),
        ("timestamp('yesterday') > event.occurred_at", Code.KINDS, 1, 10, "not an instant", "Write it as"),
        ("duration('1d') > duration('1h')", Code.KINDS, 1, 9, "not a length of time", "duration('36h')"),
        ("duration('9999999h') > duration('1h')", Code.KINDS, 1, 9, "not a length of time", ""),
        ("duration('1ns') > duration('1h')", Code.KINDS, 1, 9, "not a length of time", ""),
        ("timestamp(event.shop) > event.occurred_at", Code.NOT_ALLOWED, 1, 10, "a text in quotes", ""),
        ("event.data.x > 1.5", Code.NOT_ALLOWED, 1, 16, "only whole numbers", "12.50 is written 1250"),
        ("event.data.x == 1u", Code.NOT_ALLOWED, 1, 17, "only whole numbers", ""),
        ("b'a' == b'a'", Code.NOT_ALLOWED, 1, 1, "only whole numbers", ""),
        ("{'a': 1}.a == 1", Code.NOT_ALLOWED, 1, 1, "maps cannot be written", ""),
        ("event.shop.matches('a')", Code.NOT_ALLOWED, 1, 19, "'matches' cannot be used", "Use startsWith"),
        ("event.occurred_at.getHours() > 1", Code.NOT_ALLOWED, 1, 27, "'getHours' cannot be used", "local.hour"),
        ("int(event.shop) > 1", Code.NOT_ALLOWED, 1, 4, "'int' cannot be used", ""),
        ("dyn(1) == 1", Code.NOT_ALLOWED, 1, 4, "'dyn' cannot be used", ""),
        ("type(1) == int", Code.NOT_ALLOWED, 1, 5, "'type' cannot be used", ""),
        ("int == int", Code.NOT_ALLOWED, 1, 1, "'int' is not a value", ""),
        ("has(order.tags)", Code.NOT_ALLOWED, 1, 4, "'order.tags' is a field", "in event.data"),
        ("has(event.data)", Code.NOT_ALLOWED, 1, 4, "'event.data' is a field", "in event.data"),
        ("order.lines.exists(l, has(l.tags))", Code.NOT_ALLOWED, 1, 26, "always has its attributes", ""),
        ("order.tags.exists(event, true)", Code.NOT_ALLOWED, 1, 18, "'event' has a meaning", "another name"),
        ("order.tags.exists(1, true)", Code.NOT_ALLOWED, 1, 19, "simple identifier", ""),
        (
            "order.lines.exists(l, l.tags.exists(l, true))",
            Code.NOT_ALLOWED,
            1,
            36,
            "'l' has a meaning already",
            "another name",
        ),
        ("order.total_minor", Code.NOT_BOOL, 1, 1, "this is of kind int", ">= 5000"),
        ("event.data.gift", Code.NOT_BOOL, 1, 12, "this is of kind any", "== true"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    source: str, code: Code, line: int, column: int, message: str, hint: str
) -> None:
    error = errors(source)[0]

    assert (error.code, error.line, error.column) == (code, line, column), error
    assert message in error.message
    assert hint in error.hint


def test_every_code_has_a_case() -> None:
    marks = test_a_mistake_is_told_with_its_place.pytestmark  # type: ignore[attr-defined]
    cases = {code for _, code, *_ in marks[0].args[1]}

    elsewhere = {Code.FIELD_OF_OTHER_EVENT, Code.TOO_LONG, Code.TOO_DEEP}
    assert cases | elsewhere == set(Code)


def test_all_mistakes_are_told_in_the_order_of_the_text() -> None:
    found = errors("order.totl > 1 &&\nordr.id == 'x' && order.total_minor > 'a'")

    assert [(error.line, error.column) for error in found] == [(1, 1), (2, 1), (2, 37)]


def test_what_only_follows_from_a_mistake_is_not_told() -> None:
    assert len(errors("order.lines.exists(l, l.prodct + 1 > 'a')")) == 1
    assert len(errors("event.channel = 'web' = 'app'")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "a" * (SOURCE_LENGTH_MAX + 1),
        " && ".join(["true"] * SOURCE_LENGTH_MAX),
        "[" + "1," * 50_000 + "1] == []",
    ],
)
def test_a_condition_that_is_too_long_is_refused_unread(source: str) -> None:
    (error,) = errors(source)

    assert (error.code, error.column) == (Code.TOO_LONG, SOURCE_LENGTH_MAX + 1)


@pytest.mark.parametrize(
    "source",
    [
        "+".join(["1"] * 1500) + " > 1",
        "(" * 1500 + "true" + ")" * 1500,
        "[" * 1500 + "]" * 1500 + " == []",
        "!(" * 1000 + "true" + ")" * 1000,
        "-(" * 500 + "1" + ")" * 500 + " == 1",
        "event.data" + ".a" * 1500 + " == 1",
        "event.data" + "[0]" * 1000 + " == 1",
        "true ? (" * 200 + "true" + ") : true" * 200,
        "order.tags.exists(t, t == '" + "' + '" * 700 + "')",
    ],
)
def test_deep_nesting_is_refused_at_once(source: str) -> None:
    started = time.perf_counter()

    error = errors(source)[0]

    assert error.code is Code.TOO_DEEP
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "source",
    [
        "order.lines.all(a, order.lines.all(b, a.product == b.product))",
        "order.lines.exists(a, order.lines.filter(b, true).exists(b, true))",
        "order.lines.exists(a, (true ? order.lines : order.lines).exists(b, true))",
        "order.lines.exists(a, (order.tags + order.tags).exists(b, true))",
        "order.lines.map(a, order.lines).exists(b, b.exists(c, true))",
        "order.tags.all(a, order.tags.all(b, order.tags.all(c, order.tags.all(d, true))))",
    ],
)
def test_work_that_multiplies_is_refused(source: str) -> None:
    assert errors(source)[0].code in (Code.NOT_ALLOWED, Code.KINDS)


@pytest.mark.parametrize(
    "source",
    [
        " || ".join(["event.channel == 'web'"] * 150),
        "!" * 3000 + "true",
        "order.tags == [" + ", ".join(["'x'"] * 700) + "]",
        "event.channel == '" + "x" * 3900 + "'",
        "order.tags" + ".filter(t, t != 'x')" * 20 + ".size() > 0",
        "order.lines.exists(l, l.tags.map(t, t + 'x').exists(t, t == 'yx'))",
        "event.channel == 'web' // the web shop\n && true",
        ".event.channel == 'web'",
    ],
)
def test_a_long_but_flat_condition_is_taken(source: str) -> None:
    assert isinstance(check(source, PURCHASE), CheckedCondition)


def test_a_checked_condition_names_the_fields_it_asks_for() -> None:
    checked = check("order.lines.exists(l, l.product == event.shop) && 'x' in event.data", PURCHASE)

    assert isinstance(checked, CheckedCondition)
    assert [field.name for field in checked.fields] == ["event.data", "event.shop", "order.lines"]
