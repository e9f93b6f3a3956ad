"""A ladder must lead upwards: every level can be reached, and asks for what is counted."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from typing import Final

from regulars.engine.measures import Earned, Happened, Held, Needs, Purchases
from regulars.engine.tiers import ActivityPeriod, CalendarYear, Level, RollingPeriod, TierSet
from regulars.programme.basics import check_event_type
from regulars.programme.document import Document
from regulars.programme.problems import Finding, Path
from regulars.programme.rules import Names, known

_LEAP_YEAR: Final = 2028


def check_tiers(document: Document, names: Names) -> Iterator[Finding]:
    """Yield what keeps members from climbing."""
    yield from _unique([tier_set.id for tier_set in document.tiers], ("tiers",), "set of tiers")
    for index, tier_set in enumerate(document.tiers):
        path: Path = ("tiers", index)
        yield from _unique([level.id for level in tier_set.levels], (*path, "levels"), "level")
        yield from _check_measures(tier_set, path, document, names)
        yield from _check_period(tier_set, path, document)
        for number, level in enumerate(tier_set.levels):
            yield from _check_level(tier_set, level, number, (*path, "levels", number))
            yield from _check_benefits(level, (*path, "levels", number, "benefits"), document, names)


def _unique(ids: Sequence[str], path: Path, what: str) -> Iterator[Finding]:
    for index, id in enumerate(ids):
        if ids.index(id) != index:
            message = f"the id {id!r} is taken by an earlier {what}"
            yield Finding(path=(*path, index, "id"), message=message, hint=f"Every {what} has an id of its own.")


def _check_measures(tier_set: TierSet, path: Path, document: Document, names: Names) -> Iterator[Finding]:
    for name, measure in tier_set.measures.items():
        where = (*path, "measures", name)
        match measure:
            case Earned(wallet=wallet) | Held(wallet=wallet):
                yield from known(wallet, (*where, "wallet"), "wallet", names.wallets)
            case Purchases(channels=channels):
                for index, channel in enumerate(channels):
                    yield from known(channel, (*where, "channels", index), "channel", names.channels)
            case Happened(types=types):
                for index, type in enumerate(types):
                    yield from _check_counted(type, (*where, "types", index), document)
            case _:
                pass


def _check_counted(type: str, path: Path, document: Document) -> Iterator[Finding]:
    if type == "purchase":
        yield Finding(path=path, message="purchases are a measure of their own", hint="Write of: purchases.")
    else:
        yield from check_event_type(type, path, document)


def _check_period(tier_set: TierSet, path: Path, document: Document) -> Iterator[Finding]:
    path = (*path, "period")
    match tier_set.period:
        case CalendarYear(month=month, day=day):
            last = monthrange(_LEAP_YEAR, month)[1]
            if day > last:
                message = f"there is no day {day} in month {month}"
                yield Finding(path=(*path, "day"), message=message, hint=f"The last one is {last}.")
        case RollingPeriod(months=None, days=None) | ActivityPeriod(months=None, days=None):
            kind = tier_set.period.__struct_config__.tag
            yield Finding(path=path, message=f"{kind} needs months or days", hint="For example months: 12.")
        case ActivityPeriod(activities=activities):
            for index, type in enumerate(activities):
                if type != "purchase":
                    yield from check_event_type(type, (*path, "activities", index), document)
        case _:
            pass


def _check_level(tier_set: TierSet, level: Level, place: int, path: Path) -> Iterator[Finding]:
    for field, needs in (("enter", level.enter), ("keep", level.keep), ("reenter", level.reenter)):
        if needs is None:
            continue
        yield from _check_needs(tier_set, needs, (*path, field))
        if needs.nothing and (field != "enter" or place > 0):
            message = "it asks for nothing"
            hint = "To keep a level for ever, write never_down: true." if field != "enter" else "Only the first may."
            yield Finding(path=(*path, field), message=message, hint=hint)
    if place > 0 and not level.enter.nothing:
        below = tier_set.levels[place - 1]
        if follows(level.enter, below.enter):
            message = f"everybody who reaches {below.id} reaches {level.id} too, so that nobody stands at {below.id}"
            yield Finding(path=(*path, "enter"), message=message, hint="Levels go from the lowest to the highest.")


def _check_needs(tier_set: TierSet, needs: Needs, path: Path) -> Iterator[Finding]:
    for field in ("all", "any"):
        for name in getattr(needs, field):
            yield from known(name, (*path, field, name), "measure", [*tier_set.measures])


def follows(one: Needs, other: Needs) -> bool:
    """Return whether whoever meets the other needs meets the one, as far as thresholds of the same measures tell."""
    if not all(other.all.get(name, 0) >= needed for name, needed in one.all.items()):
        return False
    if not one.any or any(other.all.get(name, 0) >= needed for name, needed in one.any.items()):
        return True
    return bool(other.any) and all(name in one.any and needed >= one.any[name] for name, needed in other.any.items())


def _check_benefits(level: Level, path: Path, document: Document, names: Names) -> Iterator[Finding]:
    for wallet in level.benefits.earn:
        yield from known(wallet, (*path, "earn", wallet), "wallet", names.wallets)
    for index, reward in enumerate(level.benefits.rewards):
        yield from known(reward, (*path, "rewards", index), "reward", [one.id for one in document.rewards])
    for wallet in level.benefits.expiry:
        yield from known(wallet, (*path, "expiry", wallet), "wallet", names.wallets)
