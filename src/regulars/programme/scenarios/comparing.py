"""What a page says beside what is: each difference with the line of the page that says otherwise."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from regulars.engine.points import Balance, Lot
from regulars.engine.progress import Progress
from regulars.engine.reasons import Outcome, Reason, Refused
from regulars.engine.reversing import Clawback
from regulars.engine.tiers import TierSet
from regulars.engine.vouchers import Voucher, VoucherState
from regulars.programme.scenarios import tiers
from regulars.programme.scenarios.cells import Units
from regulars.programme.scenarios.page import (
    ExpectedAward,
    ExpectedBalance,
    ExpectedClawback,
    ExpectedLot,
    ExpectedReason,
    ExpectedRefusal,
    ExpectedReward,
    ExpectedTier,
    ExpectedVoucher,
    Moment,
)

NOTHING = "nothing"


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that the page says, at its line, and that is not so; values as the page would write them."""

    line: int
    what: str
    expected: str
    actual: str


class Comparison(Struct, frozen=True):
    """Compares in the words and units of one page."""

    units: Units

    def balance(self, expected: ExpectedBalance, actual: Balance) -> Iterator[Difference]:
        """Yield the parts of a balance that differ."""
        who = f"{expected.member}'s {expected.wallet} {self._when(expected.moment)}"
        pairs = {name: (getattr(expected, name), getattr(actual, name)) for name in Balance.__struct_fields__}
        yield from self._pairs(expected.line, who, pairs, expected.wallet)

    def lots(self, expected: Sequence[ExpectedLot], actual: Sequence[Lot]) -> Iterator[Difference]:
        """Yield what differs between a member's lots and those that the page lists: one by one, in order."""
        for number, (row, lot) in enumerate(zip(expected, actual, strict=False), start=1):
            what = f"lot {number} of {row.member}'s {row.wallet} {self._when(row.moment)}"
            pairs: dict[str, tuple[object, object]] = {
                "points": (row.points, lot.remaining),
                "held": (row.held, lot.held),
            }
            if row.earned is not None:
                pairs["earned"] = (row.earned, lot.earned_at)
            if row.available is not None:
                pairs["available"] = (row.available, lot.available_at)
            if row.expires is not None:
                pairs["expires"] = (row.expires, lot.expires_at or "never")
            yield from self._pairs(row.line, what, pairs, row.wallet)
        if len(expected) != len(actual):
            what = f"lots of {expected[0].member}'s {expected[0].wallet} {self._when(expected[0].moment)}"
            listed = [self.units.shown(row.points, row.wallet) for row in expected]
            there = [self.units.shown(lot.remaining, lot.wallet) for lot in actual]
            yield Difference(line=expected[-1].line, what=what, expected=_joined(listed), actual=_joined(there))

    def vouchers(
        self, expected: Sequence[ExpectedVoucher], actual: Sequence[tuple[Voucher, VoucherState]]
    ) -> Iterator[Difference]:
        """Yield what differs between a member's vouchers and those that the page lists: one by one, in order."""
        rows = [row for row in expected if row.reward is not None]
        for number, (row, (voucher, state)) in enumerate(zip(rows, actual, strict=False), start=1):
            what = f"voucher {number} of {row.member} {self._when(row.moment)}"
            pairs: dict[str, tuple[object, object]] = {
                "reward": (row.reward, voucher.reward),
                "state": (row.state, state),
            }
            if row.until is not None:
                pairs["until"] = (row.until, voucher.valid_until or "never")
            if row.value_minor is not None:
                pairs["value"] = (row.value_minor, voucher.value_minor)
            yield from self._pairs(row.line, what, pairs, None)
        if len(rows) != len(actual):
            what = f"vouchers of {expected[0].member} {self._when(expected[0].moment)}"
            listed, there = [str(row.reward) for row in rows], [voucher.reward for voucher, _ in actual]
            yield Difference(line=expected[-1].line, what=what, expected=_joined(listed), actual=_joined(there))

    def rewards(self, expected: Sequence[ExpectedReward], actual: Sequence[tuple[str, str]]) -> Iterator[Difference]:
        """Yield what differs between what an event made of vouchers and what the page says of it, in any order."""
        if not expected:
            return
        left = Counter(actual)
        for row in expected:
            if left[row.reward, row.state] <= 0:
                what, said = f"rewards at event {row.event}", f"{row.reward} {row.state}"
                yield Difference(line=row.line, what=what, expected=said, actual=_counted(Counter(actual)))
            left[row.reward, row.state] -= 1
        if +left:
            what = f"rewards at event {expected[0].event}"
            yield Difference(line=expected[-1].line, what=what, expected=NOTHING, actual=_counted(+left))

    def tier(self, expected: ExpectedTier, actual: Progress, tier_set: TierSet) -> Iterator[Difference]:
        """Yield what differs between where a member stands and what the page says of it."""
        what = f"{expected.member}'s {expected.tier_set} {self._when(expected.moment)}"
        for name, said, found in tiers.told(expected, actual, self.units, tier_set):
            yield from self._pairs(expected.line, what, {name: (said, found)}, None)

    def awards(
        self, expected: Sequence[ExpectedAward], given: Sequence[Outcome], explained: Sequence[Outcome]
    ) -> Iterator[Difference]:
        """Yield what differs between an event's awards and the page's, which must name every rule that gave."""
        if not expected:
            return
        outcomes = {outcome.rule: outcome for outcome in explained}
        for row in expected:
            outcome = outcomes.get(row.rule)
            what = f"{row.rule} at event {row.event}"
            if outcome is None:
                yield Difference(line=row.line, what=what, expected="an award", actual="the rule was not in force")
                continue
            pairs = {"points": (row.points, outcome.value), "desired": (row.desired, outcome.desired_value)}
            yield from self._pairs(row.line, what, pairs, row.wallet)
            yield from _reasons(row, outcome.reasons)
        named = {row.rule for row in expected}
        for outcome in given:
            if outcome.rule not in named:
                value = self.units.shown(outcome.value, outcome.wallet)
                what = f"{outcome.rule} at event {expected[0].event}"
                yield Difference(line=expected[-1].line, what=what, expected=NOTHING, actual=value)

    def explanation(
        self, line: int, label: str, given: Sequence[Outcome], explained: Sequence[Outcome]
    ) -> Iterator[Difference]:
        """Yield what was answered of a rule and is explained otherwise."""
        outcomes = {outcome.rule: outcome for outcome in explained}
        for outcome in given:
            if outcomes.get(outcome.rule) != outcome:
                what = f"{outcome.rule} at event {label}, as explained"
                yield Difference(line=line, what=what, expected=str(outcome), actual=str(outcomes.get(outcome.rule)))

    def clawbacks(self, expected: Sequence[ExpectedClawback], actual: Sequence[Clawback]) -> Iterator[Difference]:
        """Yield what differs between what an event took back and what the page says of it."""
        if not expected:
            return
        taken = {clawback.rule: clawback for clawback in actual}
        for row in expected:
            clawback = taken.get(row.rule)
            pairs = {
                name: (getattr(row, name), 0 if clawback is None else getattr(clawback, name))
                for name in ("asked", "taken", "lapsed", "owed", "forgiven")
            }
            yield from self._pairs(row.line, f"{row.rule} taken back at event {row.event}", pairs, row.wallet)
        named = {row.rule for row in expected}
        for clawback in actual:
            if clawback.rule not in named:
                asked = self.units.shown(clawback.asked, clawback.wallet)
                what = f"{clawback.rule} taken back at event {expected[0].event}"
                yield Difference(line=expected[-1].line, what=what, expected=NOTHING, actual=asked)

    def refusal(self, expected: ExpectedRefusal, actual: object) -> Iterator[Difference]:
        """Yield what differs between a refusal and what was answered."""
        what = f"event {expected.event}"
        if not isinstance(actual, Refused):
            yield Difference(line=expected.line, what=what, expected=f"refused: {expected.code}", actual="accepted")
            return
        pairs: dict[str, tuple[object, object]] = {"code": (expected.code, actual.code)}
        pairs |= {name: (_fact(value), _fact(actual.detail.get(name))) for name, value in expected.detail.items()}
        yield from self._pairs(expected.line, what, pairs, None)

    def _pairs(
        self, line: int, what: str, pairs: Mapping[str, tuple[object, object]], wallet: str | None
    ) -> Iterator[Difference]:
        for name, (expected, actual) in pairs.items():
            if expected != actual:
                yield Difference(
                    line=line,
                    what=f"{what}: {name}",
                    expected=self.units.shown(expected, wallet),
                    actual=self.units.shown(actual, wallet),
                )

    def _when(self, moment: Moment) -> str:
        return f"at {self.units.shown(moment.at)}"


def _reasons(row: ExpectedAward, actual: Sequence[Reason]) -> Iterator[Difference]:
    same = len(row.reasons) == len(actual) and all(map(_matches, row.reasons, actual))
    if not same:
        yield Difference(
            line=row.line,
            what=f"{row.rule} at event {row.event}: reasons",
            expected=_joined([_spelled(one.code, one.actual, one.required) for one in row.reasons]),
            actual=_joined([_spelled(one.code, one.actual, one.required) for one in actual]),
        )


def _matches(expected: ExpectedReason, actual: Reason) -> bool:
    numbers = (_fact(actual.actual), _fact(actual.required))
    return expected.code == actual.code and (expected.actual is None or (expected.actual, expected.required) == numbers)


def _spelled(code: str, actual: object, required: object) -> str:
    return code if actual is None and required is None else f"{code} {_fact(actual)} of {_fact(required)}"


def _fact(value: object) -> str:
    """Return a reason's number, word or list of words as the page writes it: without a blank."""
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _counted(states: Counter[tuple[str, str]]) -> str:
    return _joined([f"{reward} {state}" for reward, state in sorted(states.elements())])


def _joined(words: Sequence[str]) -> str:
    return "; ".join(words) or NOTHING
