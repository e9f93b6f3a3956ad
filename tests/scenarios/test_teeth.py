from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from regulars.programme.scenarios import run_page
from regulars.programme.scenarios.page import (
    Expected,
    ExpectedAward,
    ExpectedBalance,
    ExpectedClawback,
    ExpectedLot,
    ExpectedNote,
    ExpectedRefusal,
    ExpectedRepeat,
    ExpectedReward,
    ExpectedTier,
    ExpectedVoucher,
    Page,
)
from tests.scenarios.altering import wrong_pages
from tests.scenarios.pages import PATHS, page_at, page_name

every_page = pytest.mark.parametrize("path", PATHS, ids=page_name)


@every_page
def test_every_number_of_a_page_is_compared(path: Path) -> None:
    for page in wrong_pages(page_at(path)):
        altered = {expected.line for expected in page.expected}

        told = {difference.line for difference in run_page(page)}

        assert altered <= told


def test_a_row_left_out_is_missed() -> None:
    left_out = 0
    for page in map(page_at, PATHS):
        for expected in filter(partial(is_missed, page), page.expected):
            left_out += 1
            shorter = replace(page, expected=tuple(one for one in page.expected if one is not expected))

            assert run_page(shorter), f"{page.name}:{expected.line}"
    assert left_out > len(PATHS)


def is_missed(page: Page, expected: Expected) -> bool:
    """Tell whether the page would be wrong without the row: always, or where something is left of its group."""
    match expected:
        case ExpectedAward(event=event, desired=desired):
            group = [one for one in page.expected if isinstance(one, ExpectedAward) and one.event == event]
            return len(group) > 1 and desired > 0
        case ExpectedClawback(event=event, asked=asked):
            taken = [one for one in page.expected if isinstance(one, ExpectedClawback) and one.event == event]
            return len(taken) > 1 and asked > 0
        case ExpectedLot(moment=moment, member=member, wallet=wallet):
            lots = [one for one in page.expected if isinstance(one, ExpectedLot)]
            return sum((lot.moment, lot.member, lot.wallet) == (moment, member, wallet) for lot in lots) > 1
        case ExpectedVoucher(moment=moment, member=member):
            there = [one for one in page.expected if isinstance(one, ExpectedVoucher)]
            return sum((one.moment, one.member) == (moment, member) for one in there) > 1
        case ExpectedReward(event=event):
            touched = [one for one in page.expected if isinstance(one, ExpectedReward) and one.event == event]
            return len(touched) > 1
        case ExpectedRefusal() | ExpectedRepeat():
            return True
        case ExpectedBalance() | ExpectedTier() | ExpectedNote():
            return False
