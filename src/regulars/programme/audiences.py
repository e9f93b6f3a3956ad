"""Whom and when: what an audience names must be there, and a schedule must open now and then."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from regulars.engine.audiences import Audience
from regulars.engine.conditions.hints import did_you_mean
from regulars.engine.recurrence import BadRecurrenceError, check_recurrence
from regulars.engine.schedules import BirthdayWindow, Schedule
from regulars.engine.zones import zone, zone_or
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path
from regulars.programme.rules import known


def check_audience(audience: Audience, path: Path, document: Document) -> Iterator[Finding]:
    """Yield what an audience names and the programme does not have."""
    for field, what, there in (
        ("segments", "segment", [*document.segments]),
        ("except_segments", "segment", [*document.segments]),
        ("lists", "list", [*document.lists]),
        ("except_lists", "list", [*document.lists]),
    ):
        for index, name in enumerate(getattr(audience, field)):
            yield from known(name, (*path, field, index), what, there)
    for index, name in enumerate(audience.tiers):
        yield from _check_tier(name, (*path, "tiers", index), document)
    for name, values in audience.attributes.items():
        if not values:
            message = "nobody has one of no values"
            yield Finding(path=(*path, "attributes", name), message=message, hint="Name the values that count.")
    if audience.new_within_days is not None and audience.lapsed_for_days is not None:
        new, lapsed = audience.new_within_days, audience.lapsed_for_days
        if lapsed > new:
            message = f"nobody who joined {new} days ago has not bought for {lapsed}"
            yield Finding(path=(*path, "lapsed_for_days"), message=message, hint="Keep one of the two.")


def check_schedule(
    schedule: Schedule | None, path: Path, document: Document, starts_at: datetime | None
) -> Iterator[Finding]:
    """Yield why a schedule never opens, or not as it is written; what recurs counts from `starts_at`."""
    if schedule is None:
        return
    for index, hours in enumerate(schedule.hours):
        if hours.starts == hours.ends:
            message = f"the hours end when they begin, at {hours.ends}"
            yield Finding(path=(*path, "hours", index, "to"), message=message, hint="For the whole day leave them out.")
    if schedule.recurrence is not None:
        place = (*path, "recurrence", "rule")
        if starts_at is None:
            message = "what comes again needs a start to count from"
            yield Finding(path=(*path, "recurrence"), message=message, hint="Give starts_at beside the schedule.")
        else:
            try:
                check_recurrence(schedule.recurrence.rule, starts_at.astimezone(zone(_zone(document))))
            except BadRecurrenceError as error:
                hint = "For example FREQ=MONTHLY;BYDAY=1SA."
                yield Finding(path=place, message=str(error), hint=hint)
    if schedule.birthday is not None:
        yield from _check_birthday(schedule.birthday, (*path, "birthday"))


def _check_birthday(birthday: BirthdayWindow, path: Path) -> Iterator[Finding]:
    for field in ("days_before", "days_after"):
        if birthday.within != "day" and getattr(birthday, field):
            message = f"days are counted from the day, and this is within the {birthday.within}"
            yield Finding(path=(*path, field), message=message, hint="Leave them out, or write within: day.")


def _check_tier(name: str, path: Path, document: Document) -> Iterator[Finding]:
    tier_set, _, level = name.removesuffix("+").partition(":")
    sets = {one.id: one for one in document.tiers}
    if tier_set not in sets:
        yield from known(tier_set, path, "set of tiers", [*sets])
        return
    levels = [one.id for one in sets[tier_set].levels]
    if level not in levels:
        hint = did_you_mean(level, levels) or _listed(levels)
        yield Finding(path=path, message=f"there is no level {level!r} in {tier_set}", hint=hint)


def _listed(names: Sequence[str]) -> str:
    return f"There are {', '.join(names)}."


def _zone(document: Document) -> str:
    """Return the programme's zone, or one that stands in for it where it is none: that is said elsewhere."""
    return zone_or(document.timezone, "UTC")
