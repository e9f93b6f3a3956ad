"""Why points were given, or not: a stable code and the numbers that explain it, worded elsewhere."""

from collections.abc import Mapping

from msgspec import Struct

from regulars.engine.events import Scalar

Fact = Scalar | tuple[str, ...]


class Reason(Struct, frozen=True, kw_only=True):
    """One reason; `required` and `actual` are what was asked for and what was found, where that makes sense."""

    code: str
    required: Fact = None
    actual: Fact = None
    subject: str | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one live rule: `value` points given of the `desired_value` it would have given.

    Beside points a rule may give `rewards`, by their ids, and set `attributes` of the member.
    """

    rule: str
    applied: bool
    wallet: str
    value: int = 0
    desired_value: int = 0
    reasons: tuple[Reason, ...] = ()
    rewards: tuple[str, ...] = ()
    attributes: Mapping[str, Scalar] = {}


class Refused(Struct, frozen=True, kw_only=True):
    """An expected refusal: nothing happened. `code` is stable; `detail` holds the numbers that explain it."""

    code: str
    detail: dict[str, Scalar] = {}
