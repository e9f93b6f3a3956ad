"""A seat at a workshop, a webinar, a private sale: so many places, taken beforehand, and seen at the door."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from regulars.engine.programme import Count, Text
from regulars.engine.reasons import Reason
from regulars.engine.rewards import Reward


class EventSeat(Reward, frozen=True, kw_only=True, tag="event_seat"):
    """Give one of the `seats` of an event in `[doors_at, over_at)` at a `place`.

    Taking the reward is the answer to the invitation; using its voucher at the door says that the member came.
    Until `cancel_hours` before the doors open a seat can go back, and somebody else can have it.
    """

    seats: Count
    doors_at: datetime
    over_at: datetime
    place: Text = ""
    cancel_hours: Annotated[int, Meta(ge=0, le=8760)] = 24

    def __post_init__(self) -> None:
        if self.over_at <= self.doors_at:
            raise ValueError("over_at must be after doors_at")
        super().__post_init__()

    def claims(self) -> Mapping[str, int]:
        return {**super().claims(), f"reward/{self.id}/seats": self.seats}

    def end(self, issued_at: datetime, zone_name: str) -> datetime | None:
        end = super().end(issued_at, zone_name)
        return self.over_at if end is None else min(end, self.over_at)

    def use_at(self, at: datetime) -> Reason | None:
        if at < self.doors_at:
            return Reason(code="doors-not-open", required=self.doors_at.isoformat(), actual=at.isoformat())
        return None

    def back_at(self, at: datetime) -> Reason | None:
        last = self.doors_at - timedelta(hours=self.cancel_hours)
        return (
            Reason(code="too-late-to-cancel", required=last.isoformat(), actual=at.isoformat()) if at >= last else None
        )
