"""Whoever enters a level for the first time is given what it brings."""

from typing import Final

from regulars.engine import redeeming
from regulars.engine.effects import Counted
from regulars.engine.events import Event
from regulars.engine.ledger import Ledger
from regulars.engine.running import Running
from regulars.engine.tiers import TierSet

# What levels give is numbered apart from what rules give in the same event, and each set apart from the others.
_EACH: Final = 1_000


def welcome(running: Running, ledger: Ledger, event: Event, tier_set: TierSet, entered: str) -> None:
    """Give the rewards of a level that an event led to, once in a member's life, those that there are any of."""
    rewards = tier_set.levels[tier_set.place(entered)].benefits.rewards
    name = f"tier/{tier_set.id}/{entered}/entered"
    if not rewards or ledger.state().counters.get(name):
        return
    ledger.count([Counted(name=name, by=1)])
    for number, reward in enumerate(rewards, start=_EACH * (1 + running.tiers.index(tier_set))):
        redeeming.give(running, ledger, event, reward, number)
