"""How far a member is, in sentences: "120 points more by 31 December for Gold"."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from babel.lists import format_list

from regulars.engine.measures import Earned, Held, Measure, Purchases, Spent
from regulars.engine.programme import in_language
from regulars.engine.progress import Goal, Part, Progress
from regulars.engine.reasons import Fact
from regulars.engine.tiers import TierSet
from regulars.web.wording import Measures, Wording

# An end is the first instant at which something is over; people are told the last day on which it is not.
_JUST_BEFORE: Final = timedelta(microseconds=1)


def sentences(words: Wording, progress: Progress, tier_set: TierSet, measures: Measures) -> Iterator[str]:
    """Yield where a member stands, what is missing to the next level, and what will become of this one."""
    told = _Told(words, tier_set, measures)
    if progress.level:
        yield told.text("standing", level=told.level(progress.level), until=_last_day(progress.until))
    else:
        yield told.text("none")
    if progress.next is not None:
        yield told.goal("missing", progress.next)
    if progress.keep is not None and progress.until is not None:
        yield told.goal("keep", progress.keep)
        if progress.falls_to:
            yield told.text("falls", level=told.level(progress.falls_to), at=progress.until.isoformat())
        else:
            yield told.text("ends", by=_last_day(progress.until))


def level_name(tier_set: TierSet, level: str, *languages: str) -> str:
    """Return what a level is called in the first of the languages that it has a name in, else its id."""
    place = tier_set.place(level)
    name = in_language(tier_set.levels[place].name, *languages) if place >= 0 and languages else ""
    return name or level


class _Told:
    def __init__(self, words: Wording, tier_set: TierSet, measures: Measures) -> None:
        self._words = words
        self._tier_set = tier_set
        self._measures = measures

    def text(self, id: str, **facts: Fact) -> str:
        return self._words.text(f"tier.{id}", facts, self._measures)

    def level(self, level: str) -> str:
        return level_name(self._tier_set, level, self._words.language)

    def goal(self, id: str, goal: Goal) -> str:
        facts: dict[str, Fact] = {"level": self.level(goal.level), "by": _last_day(goal.by)}
        if not goal.all and not goal.any:
            return self.text("keep-active", **facts)
        return self.text(id, parts=self._parts(goal), **facts)

    def _parts(self, goal: Goal) -> str:
        each = [self._part(part) for part in goal.all if part.missing]
        if goal.any and all(part.missing for part in goal.any):
            each.append(format_list([self._part(part) for part in goal.any], style="or", locale=self._words.locale))
        return format_list(each, locale=self._words.locale) if each else self._words.number(0)

    def _part(self, part: Part) -> str:
        kind: Measure = self._tier_set.measures[part.measure]
        match kind:
            case Spent():
                return self.text("money", amount=part.missing)
            case Earned(wallet=wallet) | Held(wallet=wallet):
                return self.text("points", wallet=wallet, amount=part.missing)
            case Purchases():
                return self._words.noun("purchases", part.missing)
            case _:
                return f"{self._words.number(part.missing)} \N{MULTIPLICATION SIGN} {part.measure}"


def _last_day(end: datetime | None) -> str | None:
    return None if end is None else (end - _JUST_BEFORE).isoformat()
