"""Makers of programmes, events and members for the tests of the engine: short words, sensible defaults."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from regulars.engine.campaigns import Campaign
from regulars.engine.conditions import STANDARD, CheckedCondition, check
from regulars.engine.decide import Decision, decide
from regulars.engine.earning import Rule
from regulars.engine.effects import Claimed
from regulars.engine.events import Action, Body, Event, Line, Order, Purchase, Return, ReturnedLine, Tender
from regulars.engine.members import MemberState
from regulars.engine.points import Balance
from regulars.engine.programme import Policies, Shop, Wallet
from regulars.engine.reasons import Refused
from regulars.engine.rewards import Reward
from regulars.engine.running import Conditions, Running
from regulars.engine.tiers import TierSet
from regulars.rules.spend import Spend

ALICE = UUID("0197a000-0000-7000-8000-00000000a11c")
BOB = UUID("0197a000-0000-7000-8000-0000000000b0")
CAROL = UUID("0197a000-0000-7000-8000-00000000ca01")

MONDAY_NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
"""4 May 2026 is a Monday."""

ONE_EACH = Spend(id="one_each", points=1, per_minor=100)
"""A point for every whole euro."""

TYPES = {
    "Enrol": "member.enrolled",
    "Describe": "member.described",
    "Spend": "points.spent",
    "Restore": "points.restored",
    "Hold": "points.held",
    "Capture": "hold.captured",
    "Release": "hold.released",
    "Adjust": "points.adjusted",
    "Transfer": "points.transferred",
    "Convert": "points.converted",
    "Receive": "points.received",
    "Merge": "member.merged",
    "Absorb": "member.absorbed",
    "Settle": "member.settled",
    "Issue": "reward.issued",
    "Reserve": "reward.reserved",
    "Use": "reward.used",
    "Undo": "reward.undone",
    "Purchase": "purchase",
    "Return": "return",
}


def running(
    *rules: Rule,
    wallet: Wallet | None = None,
    wallets: dict[str, Wallet] | None = None,
    policies: Policies | None = None,
    timezone: str = "UTC",
    shops: dict[str, Shop] | None = None,
    version: int = 1,
    rewards: Sequence[Reward] = (),
    tiers: Sequence[TierSet] = (),
    campaigns: Sequence[Campaign] = (),
    lists: Sequence[str] = (),
) -> Running:
    """Make a programme in euros with one wallet, `points`, unless others are given."""
    return Running(
        id="club",
        version=version,
        timezone=timezone,
        currency="EUR",
        wallets=wallets or {"points": wallet or Wallet()},
        policies=policies or Policies(),
        shops=shops or {},
        rules=rules,
        rewards=rewards,
        conditions=Conditions(rules={rule.id: _checked(rule) for rule in rules if rule.when is not None}),
        tiers=tiers,
        campaigns=campaigns,
        lists=lists,
    )


def _checked(rule: Rule) -> CheckedCondition:
    assert rule.when is not None
    [type, *_] = rule.event_types()
    checked = check(rule.when, STANDARD.for_event(type))
    assert isinstance(checked, CheckedCondition), checked
    return checked


def member(id: UUID = ALICE) -> MemberState:
    """Make somebody who joined on New Year's Day of 2026 and has done nothing since."""
    return MemberState(member_id=id, version=1, standing="active", enrolled_at=datetime(2026, 1, 1, tzinfo=UTC))


def line(id: str = "1", amount: int = 1000, **more: object) -> Line:
    """Make a line of an order; `amount` in cents."""
    return Line(id=id, product=f"product-{id}", amount_minor=amount, **more)  # type: ignore[arg-type]


def order(*lines: Line | int, id: str = "A1", tenders: Sequence[Tender] = (), **more: object) -> Order:
    """Make an order of lines, or of bare amounts in cents, which become lines 1, 2, 3…"""
    made = [given if isinstance(given, Line) else line(str(n), given) for n, given in enumerate(lines, 1)]
    return Order(id=id, currency="EUR", lines=tuple(made), tenders=tuple(tenders), **more)  # type: ignore[arg-type]


def bought(*lines: Line | int, id: str = "A1", tenders: Sequence[Tender] = (), **more: object) -> Purchase:
    """Make a purchase of such an order."""
    return Purchase(order=order(*lines, id=id, tenders=tenders, **more))


def gave_back(order_id: str = "A1", **quantities: int) -> Return:
    """Make a return; `line_2=1000` gives back a quantity of one of line 2, nothing named everything."""
    lines = [ReturnedLine(id=name.removeprefix("line_"), quantity_milli=milli) for name, milli in quantities.items()]
    return Return(order_id=order_id, lines=tuple(lines))


def did(**data: str | int | bool | None) -> Action:
    """Make an event of the brand's own."""
    return Action(data=data)


def event(
    body: Body,
    at: datetime = MONDAY_NOON,
    *,
    number: int = 1,
    member_id: UUID = ALICE,
    type: str | None = None,
    recorded_at: datetime | None = None,
    channel: str = "web",
    shop: str = "",
) -> Event:
    """Make an event; `number` tells it from the test's other events."""
    return Event(
        id=UUID(int=(0x0197A100_0000 << 80) | (0x7 << 76) | (0x2 << 62) | number),
        member_id=member_id,
        type=type or TYPES.get(body.__class__.__name__, "checked_in"),
        source="till",
        source_id=str(number),
        occurred_at=at,
        recorded_at=recorded_at or at,
        body=body,
        channel=channel,
        shop=shop,
    )


class Story:
    """A member's story: one event after the other, each of which must be decided."""

    def __init__(self, programme: Running, state: MemberState | None = None) -> None:
        self.programme = programme
        self.state = state or member()
        self.number = 0
        self.shared: dict[str, int] = {}

    def tell(self, body: Body, at: datetime = MONDAY_NOON, **more: object) -> Decision:
        """Let the event happen; it must not be refused."""
        decision = self.ask(body, at, **more)
        assert isinstance(decision, Decision), decision
        self.state = decision.after
        for effect in decision.effects:
            if isinstance(effect, Claimed):
                self.shared[effect.name] = self.shared.get(effect.name, 0) + effect.by
        return decision

    def refuse(self, body: Body, at: datetime = MONDAY_NOON, **more: object) -> Refused:
        """Return why the event is refused; it must be."""
        refused = self.ask(body, at, **more)
        assert isinstance(refused, Refused), refused
        return refused

    def ask(self, body: Body, at: datetime = MONDAY_NOON, **more: object) -> Decision | Refused:
        """Return what the event would do."""
        self.number += 1
        made = event(body, at, number=self.number, member_id=self.state.member_id, **more)  # type: ignore[arg-type]
        return decide(self.programme, self.state, made, self.shared)

    def balance(self, at: datetime = MONDAY_NOON, wallet: str = "points") -> Balance:
        """Return the balance at an instant."""
        return self.state.balance(wallet, at)

    def available(self, at: datetime = MONDAY_NOON, wallet: str = "points") -> int:
        """Return what can be spent at an instant."""
        return self.balance(at, wallet).available


def days(number: float) -> timedelta:
    """Return so many times 24 hours."""
    return timedelta(days=number)
