"""What is counted of every member, whichever rules are live."""

from typing import Final

PURCHASES: Final = "purchases"
EVENTS: Final = "events"


def purchases_in(channel: str) -> str:
    """Return the name of the counter of a channel's purchases."""
    return f"{PURCHASES}@{channel}"
