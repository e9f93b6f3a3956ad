"""Every call of version 1."""

from typing import Final

from litestar.handlers import HTTPRouteHandler

from regulars.web.api import (
    batches,
    checkouts,
    decisions,
    enrolment,
    events,
    history,
    holdings,
    keys,
    members,
    merging,
    plans,
    points,
    programme,
    rewards,
    segments,
    tiers,
    undoing,
    versions,
    vouchers,
)

HANDLERS: Final[tuple[HTTPRouteHandler, ...]] = (
    *programme.HANDLERS,
    *plans.HANDLERS,
    *versions.HANDLERS,
    *enrolment.HANDLERS,
    *members.HANDLERS,
    *merging.HANDLERS,
    *holdings.HANDLERS,
    *history.HANDLERS,
    *tiers.HANDLERS,
    *segments.HANDLERS,
    *points.HANDLERS,
    *undoing.HANDLERS,
    *rewards.HANDLERS,
    *vouchers.HANDLERS,
    *checkouts.HANDLERS,
    *events.HANDLERS,
    *batches.HANDLERS,
    *decisions.HANDLERS,
    *keys.HANDLERS,
)
