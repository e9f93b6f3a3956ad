"""A reward for something that the member did: given, not paid for."""

from collections.abc import Sequence
from typing import ClassVar

from regulars.engine.earning import Grant, Granted, Rule
from regulars.engine.facts import Facts
from regulars.engine.programme import Name
from regulars.engine.reasons import Reason


class IssueReward(Rule, frozen=True, kw_only=True, tag="issue_reward"):
    """Give a `reward` for each event of the named type, `purchase` unless another one is named.

    The reward's own stock and time hold; who could buy it, where and how often does not matter.
    """

    reward: Name
    event: str = "purchase"

    stage: ClassVar[int] = 2
    gives_points: ClassVar[bool] = False

    def event_types(self) -> frozenset[str]:
        return frozenset({self.event})

    def grant(self, facts: Facts, so_far: Sequence[Granted]) -> Grant | Reason:
        return Grant(0, rewards=(self.reward,))
