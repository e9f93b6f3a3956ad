"""Conditions are checked for every event that their rule looks at, and a slip in the brand's own data is found."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from regulars.engine.conditions import (
    STANDARD,
    BadFieldError,
    Basic,
    Catalogue,
    CheckedCondition,
    ConditionError,
    Field,
    check,
)
from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.conditions.kinds import spell
from regulars.engine.conditions.nodes import Call, FieldValue, Has, Items, Literal, Lookup
from regulars.engine.history import fields_in
from regulars.engine.running import Conditions
from regulars.programme.document import DataKind, Document
from regulars.programme.problems import Finding, Path

_KINDS: Final[Mapping[DataKind, Basic]] = {"text": Basic.STRING, "integer": Basic.INT, "boolean": Basic.BOOL}
_OF_SEGMENTS: Final = frozenset(
    {"member.attributes", "member.enrolled_at", "member.age_days", "member.purchases_count", "member.lists"}
)
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})


class _Asked(NamedTuple):
    """A name of the event's data, and an offset in the condition from which on it stands."""

    name: str
    near: int

    def offset_in(self, source: str) -> int:
        """Return where the name stands; escaped, it is not found, and its neighbourhood has to do."""
        found = source.find(self.name, self.near)
        return self.near if found < 0 else found


def checked_conditions(document: Document) -> tuple[Conditions, list[Finding]]:
    """Return the programme's conditions, and what is wrong with those that cannot be used."""
    reader = _Conditions(document)
    for path, rule in document.every_rule():
        reader.add(reader.rules, rule.id, rule.when, rule.event_types(), path)
    for index, campaign in enumerate(document.campaigns):
        types = frozenset(type for rule in campaign.effects for type in rule.event_types())
        reader.add(reader.campaigns, campaign.id, campaign.when, types, ("campaigns", index))
    for name, segment in document.segments.items():
        reader.add_segment(name, segment.when)
    found = Conditions(rules=reader.rules, campaigns=reader.campaigns, segments=reader.segments)
    return found, reader.findings


class _Conditions:
    """The conditions of one document as they are checked."""

    def __init__(self, document: Document) -> None:
        self.rules: dict[str, CheckedCondition] = {}
        self.campaigns: dict[str, CheckedCondition] = {}
        self.segments: dict[str, CheckedCondition] = {}
        self.findings: list[Finding] = []
        self._document = document
        self._standard = STANDARD.with_fields(*_of_programme(document))

    def add(
        self, where: dict[str, CheckedCondition], id: str, when: str | None, types: frozenset[str], path: Path
    ) -> None:
        """Check a condition for events of every type that it is asked of."""
        if when is None:
            return
        mistakes: dict[tuple[int, str], Finding] = {}
        catalogue = self._catalogue(self._standard, when)
        for type in sorted(types):
            outcome = _checked(when, catalogue.for_event(type), self._document, (*path, "when"))
            if isinstance(outcome, CheckedCondition):
                where.setdefault(id, outcome)
            else:
                mistakes.update({(mistake.offset or 0, mistake.message): mistake for mistake in outcome})
        self.findings += mistakes.values()

    def add_segment(self, name: str, when: str) -> None:
        """Check the condition of a segment, which may ask what is known of the member and nothing else."""
        fields = tuple(field for field in self._standard.fields if field.name in _OF_SEGMENTS or _of_state(field.name))
        path: Path = ("segments", name, "when")
        outcome = check(when, self._catalogue(Catalogue(fields), when))
        if isinstance(outcome, CheckedCondition):
            self.segments[name] = outcome
            self.findings += _unknown_to_sql(outcome, path)
        else:
            self.findings += _found(outcome, when, path)

    @staticmethod
    def _catalogue(catalogue: Catalogue, when: str) -> Catalogue:
        """Return the catalogue with what the condition asks of the last days."""
        fields = tuple(fields_in(when))
        return catalogue.with_fields(*fields) if fields else catalogue


def _unknown_to_sql(condition: CheckedCondition, path: Path) -> Iterator[Finding]:
    """Yield the texts of a segment's condition that the database, which is asked for everybody in it, cannot hold."""
    for node in _nodes(condition.root):
        if isinstance(node, Literal) and isinstance(node.value, str) and "\0" in node.value:
            message = "a text with the character U+0000 is nothing that a segment can ask for"
            yield Finding(path=path, message=message, hint="Leave the character out.", offset=node.position)


def _of_programme(document: Document) -> Iterator[Field]:
    """Yield the fields that a programme's own names give: a balance for each wallet, a level for each set of tiers."""
    for tier_set in document.tiers:
        description = f"The level at which the event finds the member in {tier_set.id}; empty below the first."
        if (field := _field(f"member.tier.{tier_set.id}", Basic.STRING, description)) is not None:
            yield field
    for name in document.wallets:
        description = f"The member's {name} that can be spent when the event happens, in their smallest unit."
        if (field := _field(f"member.balance.{name}", Basic.INT, description)) is not None:
            yield field


