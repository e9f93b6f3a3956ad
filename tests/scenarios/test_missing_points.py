"""What the page of the two wallets tells in prose: how many points are missing for the reward that is out of reach."""

from msgspec.structs import replace

from regulars.engine.events import Event, Settle
from regulars.engine.offering import offers
from regulars.programme.scenarios.page import page_id
from regulars.programme.scenarios.platform import Alone
from tests.scenarios.pages import EXAMPLES, page_at

PAGE = page_at(EXAMPLES / "wallets" / "scenarios" / "checkout-and-back.md")


def test_sixty_points_are_missing_until_enough_of_them_have_waited() -> None:
    first, asked = PAGE.told[:2]
    platform = Alone(PAGE)
    platform.tell(first)
    running = PAGE.version(asked.occurred_at).running
    event = Event(
        id=page_id("event", "asked"),
        member_id=page_id("member", "Ada"),
        type="member.settled",
        source="page",
        source_id="asked",
        occurred_at=asked.occurred_at,
        recorded_at=asked.occurred_at,
        body=Settle(),
        channel="web",
    )

    def missing(at: Event) -> dict[str, int]:
        found = offers(running, platform.member("Ada", at.occurred_at), at, {})
        return {offer.reward: offer.missing for offer in found}

    assert missing(event) == {"ten_percent": 0, "ten_euros": 60}
    # While they wait, points are missing as if they had not been earned.
    waiting = first.occurred_at
    assert missing(replace(event, occurred_at=waiting, recorded_at=waiting)) == {"ten_percent": 0, "ten_euros": 150}
