from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from regulars.engine.conditions import (
    MISSING,
    CheckedCondition,
    Failed,
    PythonSource,
    check,
    compile_python,
    evaluate,
    reference,
)
from regulars.engine.events import Line
from tests.engine.conditions_grammar import CATALOGUE

SHOES = Line(id="1", product="sneaker", amount_minor=7_500, categories=("shoes",), tags=("new", "sale"))
SOCKS = Line(id="2", product="sock", amount_minor=500, quantity_milli=3_000, categories=("socks",))
FACTS: Mapping[str, object] = {
    "event.type": "purchase",
    "event.channel": "web",
    "event.shop": "",
    "event.occurred_at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    "event.data": {"stars": 4, "gift": True, "note": "hello", "nothing": None, "one": 1, "zero": 0},
    "order.total_minor": 8_000,
    "order.discount_minor": 500,
    "order.products": ("sneaker", "sock"),
    "order.tags": ("new", "sale"),
    "order.lines": (SHOES, SOCKS),
    "member.attributes": {},
    "member.enrolled_at": None,
    "member.gift": False,
    "member.scores": (1, 2, 2**63 - 1),
    "local.weekday": "sun",
    "local.date": "2026-03-29",
}


def checked(source: str) -> CheckedCondition:
    condition = check(source, CATALOGUE)
    assert isinstance(condition, CheckedCondition), condition
    return condition


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("order.total_minor >= 8000 && event.channel == 'web'", True),
        ("order.total_minor > 8000", False),
        ("local.weekday in ['sat', 'sun'] && local.date < '2026-04-01'", True),
        ("order.lines.exists(line, line.product == 'sock' && line.quantity_milli >= 3000)", True),
        ("order.lines.all(line, line.amount_minor > 500)", False),
        ("order.lines.exists_one(line, 'sale' in line.tags)", True),
        ("order.lines.filter(line, 'shoes' in line.categories).size() == 1", True),
        ("order.lines.map(line, line.product) == ['sneaker', 'sock']", True),
        ("order.lines.map(line, line.amount_minor > 600, line.product) == ['sneaker']", True),
        ("order.lines.exists(line, line.tags.exists(tag, tag.startsWith('sa')))", True),
        ("order.tags.exists(tag, tag in ['old', 'sale'])", True),
        ("order.products.exists(product, product == 'shirt')", False),
        ("order.lines[1].product == 'sock'", True),
        ("event.data.stars >= 4 && event.data.gift == true && event.data.nothing == null", True),
        ("event.data.note + '!' == 'hello!'", True),
        ("has(event.data.note) && !has(event.data.letter) && !('letter' in event.data)", True),
        ("event.data['note'].contains('ell') && event.data.note.endsWith('o')", True),
        ("percent(order.total_minor, 10) == 800 && percent(-15, 10) == -1", True),
        ("-7 / 2 == -3 && -7 % 2 == -1 && 7 / -2 == -3 && 7 % -2 == 1", True),
        ("event.occurred_at - duration('1h30m') == timestamp('2026-03-29T02:00:00+02:00')", True),
        ("event.occurred_at - timestamp('2026-03-28T01:30:00Z') == duration('24h')", True),
        ("size('ü𝄞') == 2 && 'ü𝄞' > 'u'", True),
    ],
)
def test_a_condition_means_what_it_says(source: str, expected: bool) -> None:
    condition = checked(source)

    assert evaluate(condition, FACTS) is expected
    assert reference(condition, FACTS) is expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("event.data.letter == 'x'", "there is no value named 'letter'"),
        ("event.data.note > 4", "'hello' is not a whole number"),
        ("event.data.gift > 0", "True is not a whole number"),
        ("event.data.nothing.startsWith('a')", "null is not a text"),
        ("event.data.stars && true", "4 is neither true nor false"),
        ("event.data.stars < event.data.note", "4 and 'hello' cannot be compared"),
        ("event.data.stars + event.data.note == 'x'", "'hello' is not a whole number"),
        ("order.total_minor / 0 > 1", "division by zero"),
        ("order.total_minor % 0 > 1", "division by zero"),
        ("order.total_minor * 9223372036854775807 > 1", "the result does not fit in 64 bits"),
        ("-9223372036854775808 / -1 > 1", "the result does not fit in 64 bits"),
        ("-9223372036854775808 % -1 == 0", "the result does not fit in 64 bits"),
        ("percent(9223372036854775807, 200) > 1", "the result does not fit in 64 bits"),
        ("member.scores.exists(score, score + 1 < 0)", "the result does not fit in 64 bits"),
        ("order.products[2] == 'x'", "there is no element 2 in a list of 2"),
        ("order.products[-1] == 'x'", "there is no element -1 in a list of 2"),
        ("event.data.pages > 1", "the field has no value"),
        ("member.enrolled_at < event.occurred_at", "the field has no value"),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s') > event.occurred_at", "outside the years 1 to 9999"),
        (
            "timestamp('9999-12-31T23:59:59Z') - event.occurred_at > duration('1s')",
            "the time between the instants is too long",
        ),
    ],
)
def test_what_cannot_be_decided_is_no_match_and_says_why(source: str, reason: str) -> None:
    condition = checked(source)

    outcome = evaluate(condition, FACTS)

    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert not outcome
    assert isinstance(reference(condition, FACTS), Failed)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("event.data.letter == 'x' || true", True),
        ("true || event.data.letter == 'x'", True),
        ("event.data.letter == 'x' && false", False),
        ("event.data.letter == 'x' && event.data.stars == 5", False),
        ("event.data.letter == 'x' || event.data.stars == 4", True),
        ("member.scores.exists(score, score + 1 == 2)", True),
        ("member.scores.all(score, score + 1 == 2)", False),
        ("has(event.data.letter) ? event.data.letter == 'x' : true", True),
        ("[].exists(x, x == event.data.letter)", False),
        ("order.tags.exists(t, t == 'new' || event.data.letter == t)", True),
    ],
)
def test_a_side_that_decides_does_so_though_the_other_fails(source: str, expected: bool) -> None:
    condition = checked(source)

    assert evaluate(condition, FACTS) is expected
    assert reference(condition, FACTS) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("event.data.one == 1", True),
        ("event.data.gift == 1", False),
        ("event.data.zero == false", False),
        ("event.data.gift in [1, 2]", False),
        ("event.data.one in [true]", False),
        ("[event.data.gift] == [event.data.one]", False),
        ("event.data.stars != '4'", True),
    ],
)
def test_true_is_not_one(source: str, expected: bool) -> None:
    condition = checked(source)

    assert evaluate(condition, FACTS) is expected
    assert reference(condition, FACTS) is expected