def _field(name: str, kind: Basic, description: str) -> Field | None:
    """Return a field, unless a condition could not speak of a name such as `if`."""
    field = Field(name=name, kind=kind, description=description)
    try:
        Catalogue((field,))
    except BadFieldError:
        return None
    return field


def _of_state(name: str) -> bool:
    return name.startswith(("member.balance.", "member.tier."))


def check_data_names(document: Document) -> Iterator[Finding]:
    """Yield the names of declared data that a condition could not speak of."""
    for type, event in document.events.items():
        for name in event.data:
            try:
                Catalogue((Field(name=f"event.data.{name}", kind=Basic.ANY, description=""),))
            except BadFieldError:
                message = f"{name!r} cannot be asked for in a condition"
                path: Path = ("events", type, "data", name)
                yield Finding(path=path, message=message, hint="Choose another name.", at_name=True)


def unknown_places(condition: CheckedCondition, path: Path, document: Document) -> Iterator[Finding]:
    """Yield the channels and shops that a condition compares with and that are not declared, so that it never holds."""
    for node in _nodes(condition.root):
        if not (isinstance(node, Call) and node.function in ("==", "in")):
            continue
        left, right = node.arguments
        for one, other in ((left, right), (right, left)):
            if not isinstance(one, FieldValue) or one.field.name not in ("event.channel", "event.shop"):
                continue
            what = one.field.name.removeprefix("event.")
            known = document.channels if what == "channel" else document.shops
            for literal in other.elements if isinstance(other, Items) else (other,):
                # Outside shops the shop is empty, and a programme without any says nothing about them.
                if isinstance(literal, Literal) and literal.value and known and literal.value not in known:
                    message = f"no {what} {literal.value!r} is declared"
                    hint = did_you_mean(str(literal.value), known) or f"Declare it under {what}s."
                    yield Finding(
                        path=path,
                        message=message,
                        hint=hint,
                        offset=literal.position,
                        code="unknown-channel" if what == "channel" else "unknown-shop",
                    )


def _checked(source: str, catalogue: Catalogue, document: Document, path: Path) -> CheckedCondition | list[Finding]:
    """Return a condition as events of this type see it.

    What was declared of the data is for the check alone. What runs asks each value for its kind as it comes,
    since a source may send something else than was declared.
    """
    checked = check(source, catalogue)
    if isinstance(checked, tuple):
        return _found(checked, source, path)
    type = catalogue.event_type
    if type is None or type not in document.events:
        return checked
    return list(_slips(checked, type, document.events[type].data, path)) or checked


def _found(errors: Iterable[ConditionError], source: str, path: Path) -> list[Finding]:
    starts = [0, *(at + 1 for at, letter in enumerate(source) if letter == "\n")]
    return [
        Finding(path=path, message=error.message, hint=error.hint, offset=starts[error.line - 1] + error.column - 1)
        for error in errors
    ]


def _slips(condition: CheckedCondition, type: str, declared: Mapping[str, DataKind], path: Path) -> Iterator[Finding]:
    """Yield what a condition asks of an event's data that its declaration does not hold."""
    for node in _nodes(condition.root):
        asked = _asked(node)
        if asked is not None and asked.name not in declared:
            hint = did_you_mean(asked.name, declared) or f"Declare it under events.{type}.data."
            message = f"{asked.name!r} is not among the data of {type}"
            yield Finding(path=path, message=message, hint=hint, offset=asked.offset_in(condition.source))
        if isinstance(node, Call) and node.function in _COMPARISONS:
            yield from _misfits(node, condition.source, declared, path)


def _misfits(node: Call, source: str, declared: Mapping[str, DataKind], path: Path) -> Iterator[Finding]:
    """Yield the declared data that is compared with a value of another kind."""
    left, right = node.arguments
    for one, other in ((left, right), (right, left)):
        asked = _asked(one)
        kind = declared.get(asked.name) if asked is not None and isinstance(one, Lookup) else None
        if asked is None or kind is None or other.kind in (_KINDS[kind], Basic.ANY, Basic.NULL):
            continue
        message = f"{asked.name!r} is declared as {kind}, and is compared with a value of kind {spell(other.kind)}"
        yield Finding(path=path, message=message, offset=asked.offset_in(source))


def _nodes(node: object) -> Iterator[object]:
    """Yield every node of a checked tree, the root first."""
    if isinstance(node, tuple):
        for part in node:
            yield from _nodes(part)
    elif isinstance(node, Struct) and not isinstance(node, Field):
        yield node
        for name in node.__struct_fields__:
            yield from _nodes(getattr(node, name))


def _asked(node: object) -> _Asked | None:
    """Return the name of the event's data that a node asks for, where it asks for one."""
    match node:
        case Lookup(operand=FieldValue(field=Field(name="event.data")), key=Literal(value=str(name)), position=near):
            return _Asked(name, near)
        case Has(operand=FieldValue(field=Field(name="event.data")), key=name, position=near):
            return _Asked(name, near)
        case _:
            return None
