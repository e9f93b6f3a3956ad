"""What a member has beside points becomes rows: days, tiers, vouchers and lists, as the batch leaves them."""

from datetime import date, datetime
from uuid import UUID

from regulars.db import tables
from regulars.engine.effects import DayCounted, Listed, TierKept, VoucherKept
from regulars.engine.standing import TierState
from regulars.engine.vouchers import Voucher


class BenefitRows:
    """What the decisions on a member left beside points; days hold what is to be added to them."""

    def __init__(self) -> None:
        self._days: dict[date, dict[str, int]] = {}
        self._tiers: dict[str, TierState] = {}
        self._vouchers: dict[UUID, Voucher] = {}
        self._lists: dict[str, bool] = {}

    @property
    def any(self) -> bool:
        """Whether there is anything that loading the member has to look for from now on."""
        return bool(self._tiers or self._vouchers or self._lists)

    def note(self, effect: DayCounted | TierKept | VoucherKept | Listed) -> None:
        """Take down what an effect left."""
        match effect:
            case DayCounted(day, name, by):
                facts = self._days.setdefault(day, {})
                facts[name] = facts.get(name, 0) + by
            case TierKept(tier_set, state):
                self._tiers[tier_set] = state
            case VoucherKept(voucher):
                self._vouchers[voucher.id] = voucher
            case Listed(name, on):
                self._lists[name] = on

    def write(self, rows: tables.Rows, owner: tuple[int, UUID, str]) -> None:
        """Add the rows of the member that `owner` names: bucket, member and programme."""
        for day, facts in sorted(self._days.items()):
            rows.count_days.append(tables.DayRow(*owner, day=day, facts=facts))
        for name, tier in sorted(self._tiers.items()):
            rows.keep_tiers.append(
                tables.TierRow(
                    *owner, tier_set=name, level=tier.level, until=tier.until, next_at=tier.next_at, record=tier
                )
            )
        for _, voucher in sorted(self._vouchers.items()):
            rows.keep_vouchers.append(_voucher(owner, voucher))
        for name, on in sorted(self._lists.items()):
            (rows.put_on_lists if on else rows.take_off_lists).append(tables.ListRow(*owner, name=name))


def _voucher(owner: tuple[int, UUID, str], voucher: Voucher) -> tables.VoucherRow:
    return tables.VoucherRow(
        *owner,
        voucher_id=voucher.id,
        reward=voucher.reward,
        state=voucher.state,
        event_id=voucher.event_id,
        order_id=voucher.order_id,
        valid_until=voucher.valid_until,
        due_at=_due_at(voucher),
        record=voucher,
    )


def _due_at(voucher: Voucher) -> datetime | None:
    """Return when the clock ends a voucher or its reservation, whichever comes first."""
    ends = (voucher.valid_until, voucher.reserved_until if voucher.state == "reserved" else None)
    return min((end for end in ends if end is not None), default=None) if voucher.open else None
