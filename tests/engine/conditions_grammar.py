"""Random conditions that are well typed, and random facts to ask them of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regulars.engine.conditions import STANDARD, Basic, Catalogue, Field, ListOf
from regulars.engine.events import Line

Texts = SearchStrategy[str]
# The elements of macros around the place: "line" is a record, all others are strings.
Scope = tuple[str, ...]

CATALOGUE: Catalogue = STANDARD.for_event("purchase").with_fields(
    Field(name="event.data.pages", kind=Basic.INT, description="Pages read.", required=False),
    Field(name="member.gift", kind=Basic.BOOL, description="Whether a gift waits."),
    Field(name="member.scores", kind=ListOf(Basic.INT), description="Scores."),
    Field(name="member.last_at", kind=Basic.TIMESTAMP, description="Last seen.", required=False),
)

WORDS = ("", "web", "app", "x", "xy", "ü𝄞", "a&&b", "Z")
SMALL = (-7, -2, -1, 0, 1, 2, 3, 7)
NUMBERS = (*SMALL, 100, 4120, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
KEYS = ("n", "t", "s", "z", "missing")
INSTANTS = (
    datetime(2, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, 0, 250_001, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
)
# The ends of time can be written, but CEL's binding takes neither of them as a value from Python.
ENDS = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
LENGTHS = ("0s", "1us", "1.5h", "36h", "-90m", "2400000h", "1h30m0.25s")

SIGN = st.sampled_from("+-*/%")
EQUALITY = st.sampled_from(("==", "!="))
ORDER = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
DEPTH = 3


def conditions(depth: int = DEPTH) -> Texts:
    """Return conditions of the catalogue for purchases."""
    return bools(depth, ())


def shaped(template: str, *parts: Texts) -> Texts:
    """Return a template whose braces are filled from strategies."""
    return st.tuples(*parts).map(lambda texts: template.format(*texts))


def quoted(word: str) -> str:
    return f"'{word}'"


@cache
def bools(depth: int, scope: Scope) -> Texts:
    atoms = st.sampled_from(("true", "false", "member.gift", "has(event.data.n)", "has(member.attributes.z)"))
    if depth == 0:
        return atoms
    one = depth - 1
    return st.one_of(
        atoms,
        compared(one, scope),
        compared(one, scope),
        shaped("({} && {})", truths(one, scope), truths(one, scope)),
        shaped("({} || {})", truths(one, scope), truths(one, scope)),
        shaped("{} && {} || {}", bools(one, scope), truths(one, scope), truths(one, scope)).map("({})".format),
        shaped("!({})", truths(one, scope)),
        shaped("({} ? {} : {})", truths(one, scope), bools(one, scope), bools(one, scope)),
        held(one, scope),
        asked(one, scope),
    )


@cache
def truths(depth: int, scope: Scope) -> Texts:
    """Return conditions, among them data that may turn out to be no condition."""
    return st.one_of(bools(depth, scope), bools(depth, scope), anys(0, scope))


@cache
def compared(depth: int, scope: Scope) -> Texts:
    return st.one_of(
        shaped("({} {} {})", ints(depth, scope), ORDER, ints(depth, scope)),
        sums(),
        shaped("({} {} {})", strings(depth, scope), ORDER, strings(depth, scope)),
        shaped("({} {} {})", anys(depth, scope), ORDER, ints(0, scope)),
        shaped("({} {} {})", ints(0, scope), ORDER, anys(depth, scope)),
        shaped("({} {} {})", anys(depth, scope), ORDER, strings(0, scope)),
        shaped("({} {} {})", anys(depth, scope), ORDER, anys(0, scope)),
        shaped("({} {} {})", anys(0, scope), EQUALITY, st.sampled_from(("true", "false", "null", "0", "1"))),
        shaped("({} {} {})", bools(0, scope), EQUALITY, bools(0, scope)),
        shaped("({} {} {})", instants(depth), ORDER, instants(depth)),
        shaped("({} {} {})", lengths(depth), ORDER, lengths(depth)),
        shaped("({} {} {})", string_lists(depth, scope), EQUALITY, string_lists(depth, scope)),
        shaped("({} {} {})", any_lists(scope), EQUALITY, any_lists(scope)),
        shaped("{}.startsWith({})", strings(depth, scope), strings(0, scope)),
        shaped("{}.endsWith({})", strings(0, scope), anys(0, scope)),
        shaped("{}.contains({})", anys(0, scope), strings(0, scope)),
    )


@cache
def sums() -> Texts:
    """Return comparisons of small sums, where a slip in arithmetic shows."""
    small = st.sampled_from(SMALL).map(str)
    return shaped("({} {} {} {} {})", small, SIGN, small, ORDER, small)


@cache
def ratios() -> Texts:
    """Return macros over lines, of which some may divide by zero."""
    macro = st.sampled_from(("exists", "all", "exists_one"))
    return shaped("order.lines.{}(line, line.amount_minor / line.quantity_milli {} 1)", macro, ORDER)


@cache
def held(depth: int, scope: Scope) -> Texts:
    return st.one_of(
        shaped("({} in {})", strings(depth, scope), string_lists(depth, scope)),
        shaped("({} in {})", ints(depth, scope), int_lists(depth, scope)),
        shaped(
            "({} in {})", anys(depth, scope), st.one_of(string_lists(0, scope), int_lists(0, scope), any_lists(scope))
        ),
        shaped("({} in {})", ints(0, scope), any_lists(scope)),
        shaped("({} in event.data)", strings(0, scope)),
        shaped("({} in [true, member.gift])", bools(0, scope)),
    )


@cache
def asked(depth: int, scope: Scope) -> Texts:
    """Return macros; inside another one only over what its element has."""
    name = f"e{len(scope)}"
    macro = st.sampled_from(("exists", "all", "exists_one"))
    own = ["line.tags", "line.categories", "line.tags.map(m, m + 'y')"] if "line" in scope else []
    if scope and not own:
        return shaped(f"['x', 'web'].{{}}({name}, {{}})", macro, bools(depth, (*scope, name)))
    over = st.sampled_from(own) if scope else string_lists(depth, ())
    asks = [
        shaped(f"{{}}.{{}}({name}, {{}})", over, macro, bools(depth, (*scope, name))),
        shaped(f"{{}}.exists({name}, {name} == {{}})", over, strings(0, scope)),
        shaped(f"{{}}.exists({name}, {name} in ['x', 'web'])", over),
    ]
    if not scope:
        asks.append(shaped("order.lines.{}(line, {})", macro, bools(depth, ("line",))))
        asks.append(ratios())
        asks.append(shaped("member.scores.{}(e, e > 2 && {})", macro, bools(0, ())))
    return st.one_of(asks)


@cache
def ints(depth: int, scope: Scope) -> Texts:
    fields = ["order.total_minor", "local.hour", "event.data.pages"]
    fields += ["line.amount_minor", "line.quantity_milli"] if "line" in scope else []
    atoms = st.one_of(st.sampled_from(NUMBERS).map(str), st.sampled_from(fields))
    if depth == 0:
        return atoms
    one = depth - 1
    return st.one_of(
        atoms,
        shaped("({} {} {})", ints(one, scope), SIGN, ints(one, scope)),
        shaped("({} {} {})", anys(0, scope), SIGN, ints(0, scope)),
        shaped("(-({}))", st.one_of(ints(one, scope), anys(0, scope))),
        shaped("percent({}, {})", ints(one, scope), st.one_of(ints(0, scope), anys(0, scope))),
        shaped("size({})", st.one_of(strings(one, scope), string_lists(one, scope), anys(0, scope))),
        shaped("({} ? {} : {})", truths(0, scope), ints(0, scope), ints(0, scope)),
        shaped("member.scores[{}]", st.one_of(ints(0, scope), anys(0, scope))),
        *([] if scope else [shaped("order.lines.filter(line, {}).size()", bools(one, ("line",)))]),
    )


@cache
def strings(depth: int, scope: Scope) -> Texts:
    fields = ["event.channel", "event.shop", *(name for name in scope if name != "line")]
    fields += ["line.product"] if "line" in scope else []
    atoms = st.one_of(st.sampled_from(WORDS).map(quoted), st.sampled_from(fields))
    if depth == 0:
        return atoms
    one = depth - 1
    return st.one_of(
        atoms,
        shaped("({} + {})", strings(one, scope), strings(0, scope)),
        shaped("({} + {})", strings(0, scope), anys(0, scope)),
        shaped("({} ? {} : {})", truths(0, scope), strings(one, scope), strings(0, scope)),
        shaped("order.tags[{}]", ints(0, scope)),
    )


@cache
def anys(depth: int, scope: Scope) -> Texts:
    key = st.sampled_from(KEYS)
    atoms = st.one_of(shaped("event.data.{}", key), shaped("member.attributes['{}']", key))
    if depth == 0:
        return atoms
    return st.one_of(
        atoms,
        shaped("event.data[{}]", strings(0, scope)),
        shaped("({} + {})", atoms, atoms),
        shaped("({} ? {} : {})", truths(0, scope), atoms, atoms),
        shaped("{}[{}]", any_lists(scope), ints(0, scope)),
    )


@cache
def string_lists(depth: int, scope: Scope) -> Texts:
    own = ["line.tags", "line.categories"] if "line" in scope else []
    written = st.lists(st.sampled_from(WORDS).map(quoted), min_size=1, max_size=3)
    atoms = st.one_of(
        st.sampled_from(["order.tags", "order.categories", *own]),
        written.map(lambda words: f"[{', '.join(words)}]"),
        shaped("[{}, {}]", strings(0, scope), strings(0, scope)),
    )
    if depth == 0:
        return atoms
    inside = (
        []
        if scope
        else [
            shaped("order.lines.map(line, {})", strings(depth - 1, ("line",))),
            shaped("order.lines.map(line, {}, {})", bools(depth - 1, ("line",)), strings(0, ("line",))),
            shaped("order.tags.filter(t, {})", bools(depth - 1, ("t",))),
        ]
    )
    return st.one_of(atoms, shaped("({} + {})", atoms, atoms), *inside)


@cache
def int_lists(depth: int, scope: Scope) -> Texts:
    written = st.lists(ints(0, ()), min_size=1, max_size=3).map(lambda texts: f"[{', '.join(texts)}]")
    mapped = st.just("order.lines.map(line, line.amount_minor)")
    return st.one_of(st.just("member.scores"), written, *([mapped] if depth and not scope else []))


@cache
def any_lists(scope: Scope) -> Texts:
    atoms = st.one_of(anys(0, scope), st.sampled_from(("0", "1", "true", "'x'", "null")))
    return shaped("[{}, {}]", anys(0, scope), atoms)


@cache
def instants(depth: int) -> Texts:
    written = st.sampled_from(INSTANTS + ENDS).map(lambda at: f"timestamp('{at.isoformat().replace('+00:00', 'Z')}')")
    atoms = st.one_of(st.sampled_from(("event.occurred_at", "member.enrolled_at", "member.last_at")), written)
    if depth == 0:
        return atoms
    return st.one_of(
        atoms,
        shaped("({} {} {})", instants(depth - 1), st.sampled_from("+-"), lengths(0)),
        shaped("({} + {})", lengths(0), instants(0)),
    )


@cache
def lengths(depth: int) -> Texts:
    written = st.sampled_from(LENGTHS).map(lambda length: f"duration('{length}')")
    if depth == 0:
        return written
    return st.one_of(
        written,
        shaped("({} - {})", instants(0), instants(0)),
        shaped("({} {} {})", lengths(depth - 1), st.sampled_from("+-"), lengths(0)),
    )


def facts(seed: int) -> dict[str, object]:
    """Return values for the fields that the grammar asks for; a seed costs less to draw than all of them."""
    chance = Random(seed)

    def several(values: Sequence[object]) -> tuple[object, ...]:
        return tuple(chance.choices(values, k=chance.randrange(4)))

    def data() -> dict[str, object]:
        values = (*WORDS, *NUMBERS, True, False, None)
        return {key: chance.choice(values) for key in KEYS[:-1] if chance.random() < 0.85}

    def line() -> Line:
        return Line(
            id="1",
            product=chance.choice(WORDS),
            amount_minor=chance.choice(NUMBERS),
            quantity_milli=chance.choice(NUMBERS),
            categories=tuple(map(str, several(WORDS))),
            tags=tuple(map(str, several(WORDS))),
        )

    values: dict[str, object] = {
        "event.channel": chance.choice(WORDS),
        "event.occurred_at": chance.choice(INSTANTS),
        "event.data": data(),
        "order.total_minor": chance.choice(NUMBERS),
        "order.tags": several(WORDS),
        "order.categories": several(WORDS),
        "order.lines": tuple(line() for _ in range(chance.randrange(4))),
        "member.attributes": data(),
        "event.shop": chance.choice(WORDS),
        "member.gift": chance.random() < 0.5,
        "member.scores": several(NUMBERS),
        "local.hour": chance.randrange(24),
    }
    optional = {
        "event.data.pages": chance.choice(NUMBERS),
        "member.enrolled_at": chance.choice((*INSTANTS, None)),
        "member.last_at": chance.choice(INSTANTS),
    }
    return values | {name: value for name, value in optional.items() if chance.random() < 0.85}
