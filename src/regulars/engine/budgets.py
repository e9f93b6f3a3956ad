"""What a campaign may give: to a member within a period, and to all members together until its budget is used up."""

from collections.abc import Callable, Mapping
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

    def __init__(
        self,
        id: str,
        limits: tuple[Limit, ...],
        budget: Budget,
        *,
        facts: Facts,
        used: Used,
        wallets: Mapping[str, Wallet],
    ) -> None:
        self._id = id
        self._limits = limits
        self._budget = budget
        self._facts = facts
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
        points, reasons = granted.points, self._spent()
        if reasons:
            return nothing_of(granted, *reasons)
        for left, reason in self._lefts(granted.rule.wallet):
            if points > left:
                points = left
                reasons += (reason,)
                if reason.code.startswith("budget"):
                    self.short = reason
        paid = granted
        if reasons:
            paid = replace(
                granted,
                points=points,
                by_line=cut(granted.by_line, of=granted.points, to=points),
                reasons=granted.reasons + reasons,
            )
        if paid.gives:
            self._gave = True
            self._points += points
            self._minor += self._worth(points, granted.rule.wallet)
        return paid

    def counted(self) -> list[Counted]:
        """Return how the member's counters of the campaign's limits move."""
        moved = []
        for limit in self._limits if self._gave else ():
            by = 1 if limit.times is not None else self._points
            name = limit.counter(counter_of(self._id), self._facts)
            moved.append(Counted(name=name, by=by, until=self._facts.until(limit.per)))
        return moved

    def claims(self) -> list[Claim]:
        """Return what is taken of the campaign's budget."""
        budget = self._budget
        parts = (
            ("times", 1, budget.times),
            ("points", self._points, budget.points),
            ("minor", self._minor, budget.amount_minor),
        )
        return [Claim(shared_name(self._id, kind), by, most) for kind, by, most in parts if self._gave and by and most]

    def _spent(self) -> tuple[Reason, ...]:
        """Why the campaign gives nothing at all for the event, which counts once however many effects it has."""
        if self._gave:
            return ()
        reasons = []
        for limit in self._limits:
            used = self._counter(limit)
            if limit.times is not None and used >= limit.times:
                reasons.append(Reason(code="campaign-times", subject=limit.per, required=limit.times, actual=used))
        if self._budget.times is not None:
            used = self._used(shared_name(self._id, "times"))
            if used >= self._budget.times:
                self.short = Reason(code="budget-times", required=self._budget.times, actual=used)
                reasons.append(self.short)
        return tuple(reasons)

    def _lefts(self, wallet: str) -> list[tuple[int, Reason]]:
        """How many points of a wallet each limit and budget leaves, beside the reason that it is no more."""
        lefts = []
        for limit in self._limits:
            if limit.points is not None:
                used = self._counter(limit) + self._points
                reason = Reason(code="campaign-points", subject=limit.per, required=limit.points, actual=used)
                lefts.append((max(0, limit.points - used), reason))
        budget = self._budget
        if budget.points is not None:
            used = self._used(shared_name(self._id, "points")) + self._points
            reason = Reason(code="budget-points", required=budget.points, actual=used)
            lefts.append((max(0, budget.points - used), reason))
        if budget.amount_minor is not None:
            used = self._used(shared_name(self._id, "minor")) + self._minor
            reason = Reason(code="budget-money", required=budget.amount_minor, actual=used)
            lefts.append((self._points_for(max(0, budget.amount_minor - used), wallet), reason))
        return lefts

    def _counter(self, limit: Limit) -> int:
        return self._facts.state.counters.get(limit.counter(counter_of(self._id), self._facts), 0)

    def _worth(self, points: int, wallet: str) -> int:
        worth = self._wallets[wallet].worth if wallet in self._wallets else None
        return 0 if worth is None else divide(points * worth.amount_minor, worth.points, "ceiling")

    def _points_for(self, amount_minor: int, wallet: str) -> int:
        """How many points an amount pays: as many as are worth no more, rounded up."""
        worth = self._wallets[wallet].worth
        assert worth is not None, "the checks ask for the worth of what a budget of money pays"
        return amount_minor * worth.points // worth.amount_minor


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
