"""A scenario page is played, event by event, and whatever differs from what it says is told."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from msgspec.structs import replace

from regulars.engine.progress import progress
from regulars.engine.reasons import Refused
from regulars.programme.scenarios.comparing import NOTHING, Comparison, Difference
from regulars.programme.scenarios.page import (
    ExpectedAnswer,
    ExpectedAward,
    ExpectedBalance,
    ExpectedClawback,
    ExpectedLook,
    ExpectedLot,
    ExpectedNote,
    ExpectedRefusal,
    ExpectedRepeat,
    ExpectedReward,
    ExpectedTier,
    ExpectedVoucher,
    Page,
    Told,
)
from regulars.programme.scenarios.platform import Alone, Answer, Platform
from regulars.programme.scenarios.vouchers import in_hand

Row = TypeVar("Row", bound=ExpectedAnswer)


def run_page(page: Page, platform: Platform | None = None, *, sweeping: bool = False) -> tuple[Difference, ...]:
    """Return what differs from the page when it is played on a platform: the engine by itself by default.

    With `sweeping` what is due is posted before every event and every look, as by a sweeper that never
    sleeps, which must make no difference.
    """
    play = _Play(page, platform or Alone(page), sweeping=sweeping)
    return tuple(sorted(play.differences(), key=lambda difference: difference.line))


class _Play:
    def __init__(self, page: Page, platform: Platform, *, sweeping: bool) -> None:
        self._page = page
        self._platform = platform
        self._sweeping = sweeping
        self._comparison = Comparison(page.units)
        self._answers: dict[str, Answer | Refused] = {}

    def differences(self) -> Iterator[Difference]:
        """Yield what differs, while the events are told and the page's looks are taken between them."""
        yield from self._looks(0)
        for number, told in enumerate(self._page.told, start=1):
            if self._sweeping:
                self._platform.settle(told.recorded_at)
            self._answers[told.label] = self._platform.tell(told)
            yield from self._looks(number)
        for told in self._page.told:
            yield from self._answered(told, self._answers[told.label])

    def _looks(self, events: int) -> Iterator[Difference]:
        """Yield what differs in what is looked at after so many events, in the order of the instants."""
        looks = [one for one in self._page.expected if isinstance(one, ExpectedLook) and one.moment.events == events]
        for at, together in groupby(sorted(looks, key=lambda look: look.moment.at), key=lambda look: look.moment.at):
            if self._sweeping:
                self._platform.settle(at)
            rows = list(together)
            for row in rows:
                if isinstance(row, ExpectedBalance):
                    yield from self._comparison.balance(row, self._platform.balance(row.member, row.wallet, at))
                elif isinstance(row, ExpectedTier):
                    yield from self._stands(row, at)
            vouchers = [row for row in rows if isinstance(row, ExpectedVoucher)]
            for member in dict.fromkeys(row.member for row in vouchers):
                there = in_hand(self._platform.member(member, at), at)
                yield from self._comparison.vouchers([row for row in vouchers if row.member == member], there)
            lots = [row for row in rows if isinstance(row, ExpectedLot)]
            for member, wallet in dict.fromkeys((row.member, row.wallet) for row in lots):
                listed = [row for row in lots if (row.member, row.wallet) == (member, wallet)]
                yield from self._comparison.lots(listed, self._platform.lots(member, wallet, at))

    def _stands(self, row: ExpectedTier, at: datetime) -> Iterator[Difference]:
        running = self._page.version(at).running
        tier_set = next(one for one in running.tiers if one.id == row.tier_set)
        found = progress(running, self._platform.member(row.member, at), at)
        actual = next(one for one in found if one.tier_set == row.tier_set)
        yield from self._comparison.tier(row, actual, tier_set)

    def _answered(self, told: Told, answer: Answer | Refused) -> Iterator[Difference]:
        """Yield what differs between an event's answer and what the page says of the event."""
        refusals = self._about(ExpectedRefusal, told)
        for refusal in refusals:
            yield from self._comparison.refusal(refusal, answer)
        awards, clawbacks = self._about(ExpectedAward, told), self._about(ExpectedClawback, told)
        notes, rewards = self._about(ExpectedNote, told), self._about(ExpectedReward, told)
        about: list[ExpectedAnswer] = [*rewards, *awards, *clawbacks, *notes, *self._about(ExpectedRepeat, told)]
        if isinstance(answer, Refused):
            actual = f"refused: {answer.code} {dict(answer.detail)}"
            lines = [row.line for row in about] or ([] if refusals else [told.line])
            for line in lines:
                yield Difference(line=line, what=f"event {told.label}", expected="accepted", actual=actual)
            return
        yield from self._repeated(told, answer)
        explained = self._platform.explain(told.label)
        yield from self._comparison.explanation(told.line, told.label, answer.outcomes, explained)
        yield from self._comparison.awards(awards, answer.outcomes, explained)
        yield from self._comparison.clawbacks(clawbacks, answer.clawbacks)
        yield from self._comparison.rewards(rewards, answer.rewards)
        for note in notes:
            if note.note != answer.note:
                what, actual = f"note at event {note.event}", answer.note or NOTHING
                yield Difference(line=note.line, what=what, expected=note.note, actual=actual)

    def _about(self, kind: type[Row], told: Told) -> list[Row]:
        return [one for one in self._page.expected if isinstance(one, kind) and one.event == told.label]

    def _repeated(self, told: Told, answer: Answer) -> Iterator[Difference]:
        """An event told again is answered with what was recorded of the first, unless that was refused."""
        expected = self._about(ExpectedRepeat, told)
        line = expected[0].line if expected else told.line
        of = expected[0].of if expected else told.repeats
        first = self._answers[of] if of is not None else None
        recorded = isinstance(first, Answer)
        if recorded != answer.repeated:
            words = {True: "answered as a repeat", False: "answered as new"}
            what = f"event {told.label}"
            yield Difference(line=line, what=what, expected=words[recorded], actual=words[answer.repeated])
        elif isinstance(first, Answer) and replace(first, repeated=True) != answer:
            yield Difference(line=line, what=f"event {told.label}", expected=f"the answer to {of}", actual=str(answer))
