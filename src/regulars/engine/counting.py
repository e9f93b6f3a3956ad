"""What is counted of every member, whichever rules are live."""

from datetime import date
from typing import Final, get_args

from regulars.engine.zones import Period, period_end

PURCHASES: Final = "purchases"
EVENTS: Final = "events"


def purchases_in(channel: str) -> str:
    """Return the name of the counter of a channel's purchases."""
    return f"{PURCHASES}@{channel}"


def until_of(name: str) -> date | None:
    """Return the day from which on nobody asks for a counter; none where that day never comes.

    The names of counters that end with a period carry its first day last, and what is counted by the day
    need not name the period: `welcome/times/month/2026-05-01`, `stamps/visited/2026-05-14`.
    """
    *_, period, day = ("", *name.split("/"))
    try:
        first = date.fromisoformat(day)
    except ValueError:
        return None
    return period_end(first, next((known for known in get_args(Period) if known == period), "day"))
