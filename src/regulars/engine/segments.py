"""Members enter segments and leave them by what they do, and the world hears of it once."""

from typing import Final

from regulars.engine.effects import Announced, Listed
from regulars.engine.events import Event
from regulars.engine.ledger import Ledger
from regulars.engine.members import MemberState
from regulars.engine.running import Running

_REMEMBERED: Final = "segment:"


def follow(running: Running, ledger: Ledger, event: Event) -> None:
    """Tell of the announced segments that the member is in after an event and was not before, and the other way.

    What has been told is remembered among the member's lists, so that it is told once. Where nothing but time goes
    by, it is the next event that finds out.
    """
    if not running.announced:
        return
    facts = running.facts(event, ledger.state())
    if facts.state.standing != "active":
        return
    for name in running.announced:
        inside, told = name in facts.segments, remembered(name) in facts.state.lists
        if inside != told:
            ledger.add(Listed(remembered(name), inside))
            ledger.add(Announced("segment.entered" if inside else "segment.left", {"segment": name}))


def static_lists(state: MemberState) -> tuple[str, ...]:
    """Return the lists that somebody put the member on, without what is remembered of segments."""
    return tuple(name for name in state.lists if not name.startswith(_REMEMBERED))


def remembered(segment: str) -> str:
    """Return the name of the list that says that a member is known to be in a segment."""
    return f"{_REMEMBERED}{segment}"
