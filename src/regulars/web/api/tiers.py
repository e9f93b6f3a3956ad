"""Where a member stands on each ladder, and how far it is to other levels."""

from datetime import datetime
from typing import Final

from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.engine.ids import external
from regulars.engine.programme import in_language
from regulars.engine.progress import Goal, Part, Progress, progress
from regulars.engine.running import Running
from regulars.engine.tiers import TierSet
from regulars.web.answering import answer, encoded
from regulars.web.api.members import known_member
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.languages import Language
from regulars.web.operations import Operation, declared
from regulars.web.reading import path_id
from regulars.web.tier_words import level_name, sentences
from regulars.web.wording import Measures, wording


class PartShown(Struct, frozen=True, kw_only=True):
    """One measure of a goal: money in minor units, points in the wallet's smallest unit, everything else counted."""

    measure: str
    have: int
    needed: int
    missing: int


class GoalShown(Struct, frozen=True, kw_only=True):
    """What leads to a level, or keeps it: all of `all`, and one of `any`, before `by` (null: any time).

    Without parts it takes an activity.
    """

    level: str
    all: tuple[PartShown, ...]
    any: tuple[PartShown, ...]
    by: datetime | None


class TierShown(Struct, frozen=True, kw_only=True):
    """A member's place in a set of tiers, at `level` in `[since, until)`; empty below the first level.

    Then it is at `falls_to`, unless `keep` is met. `best` is the highest level ever. `services` and `text` are for
    people, in the language asked for.
    """

    tier_set: str
    name: str
    level: str
    level_name: str
    since: datetime
    until: datetime | None
    best: str
    falls_to: str | None
    next: GoalShown | None
    keep: GoalShown | None
    services: tuple[str, ...]
    text: tuple[str, ...]


class Tiers(Struct, frozen=True, kw_only=True):
    """Where a member stands at an instant."""

    member: MemberId
    at: datetime
    language: str
    tiers: tuple[TierShown, ...]


_PART: Final = {"measure": "points", "have": 380, "needed": 500, "missing": 120}
_EXAMPLE: Final = {
    "tier_set": "status",
    "name": "Status",
    "level": "silver",
    "level_name": "Silver",
    "since": "2026-05-02T09:30:00Z",
    "until": "2028-01-01T00:00:00Z",
    "best": "silver",
    "falls_to": "",
    "next": {"level": "gold", "all": [_PART], "any": [], "by": "2027-01-01T00:00:00Z"},
    "keep": {"level": "silver", "all": [], "any": [], "by": "2028-01-01T00:00:00Z"},
    "services": ["Gift wrapping"],
    "text": ["Silver, until 31 December 2027.", "120 points more by 31 December 2026 for Gold."],
}


@get(
    "/v1/members/{member_id:str}/tiers",
    opt=declared(
        Operation(
            id="read_tiers",
            tag="Tiers",
            summary="Read tiers and progress",
            description="Worked out for this very moment: levels, what is missing to the next, and what keeps them.",
            scope="members:read",
            gives=Tiers,
            answer={"member": EXAMPLE_MEMBER, "at": "2026-11-03T16:30:00Z", "language": "en", "tiers": [_EXAMPLE]},
            problems=("unknown-member", "not-found", "no-programme"),
        )
    ),
)
async def read_tiers(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Read where a member stands, and how far it is to other levels."""
    id, now = path_id("mem", member_id), visit_of(request).now
    memory, language = desk_of(request).memory, language_of(request)
    running = await memory.running(client_of(request).programme_id, now)
    async with memory.pool.connection() as connection:
        state = await known_member(request, connection, id, days_back=running.days_back)
    sets = {tier_set.id: tier_set for tier_set in running.tiers}
    shown = Tiers(
        member=external("mem", state.member_id),
        at=now,
        language=language,
        tiers=tuple(_shown(running, sets[one.tier_set], one, language) for one in progress(running, state, now)),
    )
    return answer(encoded(shown))


def _shown(running: Running, tier_set: TierSet, found: Progress, language: Language) -> TierShown:
    measures = Measures(timezone=running.timezone, currency=running.currency, wallets=running.wallets)
    place = tier_set.place(found.level)
    services = tier_set.levels[place].benefits.services if place >= 0 else ()
    return TierShown(
        tier_set=tier_set.id,
        name=in_language(tier_set.name, language, *running.languages),
        level=found.level,
        level_name=level_name(tier_set, found.level, language, *running.languages),
        since=found.since,
        until=found.until,
        best=found.best,
        falls_to=found.falls_to,
        next=_goal(found.next),
        keep=_goal(found.keep),
        services=tuple(in_language(service, language, *running.languages) for service in services),
        text=tuple(sentences(wording(language), found, tier_set, measures)),
    )


def _goal(goal: Goal | None) -> GoalShown | None:
    if goal is None:
        return None
    return GoalShown(level=goal.level, all=_parts(goal.all), any=_parts(goal.any), by=goal.by)


def _parts(parts: tuple[Part, ...]) -> tuple[PartShown, ...]:
    return tuple(
        PartShown(measure=part.measure, have=part.have, needed=part.needed, missing=part.missing) for part in parts
    )


HANDLERS: Final = (read_tiers,)
