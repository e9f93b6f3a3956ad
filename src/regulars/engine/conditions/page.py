"""The reference page of conditions, made from the catalogue and the rules themselves so that it cannot lag."""

from collections.abc import Iterable
from typing import Final

from regulars.engine.conditions.catalogue import Catalogue, Field
from regulars.engine.conditions.check import SOURCE_LENGTH_MAX
from regulars.engine.conditions.errors import Code
from regulars.engine.conditions.kinds import ListOf, Record, spell
from regulars.engine.conditions.typer import DEPTH_MAX

_NAMESPACES: Final = {
    "event": "What happened.",
    "order": "What was bought.",
    "member": "Who it happened to, as the member was before this event.",
    "local": "When it happened, on the clock and calendar of the programme's time zone.",
}

_LANGUAGE: Final = (
    ("`==` `!=`", "Any two values of one kind; a value of kind any with anything simple.", "bool"),
    ("`<` `<=` `>` `>=`", "Two ints, strings, timestamps or durations. Strings by code point.", "bool"),
    ("`&&` `\\|\\|` `!`", "Conditions. A side that decides does so even where the other one fails.", "bool"),
    ("`test ? a : b`", "A condition and two values of one kind.", "that kind"),
    ("`+` `-` `*` `/` `%`", "Ints of 64 bits; division goes towards zero; overflow fails.", "int"),
    ("`+`", "Two strings, or two lists of one kind.", "the same"),
    ("`+` `-`", "A timestamp and a duration; two durations; two timestamps (`-`).", "timestamp, duration"),
    ("`x in list`", "A value and a list of its kind.", "bool"),
    ("`'name' in event.data`", "A string and values by name.", "bool"),
    ("`list[0]`", "An element by place, from 0; fails beyond the end.", "element"),
    ("`event.data.name`, `event.data['name']`", "A value by name; fails where it is missing.", "any"),
    ("`has(event.data.name)`", "Whether a value of that name is there.", "bool"),
    ("`size(x)`, `x.size()`", "The length of a list, or of a string in characters.", "int"),
    ("`s.startsWith(t)`, `s.endsWith(t)`, `s.contains(t)`", "Two strings, letter by letter.", "bool"),
    ("`percent(amount, rate)`", "`rate` per cent of `amount`, rounded towards zero.", "int"),
    ("`timestamp('2026-11-27T00:00:00Z')`", "An instant, written out (RFC 3339).", "timestamp"),
    ("`duration('36h')`", "A length of time, written out in h, m, s, ms, us.", "duration"),
    ("`list.exists(x, test)`", "Whether some element passes; one that passes decides.", "bool"),
    ("`list.all(x, test)`", "Whether all elements pass; one that does not decides.", "bool"),
    ("`list.exists_one(x, test)`", "Whether exactly one element passes.", "bool"),
    ("`list.filter(x, test)`", "The elements that pass.", "list"),
    ("`list.map(x, value)`, `list.map(x, test, value)`", "A simple value of each (passing) element.", "list"),
)

_CODES: Final = {
    Code.SYNTAX: "The text is not CEL.",
    Code.TOO_LONG: f"More than {SOURCE_LENGTH_MAX} characters.",
    Code.TOO_DEEP: f"Nested more than {DEPTH_MAX} deep.",
    Code.UNKNOWN_FIELD: "No field or attribute has that name.",
    Code.FIELD_OF_OTHER_EVENT: "The field is there for events of other types only.",
    Code.UNKNOWN_FUNCTION: "No function has that name, or it takes other arguments.",
    Code.KINDS: "An operator or function does not go with values of these kinds.",
    Code.NOT_ALLOWED: "CEL has it, conditions do without.",
    Code.NOT_BOOL: "The whole is a value, not true or false.",
}


NAMED: Final = (
    ("member.balance.WALLET", "int", "What the member can spend of a wallet when the event happens."),
    ("member.tier.SET", "string", "The level at which the event finds the member; empty below the first."),
    ("purchases.last_N_days.count", "int", "Purchases in the last N days."),
    ("purchases.last_N_days.spend_minor", "int", "The money that earned in the last N days, less what came back."),
    ("purchases.last_N_days.days_since", "int", "Days since the last purchase; there is none without one in N days."),
    ("purchases_in.CHANNEL.last_N_days.count", "int", "Purchases in a channel in the last N days."),
    ("earned.WALLET.last_N_days.points", "int", "What rules gave in a wallet in the last N days, less what came back."),
    ("events.TYPE.last_N_days.count", "int", "Events of the brand's own type in the last N days."),
)


def reference_page(catalogue: Catalogue) -> str:
    """Return the page in Markdown."""
    return "\n".join((_HEAD, *_fields(catalogue), *_named(), *_records(catalogue), *_language(), *_errors()))


_HEAD: Final = """# Conditions: fields and language

<!-- Made by regulars.engine.conditions.page; a test keeps it equal to the code. -->

A condition is a text in CEL, the Common Expression Language, that is true or false of one event:

```
order.total_minor >= 5000 && event.channel == 'web' && !('gift_card' in order.tenders)
```

It is checked when the programme is checked; [why and how](../explanation/conditions.md) is a page of its own.
"""


def _fields(catalogue: Catalogue) -> Iterable[str]:
    roots = list(dict.fromkeys(field.name.partition(".")[0] for field in catalogue.fields))
    for root in roots:
        fields = [field for field in catalogue.fields if field.name.startswith(f"{root}.")]
        yield f"## `{root}`\n"
        yield f"{_NAMESPACES.get(root, 'Declared by the programme.')} {_owners(fields)}\n".replace(" \n", "\n")
        yield from _table(
            ("field", "kind", "meaning"),
            ((f"`{field.name}`", spell(field.kind), field.description) for field in fields),
        )


def _named() -> Iterable[str]:
    yield "## Fields with names and numbers of your own\n"
    yield (
        "What is in capitals is the programme's own name, and N a number of days up to 3660. The last N days are the "
        "local day of the event and the N - 1 before it; the event itself is not counted yet.\n"
    )
    yield from _table(("field", "kind", "meaning"), ((f"`{name}`", kind, text) for name, kind, text in NAMED))


def _owners(fields: list[Field]) -> str:
    owners = {field.event_types for field in fields}
    if owners == {None}:
        return ""
    named = sorted(name for types in owners for name in types or ())
    return f"Only for events of type {', '.join(named)}."


def _records(catalogue: Catalogue) -> Iterable[str]:
    kinds = (field.kind.element for field in catalogue.fields if isinstance(field.kind, ListOf))
    for record in dict.fromkeys(kind for kind in kinds if isinstance(kind, Record)):
        yield f"## A {record.name}\n"
        yield from _table(
            ("attribute", "kind", "meaning"),
            ((f"`{field.name}`", spell(field.kind), field.description) for field in record.fields),
        )


def _language() -> Iterable[str]:
    yield "## What can be written\n"
    yield from _table(("write", "for", "gives"), _LANGUAGE)
    yield (
        "Kinds are bool, int, string, timestamp, duration, lists of these, and *any*: a string, int, bool or "
        "null of the brand's own data, known only when the event is there. There are no fractions: money is "
        "in minor units, quantities in thousandths. Inside a macro, another one may only look into the "
        "element at hand (`order.lines.exists(line, line.tags.exists(tag, tag == 'new'))`), so that the work "
        "stays in proportion to the event. Everything else of CEL is refused when the programme is checked.\n"
    )


def _errors() -> Iterable[str]:
    yield "## What a check may say\n"
    yield from _table(("code", "meaning"), ((f"`{code.value}`", _CODES[code]) for code in Code))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
