"""Random lives in which members also take rewards, climb levels, and share stock, codes and a budget."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from regulars.engine.budgets import Budget
from regulars.engine.campaigns import Campaign
from regulars.engine.decide import Decision, decide
from regulars.engine.earning import Limit
from regulars.engine.effects import Claimed, VoucherKept
from regulars.engine.events import Body, Chosen, Describe, Event, Issue, Purchase, Reserve, Undo, Use
from regulars.engine.measures import Earned, Needs
from regulars.engine.programme import Rolling, Scope
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from regulars.engine.tiers import ActivityPeriod, Level, RollingPeriod, TierSet
from regulars.rewards.amount_off import AmountOff
from regulars.rewards.free_product import FreeProduct
from regulars.rewards.gift_card import GiftCard
from regulars.rewards.partner_code import PartnerCode
from regulars.rules import action, spend
from tests.engine.worlds import PEOPLE, WITH_MERGES, Move, World, programmes

CODES: Final = 3
"""How many codes the pool has."""
LISTS: Final = ("press", "staff")
RICH: Final = (
    *WITH_MERGES,
    *("buy", "buy", "buy", "issue", "issue", "issue", "issue", "use", "use", "undo", "undo", "undo", "reserve"),
    *("reserve", "list", "settle", "deliver", "merge"),
)
REWARDS: Final = (
    AmountOff(id="off", price=4, amount_minor=100, valid=Rolling(days=4, round_to="none"), stock=5),
    FreeProduct(
        id="mug",
        price=2,
        scope=Scope(products=("mug",)),
        limits=(Limit(per="week", times=3),),
        on_return="points",
        stock=4,
    ),
    PartnerCode(id="film", price=1, pool="cinema"),
    GiftCard(id="card", price=3, into="stamps", amount_minor=5),
    AmountOff(id="gift", amount_minor=50, stock=3, refund="always"),
)
_LEVELS: Final = (
    Level(id="bronze", enter=Needs(all={"points": 20})),
    Level(id="gold", enter=Needs(all={"points": 90})),
)
TIERS: Final = (
    TierSet(
        id="friends",
        measures={"points": Earned(wallet="points")},
        period=RollingPeriod(days=3),
        levels=_LEVELS,
    ),
    TierSet(
        id="fans",
        measures={"points": Earned(wallet="points")},
        period=ActivityPeriod(days=2),
        levels=_LEVELS,
    ),
)
SALE: Final = Campaign(
    id="sale",
    budget=Budget(points=120, times=6),
    effects=(
        spend.Spend(id="sale_bonus", points=1, per_minor=300),
        action.Action(id="sale_visit", event="checked_in", points=2),
    ),
)


def rich_programmes() -> SearchStrategy[Running]:
    """Draw a programme with rewards, tiers and a campaign beside its rules."""
    return st.sampled_from([(), TIERS[:1], TIERS]).flatmap(
        lambda tiers: programmes(rewards=REWARDS, tiers=tiers, campaigns=(SALE,), lists=LISTS)
    )


class RichWorld(World):
    """A world that knows what its members share, and who has which vouchers."""

    def __init__(self, programme: Running) -> None:
        super().__init__(programme)
        self.shared: dict[str, int] = {"pool/cinema/size": CODES}
        self.vouchers: dict[UUID, list[UUID]] = {id: [] for id in PEOPLE}

    def decide(self, made: Event) -> Decision | Refused:
        return decide(self.programme, self.states[made.member_id], made, self.shared)

    def happen(self, decision: Decision) -> None:
        super().happen(decision)
        for effect in decision.effects:
            match effect:
                case Claimed(name=name, by=by):
                    self.shared[name] = self.shared.get(name, 0) + by
                case VoucherKept(voucher) if voucher.id not in self.vouchers[decision.after.member_id]:
                    self.vouchers[decision.after.member_id].append(voucher.id)
                case _:
                    pass

    def _body(self, move: Move, who: UUID, at: datetime) -> Body:
        a, b = move.a, move.b
        chosen = Chosen(reward=REWARDS[a % len(REWARDS)].id)
        voucher = self._voucher(who, a)
        match move.kind:
            case "use" | "undo" if not self.vouchers[who]:
                return Issue(chosen=chosen)
            case "issue":
                return Issue(chosen=chosen, redeem=b % 4 == 0)
            case "use":
                return Use(voucher_id=voucher, order_id=self._order(who, 1) if b % 2 else None)
            case "undo" if b % 5 == 0:
                return Undo(order_id=self._order(who, 0))
            case "undo":
                return Undo(voucher_id=voucher, to="voucher" if b % 3 == 0 else "points", reversal=b % 2 == 0)
            case "reserve":
                until = at + timedelta(hours=1 + 3 * b)
                vouchers = (voucher,) if b % 3 == 0 else ()
                return Reserve(order_id=self._order(who, 0), until=until, chosen=(chosen,), vouchers=vouchers)
            case "list":
                return Describe(attributes={}, lists={LISTS[a % 2]: b % 3 > 0})
            case "buy" if b % 6 == 5:
                purchase = self._purchase(who, a, b)
                assert isinstance(purchase, Purchase), "who buys makes a purchase"
                return Purchase(order=purchase.order, vouchers=(voucher,))
            case _:
                return super()._body(move, who, at)

    def _voucher(self, who: UUID, number: int) -> UUID:
        known = self.vouchers[who]
        return known[-1 - number % min(3, len(known))] if known else UUID(int=0)
