"""Programmes with campaigns for the tests, written as sections of a document, and random campaigns to try on events."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from regulars import programme
from regulars.engine.decide import Decision, decide
from regulars.engine.effects import Claimed
from regulars.engine.events import Body, Event
from regulars.engine.members import MemberState
from regulars.engine.running import Running
from tests.engine.making import MONDAY_NOON, event, member

BASE = {"id": "base", "type": "spend", "points": 1, "per_minor": 100}


def club(*campaigns: Mapping[str, Any], **sections: Any) -> Running:
    """Make a programme in euros and universal time, with a point a euro unless other rules are given."""
    document = {"id": "club", "timezone": "UTC", "currency": "EUR", "wallets": {"points": {}}, "rules": [BASE]}
    text = json.dumps({**document, "campaigns": campaigns, **sections}, default=_text)
    return programme.run(programme.read(programme.Source("club", text)), 1)


def given(**rule: Any) -> dict[str, Any]:
    """Make a rule that gives points for a purchase."""
    return {"type": "action", "event": "purchase", "points": 10, **rule}


def _text(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


class Crowd:
    """Many members of one programme who share what is shared, each event decided on what all the others left."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.shared: dict[str, int] = {}
        self.states: dict[int, MemberState] = {}
        self.most: dict[str, int] = {}
        self._told = 0

    def tell(self, body: Body, *, who: int = 0, at: datetime = MONDAY_NOON, **more: Any) -> Decision:
        """Let an event happen to a member; it must be welcome."""
        self._told += 1
        state = self.states.get(who) or member(_id(who))
        made: Event = event(body, at, number=self._told, member_id=state.member_id, **more)
        decision = decide(self.running, state, made, self.shared)
        assert isinstance(decision, Decision), decision
        self.states[who] = decision.after
        for effect in decision.effects:
            if isinstance(effect, Claimed):
                self.shared[effect.name] = self.shared.get(effect.name, 0) + effect.by
                assert effect.most is not None
                self.most[effect.name] = effect.most
        return decision


def _id(who: int) -> UUID:
    return UUID(int=(0x0197A000_0000 << 80) | (0x7 << 76) | (0x2 << 62) | who)


def outcomes(decision: Decision) -> dict[str, tuple[int, int]]:
    """Return what each rule gave and would have given, by its id."""
    return {one.rule: (one.value, one.desired_value) for one in decision.result.outcomes}


def codes(decision: Decision, rule: str) -> Sequence[str]:
    """Return the codes of the reasons that a rule of a decision has."""
    return [reason.code for one in decision.result.outcomes if one.rule == rule for reason in one.reasons]


carts = st.lists(st.integers(1, 20_000), min_size=1, max_size=5)
"""The amounts of the lines of an order, in cents."""
