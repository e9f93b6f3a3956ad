"""What a campaign may give: to a member within a period, and to all members together until its budget is used up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.earning import Granted, Limit, cut
from regulars.engine.effects import Counted
from regulars.engine.facts import Facts
from regulars.engine.numbers import divide
from regulars.engine.programme import Count, Wallet
from regulars.engine.reasons import Reason

Used = Callable[[str], int]
"""How much is used of what members share, by name."""


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a campaign gives to all members together, at most: `points`, `amount_minor`, and how many `times`.

    Points are in the smallest unit of the campaign's one wallet. `amount_minor` is money of the programme: what the
    points are worth by their wallet, rounded up for each grant. A time is an event at which the campaign gives
    something. Where an event would take more than is left, it gets what is left (`partial`), or the whole campaign
    gives nothing for it (`none`), so that a smaller event may still take the rest. What returns take back does not
    go back to the budget.
    """

    points: Count | None = None
    amount_minor: Count | None = None
    times: Count | None = None
    edge: Literal["partial", "none"] = "partial"


class Claim(Struct, frozen=True):
    """So much of something that members share is to be taken, of which there may be `most` in all."""

    name: str
    by: int
    most: int


class Purse:
    """What one campaign has left for one event, and what it has given for it so far."""

    __slots__ = (
        "_budget", "_counters", "_gave", "_id", "_limits", "_minor", "_points", "_untils", "_used", "_wallets", "short",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        limits: Sequence[Limit],
        budget: Budget,
        *,
        facts: Facts,
        used: Used,
        wallets: Mapping[str, Wallet],
    ) -> None:
        self._id = id
        self._limits = [(limit, limit.counter(counter_of(id), facts)) for limit in limits]
        self._counters = facts.state.counters
        self._untils = facts.until
        self._budget = budget
        self._used = used
        self._wallets = wallets
        self._points = 0
        self._minor = 0
        self._gave = False
        self.short: Reason | None = None
        """Why the budget could not pay all that the campaign would have given, if so."""

    def pay(self, granted: Granted) -> Granted:
        """Return what is left of a grant, and take note of it."""
        if not granted.gives:
            return granted
        if not self._gave and (spent := self._spent()):
            return nothing_of(granted, *spent)
        points, reasons = granted.points, self._cuts(granted)
        if reasons:
            points = min(left for left, _ in reasons)
            because = (*granted.reasons, *(reason for _, reason in reasons))
            by_line = cut(granted.by_line, of=granted.points, to=points)
            granted = replace(granted, points=points, by_line=by_line, reasons=because)
        if granted.gives:
            self._gave = True
            self._points += points
            if self._budget.amount_minor is not None:
                self._minor += self._worth(points, granted.rule.wallet)
        return granted

    def counted(self) -> list[Counted]:
        """Return how the member's counters of the campaign's limits move."""
        if not self._gave:
            return []
        return [
            Counted(name=name, by=1 if limit.times is not None else self._points, until=self._untils(limit.per))
            for limit, name in self._limits
        ]

    def claims(self) -> list[Claim]:
        """Return what is taken of the campaign's budget."""
        budget = self._budget
        if not self._gave:
            return []
        parts = (
            ("times", 1, budget.times),
            ("points", self._points, budget.points),
            ("minor", self._minor, budget.amount_minor),
        )
        return [Claim(shared_name(self._id, kind), by, most) for kind, by, most in parts if by and most]

    def _spent(self) -> list[Reason]:
        """Why the campaign gives nothing at all for the event, which counts once however many effects it has."""
        reasons = []
        for limit, name in self._limits:
            if limit.times is not None and (used := self._counters.get(name, 0)) >= limit.times:
                reasons.append(Reason(code="campaign-times", subject=limit.per, required=limit.times, actual=used))
        most = self._budget.times
        if most is not None and (used := self._used(shared_name(self._id, "times"))) >= most:
            self.short = Reason(code="budget-times", required=most, actual=used)
            reasons.append(self.short)
        return reasons

    def _cuts(self, granted: Granted) -> list[tuple[int, Reason]]:
        """How many points each limit and budget leaves that leaves too few, beside the reason."""
        cuts = []
        points, budget, gave = granted.points, self._budget, self._points
        for limit, name in self._limits:
            if limit.points is not None and (used := self._counters.get(name, 0) + gave) + points > limit.points:
                reason = Reason(code="campaign-points", subject=limit.per, required=limit.points, actual=used)
                cuts.append((max(0, limit.points - used), reason))
        if budget.points is not None:
            used = self._used(shared_name(self._id, "points")) + gave
            if used + points > budget.points:
                self.short = Reason(code="budget-points", required=budget.points, actual=used)
                cuts.append((max(0, budget.points - used), self.short))
        if budget.amount_minor is not None:
            used = self._used(shared_name(self._id, "minor")) + self._minor
            left = self._points_for(max(0, budget.amount_minor - used), granted.rule.wallet)
            if points > left:
                self.short = Reason(code="budget-money", required=budget.amount_minor, actual=used)
                cuts.append((left, self.short))
        return cuts

    def _worth(self, points: int, wallet: str) -> int:
        """What points cost: their worth, rounded up."""
        worth = self._wallets[wallet].worth
        return 0 if worth is None else divide(points * worth.amount_minor, worth.points, "ceiling")

    def _points_for(self, amount_minor: int, wallet: str) -> int:
        """How many points an amount pays: as many as cost no more."""
        worth = self._wallets[wallet].worth
        return 0 if worth is None else amount_minor * worth.points // worth.amount_minor


def nothing_of(granted: Granted, *reasons: Reason) -> Granted:
    """Return a grant of which nothing is left, nor anything remembered, and why."""
    because = tuple(dict.fromkeys((*granted.reasons, *reasons)))
    return replace(granted, points=0, by_line={}, counted=(), rewards=(), attributes={}, reasons=because)


def counter_of(campaign: str) -> str:
    """Return how the names of a campaign's counters begin, apart from those of rules of the same name."""
    return f"campaign/{campaign}"


def shared_name(campaign: str, kind: str) -> str:
    """Return the name of what members share of a campaign's budget."""
    return f"campaign/{campaign}/{kind}"
