"""A page with its expectations made wrong, one value of each at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from regulars.programme.scenarios.page import (
    Expected,
    ExpectedAward,
    ExpectedBalance,
    ExpectedClawback,
    ExpectedLot,
    ExpectedNote,
    ExpectedReason,
    ExpectedRefusal,
    ExpectedRepeat,
    ExpectedReward,
    ExpectedTier,
    ExpectedVoucher,
    Page,
)


def wrong_pages(page: Page) -> Iterator[Page]:
    """Yield the page with the first value of every expectation altered, then with the second, and so on.

    An expectation that has no such value any more is left out.
    """
    altered = [list(wrong(expected)) for expected in page.expected]
    for number in range(max(map(len, altered))):
        yield replace(page, expected=tuple(one[number] for one in altered if number < len(one)))


def wrong(expected: Expected) -> Iterator[Expected]:
    """Yield the expectation with each of its values altered, by one where it is a number."""
    match expected:
        case ExpectedBalance():
            yield replace(expected, available=expected.available + 1)
            yield replace(expected, pending=expected.pending + 1)
            yield replace(expected, held=expected.held + 1)
            yield replace(expected, debt=expected.debt + 1)
        case ExpectedLot():
            yield replace(expected, points=expected.points + 1)
            yield replace(expected, held=expected.held + 1)
            yield from _wrong_dates(expected)
        case ExpectedTier():
            yield from _wrong_tier(expected)
        case ExpectedVoucher():
            yield from _wrong_voucher(expected)
        case ExpectedReward():
            yield replace(expected, reward="another")
            yield replace(expected, state="another")
        case ExpectedAward():
            yield replace(expected, points=expected.points + 1)
            yield replace(expected, desired=expected.desired + 1)
            yield replace(expected, reasons=(*expected.reasons, ExpectedReason(code="another-reason")))
            yield from _wrong_reasons(expected)
        case ExpectedClawback():
            yield replace(expected, asked=expected.asked + 1)
            yield replace(expected, taken=expected.taken + 1)
            yield replace(expected, lapsed=expected.lapsed + 1)
            yield replace(expected, owed=expected.owed + 1)
            yield replace(expected, forgiven=expected.forgiven + 1)
        case ExpectedRefusal():
            yield replace(expected, code="another-code")
            for name in expected.detail:
                yield replace(expected, detail=expected.detail | {name: "another"})
        case ExpectedRepeat():
            pass  # it holds no number; that it is compared shows where it is left out
        case ExpectedNote():
            yield replace(expected, note="another note")


def _wrong_tier(expected: ExpectedTier) -> Iterator[Expected]:
    second = timedelta(seconds=1)
    yield replace(expected, level="another")
    if expected.until is not None:
        yield replace(expected, until="ever" if isinstance(expected.until, datetime) else expected.moment.at)
    if isinstance(expected.until, datetime):
        yield replace(expected, until=expected.until + second)
    if expected.falls_to is not None:
        yield replace(expected, falls_to="another")
    if expected.missing is not None:
        yield replace(expected, missing="another")
    if expected.by is not None:
        yield replace(expected, by=expected.moment.at - second)
    if expected.to_keep is not None:
        yield replace(expected, to_keep="another")


def _wrong_voucher(expected: ExpectedVoucher) -> Iterator[Expected]:
    yield replace(expected, reward="another")
    if expected.reward is None:
        return
    yield replace(expected, state="another")
    if expected.until is not None:
        yield replace(expected, until="never" if isinstance(expected.until, datetime) else expected.moment.at)
    if expected.value_minor is not None:
        yield replace(expected, value_minor=expected.value_minor + 1)


def _wrong_dates(expected: ExpectedLot) -> Iterator[Expected]:
    second = timedelta(seconds=1)
    if expected.earned is not None:
        yield replace(expected, earned=expected.earned + second)
    if expected.available is not None:
        yield replace(expected, available=expected.available + second)
    if expected.expires == "never":
        yield replace(expected, expires=expected.moment.at)
    elif expected.expires is not None:
        yield replace(expected, expires=expected.expires + second)
        yield replace(expected, expires="never")


def _wrong_reasons(expected: ExpectedAward) -> Iterator[Expected]:
    for number, reason in enumerate(expected.reasons):
        others = [*expected.reasons[:number], *expected.reasons[number + 1 :]]
        yield replace(expected, reasons=tuple(others))
        if reason.actual is not None:
            yield replace(expected, reasons=(*others, replace(reason, actual="another")))
            yield replace(expected, reasons=(*others, replace(reason, required="another")))
