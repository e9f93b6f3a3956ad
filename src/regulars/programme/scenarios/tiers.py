"""What a page says of tiers: where a member stands, until when, what is missing, and what it will fall to."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from regulars.engine.measures import Earned, Held, Spent
from regulars.engine.progress import Goal, Part, Progress
from regulars.engine.tiers import TierSet
from regulars.programme.scenarios.cells import Units
from regulars.programme.scenarios.markdown import Cell, Mistake, Row
from regulars.programme.scenarios.page import ExpectedTier, Moment

NEEDED: Final = ("after|at", "member", "level")
OPTIONAL: Final = ("set", "until", "falls to", "missing", "by", "to keep")
NONE: Final = "none"


def read_tier(
    row: Row, *, line: int, moment: Moment, member: str, units: Units, tier_sets: Mapping[str, TierSet]
) -> ExpectedTier:
    """Return what a row of the table expects; what it leaves out may be anything.

    Raises: Mistake.
    """
    tier_set = _set(row.get("set"), row["level"], tier_sets)
    return ExpectedTier(
        line=line,
        moment=moment,
        member=member,
        tier_set=tier_set.id,
        level=_level(row["level"], tier_set),
        until=_instant(row["until"], units) if "until" in row else None,
        falls_to=_level(row["falls to"], tier_set) if "falls to" in row and row["falls to"].text else None,
        missing=row["missing"].text if "missing" in row else None,
        by=_instant(row["by"], units) if "by" in row and row["by"].text else None,
        to_keep=row["to keep"].text if "to keep" in row else None,
    )


def told(expected: ExpectedTier, actual: Progress, units: Units, tier_set: TierSet) -> Iterator[tuple[str, str, str]]:
    """Yield what the page names, what it says of it, and what is."""
    yield "level", expected.level or NONE, actual.level or NONE
    if expected.until is not None:
        yield "until", units.shown(expected.until), _ever(actual.until, units)
    if expected.falls_to is not None:
        yield "falls to", expected.falls_to or NONE, actual.falls_to or NONE
    if expected.missing is not None:
        yield "missing", expected.missing, spelled(actual.next, units, tier_set)
    if expected.by is not None:
        yield "by", units.shown(expected.by), _ever(actual.next.by if actual.next is not None else None, units)
    if expected.to_keep is not None:
        yield "to keep", expected.to_keep, spelled(actual.keep, units, tier_set)


def spelled(goal: Goal | None, units: Units, tier_set: TierSet) -> str:
    """Return what a goal still takes: `60.00 spend, 2 visits`, and `or` between those of which one will do."""
    if goal is None:
        return ""
    if not goal.all and not goal.any:
        return "an activity"
    each = [_part(part, units, tier_set) for part in goal.all if part.missing]
    if all(part.missing for part in goal.any):
        each += [" or ".join(_part(part, units, tier_set) for part in goal.any)] if goal.any else []
    return ", ".join(each) or "nothing"


def _part(part: Part, units: Units, tier_set: TierSet) -> str:
    match tier_set.measures[part.measure]:
        case Spent():
            amount = units.money_shown(part.missing)
        case Earned(wallet=wallet) | Held(wallet=wallet):
            amount = units.shown(part.missing, wallet)
        case _:
            amount = str(part.missing)
    return f"{amount} {part.measure}"


def _set(cell: Cell | None, beside: Cell, tier_sets: Mapping[str, TierSet]) -> TierSet:
    if cell is not None and cell.text in tier_sets:
        return tier_sets[cell.text]
    known = ", ".join(tier_sets) or "none"
    if cell is not None and cell.text:
        raise Mistake(cell, f"there is no set of tiers {cell.text!r}", f"The programme has: {known}.")
    if len(tier_sets) != 1:
        raise Mistake(beside, "it does not say which set of tiers", f"Name one in a column set. There are: {known}.")
    return next(iter(tier_sets.values()))


def _level(cell: Cell, tier_set: TierSet) -> str:
    if cell.text == NONE:
        return ""
    if cell.text not in tier_set.by_id:
        known = ", ".join(tier_set.by_id)
        raise Mistake(cell, f"there is no level {cell.text!r}", f"Write {NONE}, or one of {known}.")
    return cell.text


def _instant(cell: Cell, units: Units) -> datetime | Literal["ever"]:
    return "ever" if cell.text == "ever" else units.instant(cell)


def _ever(instant: datetime | None, units: Units) -> str:
    return "ever" if instant is None else units.shown(instant)
