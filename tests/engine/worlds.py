"""Random programmes and random lives of three members, who buy, return, spend, hold, give and merge."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regulars.engine import mail
from regulars.engine.decide import Decision, decide
from regulars.engine.earning import Limit
from regulars.engine.effects import HoldOpened, OrderKept, Sent, SpendKept
from regulars.engine.events import (
    Adjust,
    Body,
    Capture,
    Describe,
    Event,
    Hold,
    Merge,
    Release,
    Restore,
    Return,
    ReturnedLine,
    Settle,
    Spend,
    Tender,
    Transfer,
)
from regulars.engine.members import MemberState
from regulars.engine.programme import (
    Basis,
    Debt,
    Expiry,
    Fixed,
    Inactivity,
    LateEvents,
    Never,
    Pending,
    Policies,
    Rolling,
    Scope,
    Wallet,
)
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from regulars.rules import action, first_purchase, product_bonus, spend, visit
from tests.engine.books import Accounts, accounts
from tests.engine.making import ALICE, BOB, CAROL, MONDAY_NOON, bought, did, event, line, member, running

PEOPLE = (ALICE, BOB, CAROL)

EXPIRIES: SearchStrategy[Expiry] = st.sampled_from(
    [
        Never(),
        Rolling(days=3, round_to="none"),
        Rolling(days=5),
        Rolling(months=1, round_to="month"),
        Fixed(month=5, day=6),
        Inactivity(days=4, round_to="none"),
        Inactivity(days=2),
    ]
)
WALLETS: SearchStrategy[Wallet] = st.builds(
    Wallet,
    pending=st.sampled_from([Pending(), Pending(days=2), Pending(days=1, until="midnight")]),
    expiry=EXPIRIES,
    debt=st.sampled_from([Debt(), Debt(limit=5), Debt(policy="clamp")]),
)
RULES = (
    spend.Spend(id="one_each", points=1, per_minor=100),
    spend.Spend(id="by_line", points=3, per_minor=700, rounding="half_even", rounding_level="line"),
    spend.Spend(id="carried", points=1, per_minor=5000, carry=True),
    product_bonus.ProductBonus(id="per_piece", scope=Scope(products=("product-1",)), points_per_unit=7),
    first_purchase.FirstPurchase(id="welcome", points=10),
    visit.Visit(id="stamp", nth=2, points=4, wallet="stamps", once_a_day=False),
    action.Action(id="check_in", event="checked_in", points=9, limits=(Limit(per="week", points=20),)),
    action.Action(id="stamp_too", event="checked_in", points=3, wallet="stamps"),
)


@st.composite
def programmes(draw: st.DrawFn, /, **more: Any) -> Running:
    """Draw a programme with two wallets and a rule of each kind; `more` is what it has besides."""
    policies = Policies(
        basis=Basis(tenders_excluded=("gift_card",)),
        whole_order_awards=draw(st.sampled_from(["when_all_returned", "proportional", "keep"])),
        late_events=LateEvents(window_days=draw(st.sampled_from([None, 3])), beyond="without_points"),
    )
    wallets = {"points": draw(WALLETS), "stamps": draw(WALLETS)}
    timezone = draw(st.sampled_from(["UTC", "Asia/Tokyo"]))
    return running(*RULES, wallets=wallets, policies=policies, timezone=timezone, **more)


class Move(NamedTuple):
    """Something that somebody tries; what `a` and `b` mean depends on the kind."""

    kind: str
    who: int
    hours: int
    a: int
    b: int


KINDS = (
    *("buy", "buy", "buy", "return", "return", "spend", "spend", "restore", "hold", "hold", "capture", "release"),
    *("capture", "restore", "adjust", "transfer", "check_in", "describe", "settle", "deliver"),
)
WITH_MERGES = (*KINDS, *KINDS, "merge")


def moves(*kinds: str, people: int = 3, hours_min: int = -30, size_max: int = 30) -> SearchStrategy[list[Move]]:
    """Draw a life; hours below nought are events that come late."""
    one = st.builds(
        Move,
        kind=st.sampled_from(kinds or KINDS),
        who=st.sampled_from([0, 0, 0, *range(people)]),
        hours=st.sampled_from([1, 2, 5, 11, 24, 30, hours_min, hours_min // 3]),
        a=st.integers(1, 40),
        b=st.integers(0, 40),
    )
    return st.lists(one, min_size=size_max // 2, max_size=size_max)


class World:
    """Three members of a programme, and what travels between them."""

    def __init__(self, programme: Running) -> None:
        self.programme = programme
        self.states = {id: member(id) for id in PEOPLE}
        self.sums: dict[UUID, Accounts] = {id: Counter() for id in PEOPLE}
        self.sent: list[Sent] = []
        self.now = MONDAY_NOON
        self.number = 0
        self.orders: dict[UUID, list[str]] = {id: [] for id in PEOPLE}
        self.spends: dict[UUID, list[UUID]] = {id: [] for id in PEOPLE}
        self.holds: dict[UUID, list[UUID]] = {id: [] for id in PEOPLE}

    def make(self, move: Move) -> Event:
        """Make the event of a move."""
        self.number += 1
        at = self.now + timedelta(hours=move.hours)
        self.now = max(self.now, at)
        if move.kind == "deliver" and self.sent:
            return self._delivery(self.sent.pop(move.a % len(self.sent)))
        who = PEOPLE[move.who]
        return event(self._body(move, who, at), at, number=self.number, member_id=who, recorded_at=self.now)

    def _delivery(self, sent: Sent) -> Event:
        to = self._lives_on_as(sent.member_id)
        return event(mail.read(sent.body), self.now, number=self.number, member_id=to, recorded_at=self.now)

    def _lives_on_as(self, who: UUID) -> UUID:
        """Return the membership that somebody's became, as whoever asks the engine looks it up."""
        while (into := self.states[who].merged_into) is not None:
            who = into
        return who

    def _body(self, move: Move, who: UUID, at: datetime) -> Body:
        kind, a, b = move.kind, move.a, move.b
        wallet = "stamps" if b % 5 == 4 else "points"
        match kind:
            case "buy":
                return self._purchase(who, a, b)
            case "return":
                lines = (ReturnedLine(id=str(1 + b % 2), quantity_milli=250 * (1 + b % 6)),) if b % 5 else ()
                return Return(order_id=self._order(who, a), lines=lines)
            case "spend":
                return Spend(wallet=wallet, amount=1 + a // 3)
            case "restore":
                return Restore(spend_id=_one_of(self.spends[who], a))
            case "hold":
                return Hold(wallet=wallet, amount=1 + a // 3, expires_at=at + timedelta(hours=4 * b))
            case "capture":
                return Capture(hold_id=_one_of(self.holds[who], a), amount=1 + b // 3 if b % 2 else None)
            case "release":
                return Release(hold_id=_one_of(self.holds[who], a))
            case "adjust":
                return Adjust(wallet=wallet, amount=a - b, reason="goodwill")
            case "transfer":
                return Transfer(wallet=wallet, amount=1 + a // 3, to_member=self._lives_on_as(PEOPLE[b % 3]))
            case "merge":
                return Merge(into_member=self._lives_on_as(PEOPLE[b % 3]))
            case "check_in":
                return did(place=a)
            case "describe":
                return Describe(attributes={f"likes_{a % 3}": b or None})
            case _:
                return Settle()

    def _purchase(self, who: UUID, a: int, b: int) -> Body:
        lines = [line("1", 800 * a, quantity_milli=1000 + 500 * (b % 3))]
        if b % 2:
            lines.append(line("2", 299 * b, discount_minor=b))
        tenders = [Tender(type="gift_card", amount_minor=50 * b)] if b % 4 == 3 else []
        return bought(*lines, id=self._order(who, 0), tenders=tenders, discount_minor=5 * b)

    def _order(self, who: UUID, number: int) -> str:
        """Name an order that is, the latest first, or the one to come: its return may come before it."""
        known = len(self.orders[who])
        return f"{who.hex[-4:]}-{known - number % (known + 1)}"

    def decide(self, made: Event) -> Decision | Refused:
        """Decide the event, without letting it happen."""
        return decide(self.programme, self.states[made.member_id], made)

    def happen(self, decision: Decision) -> None:
        """Let a decision happen: what it leads to is the member's state from now on."""
        after = decision.after
        who = after.member_id
        self.states[who] = after
        self.sums[who].update(accounts(decision.effects))
        for effect in decision.effects:
            match effect:
                case Sent():
                    self.sent.append(effect)
                case SpendKept(record):
                    self.spends[who].append(record.event_id)
                case HoldOpened(hold):
                    self.holds[who].append(hold.id)
                case OrderKept(record) if record.event_id is not None and record.order_id not in self.orders[who]:
                    self.orders[who].append(record.order_id)
                case _:
                    pass

    def live(self, life: list[Move]) -> list[tuple[Event, MemberState, Decision | Refused]]:
        """Live a life and return each event, the state it met and what came of it."""
        told = []
        for move in life:
            made = self.make(move)
            before = self.states[made.member_id]
            decision = self.decide(made)
            told.append((made, before, decision))
            if isinstance(decision, Decision):
                self.happen(decision)
        return told

    def total(self, wallet: str) -> int:
        """Return what all members have of a wallet, less what they owe, by the postings."""
        inside = ("available", "pending", "held", "debt")
        return sum(sums[wallet, account] for sums in self.sums.values() for account in inside)


def _one_of(ids: list[UUID], number: int) -> UUID:
    return ids[-1 - number % min(2, len(ids))] if ids else UUID(int=0)
