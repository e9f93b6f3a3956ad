"""Campaigns that stand beside each other: all count, the best, the first, or one that suffers no other."""

from collections.abc import Callable, Mapping, Sequence
from math import lcm
from typing import Final, Literal

from msgspec import Struct

from regulars.engine.earning import Granted
from regulars.engine.programme import Text, Wallet
from regulars.engine.reasons import Reason

WHOLE_ORDER: Final = -1
"""Stands among the lines for what belongs to the event as a whole."""


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How campaigns of one group stand beside each other when several would give something for the same event.

    `all` of them count; only the `best` for the member, by points or by what they are worth; the `first` that gives
    anything, by priority and then in the order of the document; or `exclusive`: the first, and beside it no campaign
    of any group. Rules outside campaigns always count. With the scope `line` it is decided for each line of the
    order, and for what belongs to no line, by itself.
    """

    name: Text = ""
    mode: Literal["all", "best", "first", "exclusive"] = "all"
    scope: Literal["cart", "line"] = "cart"


class Bar(Struct, frozen=True):
    """A campaign may not give anything (`lines` is none), or nothing on some lines, and why.

    With `only` it may give nothing on any other lines than these.
    """

    reason: Reason
    lines: Mapping[int, Reason] | None = None
    only: frozenset[int] | None = None

    @property
    def whole(self) -> bool:
        """Whether the campaign may give nothing at all."""
        return self.lines is None

    def why(self, line: int) -> Reason | None:
        """Return why the campaign may give nothing on a line, if so."""
        if self.lines is None or (self.only is not None and line not in self.only):
            return self.reason if self.lines is None else self.lines.get(line, self.reason)
        return self.lines.get(line)


_BY_ITSELF: Final = Reason(code="nothing-by-itself")

Bars = dict[str, Bar]
Trial = Callable[[str], Sequence[Granted]]
"""What a campaign would give, by its id, if it had no rival."""


def rivals_barred(
    group: Group, rivals: Sequence[str], others: Sequence[str], trial: Trial, wallets: Mapping[str, Wallet]
) -> Bars:
    """Return which campaigns may not give what, of the rivals in a group, in their order, and of the others.

    A rival that has nothing to give by itself gives nothing, so that it cannot live on what its rivals give. The
    others are barred by a group that is exclusive alone.
    """
    worths = _worths({rival: trial(rival) for rival in rivals}, wallets)
    if group.scope == "cart":
        worths = {rival: {WHOLE_ORDER: sum(worth.values())} if worth else {} for rival, worth in worths.items()}
    winners: dict[int, str] = {}
    for line in dict.fromkeys(line for worth in worths.values() for line in worth):
        offers = {rival: worth[line] for rival, worth in worths.items() if line in worth}
        winners[line] = max(offers, key=offers.__getitem__) if group.mode == "best" else next(iter(offers))
    bars = {rival: bar for rival in rivals if (bar := _bar(group, rival, winners)) is not None}
    if group.mode == "exclusive" and winners:
        lost = {line: _lost(group, winner) for line, winner in winners.items()}
        bars |= {other: Bar(next(iter(lost.values())), _lines(group, lost)) for other in others}
    return bars


def joined(bars: Bars, more: Bars) -> Bars:
    """Return the bars of both, where whole ones go before those on lines."""
    found = dict(bars)
    for campaign, bar in more.items():
        before = found.get(campaign)
        if before is None or bar.lines is None:
            found[campaign] = bar
        elif before.lines is not None:
            only = before.only if bar.only is None else bar.only if before.only is None else before.only & bar.only
            found[campaign] = Bar(before.reason, {**bar.lines, **before.lines}, only)
    return found


def _bar(group: Group, rival: str, winners: Mapping[int, str]) -> Bar | None:
    """Return what a rival may not give, if anything: all that it has not won."""
    won = frozenset(line for line, winner in winners.items() if winner == rival)
    lost = {line: _lost(group, winner) for line, winner in winners.items() if winner != rival}
    if not won:
        return Bar(next(iter(lost.values()), _BY_ITSELF))
    return None if group.scope == "cart" else Bar(next(iter(lost.values()), _BY_ITSELF), lost, won)


def _lines(group: Group, lost: Mapping[int, Reason]) -> Mapping[int, Reason] | None:
    return None if group.scope == "cart" else lost


def _lost(group: Group, winner: str) -> Reason:
    match group.mode:
        case "best":
            return Reason(code="another-was-better", subject=winner)
        case "exclusive":
            return Reason(code="another-is-exclusive", subject=winner)
        case "first" | "all":
            return Reason(code="another-was-first", subject=winner)


def _worths(given: Mapping[str, Sequence[Granted]], wallets: Mapping[str, Wallet]) -> dict[str, dict[int, int]]:
    """Return what each campaign's grants are worth by line, all in one measure: points, or their wallets' worth.

    What is no points is worth 1, so that it can be first but hardly best.
    """
    names = {granted.rule.wallet for grants in given.values() for granted in grants if granted.points}
    factors = dict.fromkeys(names, 1)
    if len(names) > 1:
        worths = {name: worth for name in names if (worth := wallets[name].worth) is not None}
        measure = lcm(*(worth.points for worth in worths.values()))
        factors |= {name: worth.amount_minor * measure // worth.points for name, worth in worths.items()}
    return {campaign: _by_line(grants, factors) for campaign, grants in given.items()}


def _by_line(grants: Sequence[Granted], factors: Mapping[str, int]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for granted in grants:
        lines = granted.by_line or {WHOLE_ORDER: granted.points}
        for line, points in lines.items():
            if points:
                sums[line] = sums.get(line, 0) + points * factors[granted.rule.wallet]
        if granted.rewards or granted.attributes:
            sums[WHOLE_ORDER] = sums.get(WHOLE_ORDER, 0) + 1
    return sums