def test_what_cannot_fail_is_written_as_by_hand() -> None:
    source = compile_python(checked("order.total_minor >= 5000 && event.channel in ['web', 'app']"), "_r7_")

    assert source == PythonSource(
        expression="((order_total_minor >= _r7_0) and (event_channel in _r7_1))",
        constants={"_r7_0": 5000, "_r7_1": frozenset({"web", "app"})},
        fields=frozenset({"event.channel", "order.total_minor"}),
        can_fail=False,
    )


def test_what_may_fail_is_one_call_that_never_raises() -> None:
    source = compile_python(checked("event.data.stars > 3 && event.channel == 'web'"), "_r8_")

    assert source.expression == "_r8_decide(event_channel, event_data)"
    assert list(source.constants) == ["_r8_decide"]
    assert source.can_fail


def test_many_conditions_share_one_function() -> None:
    sources = ["event.channel == 'web'", "event.data.stars > 3", "event.channel == 'app'", "event.data.x == 1"]
    compiled = [compile_python(checked(source), f"_c{at}_") for at, source in enumerate(sources)]
    namespace: dict[str, object] = {}
    for each in compiled:
        namespace |= each.constants
    body = ", ".join(each.expression for each in compiled)

    exec(f"def decide(event_channel, event_data): return [{body}]", namespace)  # noqa: S102
    decide = namespace["decide"]

    assert callable(decide)
    assert [bool(outcome) for outcome in decide("web", {"stars": 4})] == [True, True, False, False]


@pytest.mark.parametrize("prefix", ["", "c_", "_C_", "_c", "_cel_", "_;_", "__import__('os')"])
def test_a_prefix_that_could_clash_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin the names"):
        compile_python(checked("event.channel == 'web'"), prefix)


PAYLOADS = (
    "__import__('os').system('touch /tmp/owned')",
    "') or exec('import os",
    "\\'); raise SystemExit #",
    "{0.__class__}",
    "\n    raise SystemExit\n",
    '"""',
    "%(x)s",
    "_cel_whole",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "template",
    [
        "event.channel == {}",
        "event.channel in [{}, 'b']",
        "event.data[{}] == 1",
        "order.tags.exists(t, t == {})",
        "event.data.note.contains({})",
        "has(event.data.note) && event.data.note == {}",
    ],
)
def test_no_text_of_an_author_gets_into_the_code(template: str, payload: str) -> None:
    literal = '"' + "".join(f"\\U{ord(letter):08x}" for letter in payload) + '"'
    condition = checked(template.format(literal))

    source = compile_python(condition)

    names = {"_c_", "event_", "order_", "_cel_"}
    words = source.expression.replace("(", " ").replace(")", " ").replace(",", " ").replace("[", " ").split()
    allowed = {"in", "and", "==", "any", "not"}
    assert all(word in allowed or any(word.startswith(name) for name in names) for word in words), words
    given_facts = {**FACTS, "event.channel": payload, "event.data": {payload: 1, "note": payload}}
    assert evaluate(condition, given_facts) is reference(condition, given_facts)


@pytest.mark.parametrize("name", ["__import__", "exec", "_cel_whole", "v0", "facts", "error", "lambda", "None"])
def test_an_element_may_have_any_name(name: str) -> None:
    condition = checked(f"order.lines.exists({name}, {name}.product == event.channel + 'x' || {name}.tags == [])")

    source = compile_python(condition)

    assert name not in source.expression.replace("v0", "") or name == "v0"
    assert evaluate(condition, FACTS) is True


def test_a_field_that_is_not_there_may_be_left_out_or_told_missing() -> None:
    condition = checked("event.data.pages > 1 || event.channel == 'web'")

    assert evaluate(condition, FACTS) is True
    assert evaluate(condition, {**FACTS, "event.data.pages": MISSING}) is True
    assert evaluate(condition, {**FACTS, "event.data.pages": 2, "event.channel": "app"}) is True
