"""Everything that happened is read by id, as one story of a person, and from end to end."""

from datetime import timedelta

from regulars.db import events, members
from regulars.db.events import Place, RecordedEvent
from regulars.db.pool import Pool
from regulars.engine.events import Event
from regulars.engine.members import MemberState
from tests.db.memories import NOON, PROGRAMME, beginning, change, decided, event, member_id

ADA, BEA = member_id(1), member_id(2)
HER_OWN = [event(ADA, number, at=NOON + timedelta(hours=number)) for number in (1, 2, 3)]
HIS = [event(BEA, 1, at=NOON + timedelta(hours=2, minutes=30)), event(BEA, 2, at=NOON + timedelta(hours=1))]


async def remember(pool: Pool) -> None:
    async with pool.connection() as connection:
        for own in (HER_OWN, HIS):
            before = MemberState(member_id=own[0].member_id)
            await members.apply(connection, [change(before, *(decided(one, beginning(one)) for one in own))])


async def test_an_event_is_read_as_it_was_recorded(pool: Pool) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        found = await events.by_id(connection, PROGRAMME, HER_OWN[1].id)
        unknown = await events.by_id(connection, PROGRAMME, ADA)
        elsewhere = await events.by_id(connection, "other", HER_OWN[1].id)

    assert found == RecordedEvent(
        programme_id=PROGRAMME,
        event=HER_OWN[1],
        member_version=2,
        programme_version=1,
        answer=decided(HER_OWN[1], []).answer,
    )
    assert unknown is elsewhere is None


async def test_the_story_of_merged_members_is_one_in_the_order_of_time(pool: Pool) -> None:
    await remember(pool)

    async with pool.connection() as connection:
        story = await events.timeline(connection, PROGRAMME, [ADA, BEA], limit=10)

    assert [one.event for one in story] == [HER_OWN[2], HIS[0], HER_OWN[1], *_of_one_instant()]


def _of_one_instant() -> list[Event]:
    return sorted([HIS[1], HER_OWN[0]], key=lambda one: one.id, reverse=True)


async def test_a_story_is_read_page_by_page(pool: Pool) -> None:
    await remember(pool)
    pages, before = [], events.NEWEST

    async with pool.connection() as connection:
        while page := await events.timeline(connection, PROGRAMME, [ADA, BEA], before=before, limit=2):
            pages.append([one.event for one in page])
            before = Place(page[-1].event.occurred_at, page[-1].event.id)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [HER_OWN[2], HIS[0], HER_OWN[1], *_of_one_instant()]


async def test_everything_is_read_member_by_member_as_it_was_decided(pool: Pool) -> None:
    await remember(pool)

    async with pool.snapshot() as connection:
        count = await events.count(connection, PROGRAMME)
        told = [one async for one in events.stream(connection, PROGRAMME)]

    assert count == len(told) == 5
    for own in (HER_OWN, HIS):
        of_one = [one for one in told if one.event.member_id == own[0].member_id]
        assert [one.event for one in of_one] == own
        assert [one.member_version for one in of_one] == list(range(1, len(own) + 1))
