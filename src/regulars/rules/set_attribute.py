"""What a member did becomes something that is known of the member: an attribute is set."""

from collections.abc import Sequence
from typing import ClassVar

from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.events import Scalar
from regulars.engine.facts import Facts
from regulars.engine.programme import Name
from regulars.engine.reasons import Reason


class SetAttribute(Rule, frozen=True, kw_only=True, tag="set_attribute"):
    """Set an `attribute` of the member to a `value` at each event of the named type, `purchase` by default.

    Null takes the attribute away. Later rules of the same event see it as it was before.
    """

    attribute: Name
    value: Scalar
    event: str = "purchase"

    stage: ClassVar[int] = 2
    gives_points: ClassVar[bool] = False

    def event_types(self) -> frozenset[str]:
        return frozenset({self.event})

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        before = facts.state.attributes.get(self.attribute)
        if (type(before), before) == (type(self.value), self.value):
            return Reason(code="already-so", subject=self.attribute, required=self.value, actual=before)
        return Grant(0, attributes={self.attribute: self.value})
