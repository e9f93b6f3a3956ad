"""First come, first served, and these come first: products before they are there for everybody."""

from datetime import datetime

from regulars.engine.programme import Scope
from regulars.engine.reasons import Reason
from regulars.engine.rewards import Reward


class EarlyAccess(Reward, frozen=True, kw_only=True, tag="early_access"):
    """Let the member buy what `scope` names from `opens_at` on, before it is there for everybody at `public_at`.

    The shop asks for the member's vouchers, or uses one, and lets those in who have one.
    """

    scope: Scope
    opens_at: datetime
    public_at: datetime

    def __post_init__(self) -> None:
        if self.public_at <= self.opens_at:
            raise ValueError("public_at must be after opens_at")
        super().__post_init__()

    def end(self, issued_at: datetime, zone_name: str) -> datetime | None:
        end = super().end(issued_at, zone_name)
        return self.public_at if end is None else min(end, self.public_at)

    def use_at(self, at: datetime) -> Reason | None:
        if at < self.opens_at:
            return Reason(code="not-open-yet", required=self.opens_at.isoformat(), actual=at.isoformat())
        return None
