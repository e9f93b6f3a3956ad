"""Where a member stands in a set of tiers: what events led to, and what the clock has told of that."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class LevelKept(Struct, frozen=True, kw_only=True):
    """A level that was reached: at `since`, kept until `until` (exclusive, null for ever).

    `by` says what that follows from: the thresholds to `enter`, to `reenter` or to `keep` the level, or the end of
    the level above (`landing`).
    """

    since: datetime
    until: datetime | None = None
    by: Literal["enter", "reenter", "keep", "landing"] = "enter"


class TierStep(Struct, frozen=True, kw_only=True):
    """The level that a member stands at in `[since, until)`; empty below the first.

    From `warn_at` on members are warned of its end; null where they are not, or only by the end itself.
    """

    level: str
    since: datetime
    until: datetime | None = None
    warn_at: datetime | None = None


class TierState(Struct, frozen=True, kw_only=True):
    """Where a member stands in a set of tiers.

    What events led to: `steps`, the levels one after the other as time will bring them if nothing else happens,
    `kept`, every level that was reached by its id, and `best`, the highest ever. What the clock has told of that:
    `level` since an instant and until `until` (exclusive, null for ever), empty for whoever has not reached the
    first; and `next_at`, when the clock has something to tell again: the end of the level, or the warning before it.
    """

    level: str = ""
    since: datetime
    until: datetime | None = None
    best: str = ""
    next_at: datetime | None = None
    steps: tuple[TierStep, ...] = ()
    kept: dict[str, LevelKept] = {}

    def at(self, instant: datetime) -> TierStep | None:
        """Return where the member stands at an instant, whether or not a sweeper has run; none before the first."""
        for step in reversed(self.steps):
            if step.since <= instant:
                return step
        return None
