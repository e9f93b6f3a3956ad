"""What a member can have now, and what is missing for the rest: every reward, as the shelf would answer."""

from collections.abc import Mapping

from msgspec import Struct

from regulars.engine.decide import begin
from regulars.engine.events import Event
from regulars.engine.members import MemberState
from regulars.engine.reasons import Reason
from regulars.engine.running import Running
from regulars.engine.shelf import cheapest


class Offer(Struct, frozen=True, kw_only=True):
    """A reward for a member at a moment: the fewest `points` that it takes, how many are `missing`, and why not."""

    reward: str
    wallet: str
    points: int
    missing: int
    reasons: tuple[Reason, ...]

    @property
    def usable(self) -> bool:
        """Whether the member can have it."""
        return not self.missing and not self.reasons


def offers(running: Running, state: MemberState, event: Event, shared: Mapping[str, int]) -> tuple[Offer, ...]:
    """Return every reward that is for sale, in the programme's order; `event` says when, where and in which channel."""
    ledger = begin(state, event, shared)
    settled = ledger.state()
    facts = running.facts(event, settled)
    found = []
    for reward in running.rewards:
        if reward.given_only:
            continue
        points = cheapest(reward)
        available = settled.balance(reward.wallet, event.occurred_at).available if points else 0
        reasons = running.shelf.stopped(reward, facts, ledger.shared, points)
        missing = max(0, points - max(0, available))
        offer = Offer(reward=reward.id, wallet=reward.wallet, points=points, missing=missing, reasons=tuple(reasons))
        found.append(offer)
    return tuple(found)
