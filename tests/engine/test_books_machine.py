"""The engine's books against a second opinion, through random lives of one member told in order."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from regulars.engine.decide import Decision
from regulars.engine.events import Adjust, Body, Capture, Hold, Release, Restore, Return, ReturnedLine, Settle, Spend
from regulars.engine.programme import Debt, Expiry, Inactivity, Never, Pending, Rolling, Wallet
from regulars.engine.reasons import Refused
from regulars.rules import spend
from tests.engine.making import MONDAY_NOON, Story, bought, line, running
from tests.engine.oracle import Model

BY_LINE = spend.Spend(id="by_line", points=1, per_minor=100, rounding_level="line")
AMOUNTS = st.integers(1, 60)


Known = tuple[UUID, str]
"""A spend or a hold: how the engine names it, and the model."""


class BooksMachine(RuleBasedStateMachine):
    """Tells the engine and the model the same story and compares what they think of it."""

    orders: Bundle[str] = Bundle("orders")
    spends: Bundle[Known] = Bundle("spends")
    holds: Bundle[Known] = Bundle("holds")

    @initialize(
        wait=st.sampled_from([0, 2]),
        life=st.sampled_from(["never", "rolling", "quiet"]),
        debt=st.sampled_from([Debt(), Debt(limit=5), Debt(policy="clamp")]),
    )
    def begin(self, wait: int, life: str, debt: Debt) -> None:
        expiries: dict[str, Expiry] = {
            "never": Never(),
            "rolling": Rolling(days=6, round_to="none"),
            "quiet": Inactivity(days=5, round_to="none"),
        }
        self.story = Story(
            running(BY_LINE, wallet=Wallet(pending=Pending(days=wait), expiry=expiries[life], debt=debt))
        )
        self.model = Model(
            waits=timedelta(days=wait),
            lives=timedelta(days=6) if life == "rolling" else None,
            quiet_span=timedelta(days=5) if life == "quiet" else None,
            may_owe=0 if debt.policy == "clamp" else debt.limit,
        )
        self.now = MONDAY_NOON
        self.lines: dict[str, tuple[int, int]] = {}
        self.back: dict[str, list[int]] = {}

    def tell(self, body: Body) -> Decision | Refused:
        self.model.advance(self.now)
        answer = self.story.ask(body, self.now)
        if isinstance(answer, Decision):
            self.story.state = answer.after
        return answer

    @rule(hours=st.integers(1, 80))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(target=orders, first=st.integers(0, 9_999), second=st.integers(0, 9_999))
    def buy(self, first: int, second: int) -> str:
        id = f"A{len(self.lines)}"
        lines = (line("1", first, quantity_milli=4000), line("2", second, quantity_milli=4000))
        assert isinstance(self.tell(bought(*lines, id=id)), Decision)
        self.lines[id], self.back[id] = (first // 100, second // 100), [0, 0]
        self.model.come(first // 100 + second // 100, self.now, order=id)
        self.model.active(self.now)
        return id

    @rule(order=orders, which=st.integers(0, 1), quantity=st.integers(1, 4))
    def give_back(self, order: str, which: int, quantity: int) -> None:
        answer = self.tell(
            Return(order_id=order, lines=(ReturnedLine(id=str(which + 1), quantity_milli=quantity * 1000),))
        )
        back = self.back[order]
        if back[which] + quantity > 4:
            assert isinstance(answer, Refused)
            return
        assert isinstance(answer, Decision)
        before = self._reversed(order)
        back[which] += quantity
        self.model.reverse(order, self._reversed(order) - before, self.now)

    def _reversed(self, order: str) -> int:
        return sum(points * back // 4 for points, back in zip(self.lines[order], self.back[order], strict=True))

    @rule(target=spends, amount=AMOUNTS)
    def spend(self, amount: int) -> Known | MultipleResults[Known]:
        answer = self.tell(Spend(wallet="points", amount=amount))
        if self.model.available(self.now) < amount:
            assert isinstance(answer, Refused)
            assert answer.detail["available"] == self.model.available(self.now)
            return multiple()
        assert isinstance(answer, Decision)
        name = str(answer.event_id)
        self.model.spends[name] = self.model.take(amount, self.now)
        return answer.event_id, name

    @rule(spent=consumes(spends))
    def restore(self, spent: Known) -> None:
        assert isinstance(self.tell(Restore(spend_id=spent[0])), Decision)
        self.model.put_back(self.model.spends.pop(spent[1]), self.now)

    @rule(target=holds, amount=AMOUNTS, hours=st.integers(1, 200))
    def hold(self, amount: int, hours: int) -> Known | MultipleResults[Known]:
        until = self.now + timedelta(hours=hours)
        answer = self.tell(Hold(wallet="points", amount=amount, expires_at=until))
        if self.model.available(self.now) < amount:
            assert isinstance(answer, Refused)
            return multiple()
        assert isinstance(answer, Decision)
        assert answer.result.hold_id is not None
        name = str(answer.result.hold_id)
        self.model.holds[name] = (until, self.model.take(amount, self.now))
        return answer.result.hold_id, name

    @rule(target=spends, held=holds, amount=st.none() | AMOUNTS)
    def capture(self, held: Known, amount: int | None) -> Known | MultipleResults[Known]:
        answer = self.tell(Capture(hold_id=held[0], amount=amount))
        _, parts = self.model.holds.get(held[1], (self.now, []))
        whole = sum(part for _, part in parts)
        if not parts or (amount or whole) > whole:
            assert isinstance(answer, Refused)
            return multiple()
        assert isinstance(answer, Decision)
        del self.model.holds[held[1]]
        left, captured = amount or whole, []
        for pot, part in parts:
            used = min(part, left)
            left -= used
            captured.append((pot, used))
            self.model.put_back([(pot, part - used)], self.now)
        name = str(answer.event_id)
        self.model.spends[name] = captured
        return answer.event_id, name

    @rule(held=holds)
    def release(self, held: Known) -> None:
        answer = self.tell(Release(hold_id=held[0]))
        assert isinstance(answer, Decision) == (held[1] in self.model.holds)
        if isinstance(answer, Decision):
            self.model.let_go(held[1], self.now)

    @rule(amount=st.integers(-40, 40).filter(bool))
    def adjust(self, amount: int) -> None:
        answer = self.tell(Adjust(wallet="points", amount=amount, reason="goodwill"))
        if amount > 0:
            assert isinstance(answer, Decision)
            self.model.come(amount, self.now, order="", waits=timedelta())
        elif self.model.available(self.now) < -amount:
            assert isinstance(answer, Refused)
        else:
            assert isinstance(answer, Decision)
            self.model.take(-amount, self.now)

    @precondition(lambda self: self.story.number > 0)
    @rule()
    def sweep(self) -> None:
        assert isinstance(self.tell(Settle()), Decision)

    @invariant()
    def the_balances_agree(self) -> None:
        balance = self.story.balance(self.now)
        self.model.advance(self.now)
        model = self.model
        assert (balance.available, balance.pending, balance.held, balance.debt) == (
            model.available(self.now),
            model.pending(),
            model.held(),
            model.debt,
        )


TestBooks = BooksMachine.TestCase
