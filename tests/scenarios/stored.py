"""The platform itself, with its database, as a scenario page sees it."""

import re
from asyncio import Runner
from collections.abc import Coroutine, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from regulars.actions import programmes
from regulars.actions.answers import EventAnswer
from regulars.actions.coding import fill_pool
from regulars.actions.deciding import Answered
from regulars.actions.deliver import deliver_of
from regulars.actions.explaining import explain_event
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.merging import merge
from regulars.actions.sweep import sweep
from regulars.actions.telling import Told, told_of
from regulars.actions.verifying import verify
from regulars.connectors.incoming import Incoming, IncomingReturn, MemberReference
from regulars.db import members
from regulars.db.members import Wanted
from regulars.db.sealing import Keyring
from regulars.db.verify import Breach
from regulars.engine.events import (
    Action,
    Body,
    Capture,
    Merge,
    Purchase,
    Release,
    Reserve,
    Restore,
    Return,
    Transfer,
    Undo,
    Use,
)
from regulars.engine.ids import internal
from regulars.engine.members import MemberState
from regulars.engine.points import Balance, Lot
from regulars.engine.reasons import Outcome, Refused
from regulars.engine.reversing import Clawback
from regulars.programme.scenarios import page as pages
from regulars.programme.scenarios.page import Page, held_by, page_id
from regulars.programme.scenarios.platform import Answer, live_lots
from regulars.programme.scenarios.vouchers import known_as

SECRET = b"the secret of these scenarios, only"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Result = TypeVar("Result")


class Database:
    """A migrated database with many programmes in it, and the loop in which it is spoken to."""

    def __init__(self, url: str) -> None:
        self._runner = Runner()
        self.memory = Memory(url, Keyring(SECRET), connections=2)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return what the work comes to."""
        return self._runner.run(work)

    def broken(self) -> tuple[Breach, ...]:
        """Return which promises are broken in it."""
        return self.run(verify(self.memory))

    def close(self) -> None:
        """Let go of it."""
        self.run(self.memory.close())
        self._runner.close()


class Stored:
    """Plays a page through the actions that the API, the files and the command line use.

    The page's programme gets an id of its own, so that many pages can be played on one database.
    """

    def __init__(self, database: Database, page: Page, programme_id: str) -> None:
        self._run = database.run
        self._memory = database.memory
        self._page = page
        self._programme = programme_id
        self._members: dict[str, UUID] = {}
        self._ids: dict[UUID, UUID] = {}
        self._events: dict[str, UUID] = {}
        self._texts: dict[UUID, bytes] = {}
        self._swept = LONG_AGO
        self._run(self._apply())

    def tell(self, told: pages.Told) -> Answer | Refused:
        """Tell the platform, and have delivered what the event sends to other members."""
        return self._run(self._tell(told))

    def settle(self, now: datetime) -> None:
        """Let the sweeper post all that is due by now."""
        self._run(self._sweep(now))

    def balance(self, member: str, wallet: str, at: datetime) -> Balance:
        """Return a member's balance, as memory has it."""
        return self._run(self._state(member, at)).balance(wallet, at)

    def lots(self, member: str, wallet: str, at: datetime) -> Sequence[Lot]:
        """Return a member's live lots, as memory has them."""
        return live_lots(self._run(self._state(member, at)), wallet, at)

    def member(self, member: str, at: datetime) -> MemberState:
        """Return what memory knows of a member."""
        return self._run(self._state(member, at))

    def explain(self, label: str) -> tuple[Outcome, ...]:
        """Return what the platform explains of a recorded event."""
        explained = self._run(explain_event(self._memory, self._programme, self._events[label]))
        assert explained is not None, f"event {label} was accepted"
        return explained.outcomes

    async def _apply(self) -> None:
        for version in self._page.versions:
            text = re.sub(r"^id:.*", f"id: {self._programme}", version.text, flags=re.MULTILINE)
            starts_at = version.starts_at or LONG_AGO
            async with self._memory.pool.transaction() as connection:
                applied = await programmes.apply(
                    self._memory, connection, text, by="page", starts_at=starts_at, now=LONG_AGO
                )
            assert not isinstance(applied, Refused), applied
        for pool, size in self._page.pools.items():
            await fill_pool(self._memory, self._programme, pool, (f"CODE-{number}" for number in range(size)))

    async def _tell(self, told: pages.Told) -> Answer | Refused:
        now = told.recorded_at
        outcome = await self._outcome(told, now)
        if isinstance(outcome, Refused):
            return outcome
        await deliver_of(self._memory, outcome.member_id, outcome.event_id, now=now)
        assert self._texts.setdefault(outcome.event_id, outcome.text) == outcome.text, "the answer has changed"
        answer = msgspec.json.decode(outcome.text, type=EventAnswer)
        self._note(told, outcome, answer)
        return _answer(answer, repeated=outcome.repeated)

    async def _outcome(self, told: pages.Told, now: datetime) -> Answered | Refused:
        if isinstance(told.body, Merge):
            assert told.member is not None, "a merge is of somebody"
            one, other = self._ids[page_id("member", told.member)], self._ids[told.body.into_member]
            source, source_id = told.source, told.source_id
            return await merge(self._memory, self._programme, one, other, source=source, source_id=source_id, now=now)
        (outcome,) = await ingest(self._memory, self._programme, [self._told(told)], now=now)
        return outcome

    def _note(self, told: pages.Told, outcome: Answered, answer: EventAnswer) -> None:
        """Remember by which ids the platform knows what the page calls by names and labels."""
        self._events[told.label] = outcome.event_id
        self._ids[page_id("event", told.label)] = outcome.event_id
        if told.member is not None:
            self._members[told.member] = outcome.member_id
            self._ids[page_id("member", told.member)] = outcome.member_id
        rewards = [reward.id for version in self._page.versions for reward in version.running.rewards]
        self._ids |= known_as(page_id("event", told.label), outcome.event_id, rewards)
        if isinstance(answer.hold, str):
            self._ids[held_by(told.label)] = internal("hld", answer.hold)

    def _told(self, told: pages.Told) -> Told:
        member = MemberReference(external_id=told.member) if told.member is not None else None
        match told.body:
            case Purchase() | Return() | Action() as body:
                made = told_of(
                    Incoming(
                        type=told.type,
                        source=told.source,
                        source_id=told.source_id,
                        member=member,
                        occurred_at=told.occurred_at,
                        channel=told.channel,
                        shop=told.shop,
                        associate=told.associate,
                        order=body.order if isinstance(body, Purchase) else None,
                        returned=IncomingReturn(order_id=body.order_id, lines=body.lines)
                        if isinstance(body, Return)
                        else None,
                        data=body.data if isinstance(body, Action) else None,
                    )
                )
                assert isinstance(made, Told), f"a page's events make sense: {made}"
                return replace(made, body=self._meant(body)) if isinstance(body, Purchase) else made
            case body:
                return Told(
                    type=told.type,
                    source=told.source,
                    source_id=told.source_id,
                    member=member,
                    occurred_at=told.occurred_at,
                    channel=told.channel,
                    shop=told.shop,
                    associate=told.associate,
                    body=self._meant(body),
                )

    def _meant(self, body: Body) -> Body:
        """Return the body with the platform's ids in place of the page's."""
        match body:
            case Restore(spend_id=id):
                return replace(body, spend_id=self._ids.get(id, id))
            case Capture(hold_id=id) | Release(hold_id=id):
                return replace(body, hold_id=self._ids.get(id, id))
            case Use(voucher_id=id):
                return replace(body, voucher_id=self._ids.get(id, id))
            case Undo(voucher_id=UUID() as id):
                return replace(body, voucher_id=self._ids.get(id, id))
            case Reserve(vouchers=ids) | Purchase(vouchers=ids):
                return replace(body, vouchers=tuple(self._ids.get(id, id) for id in ids))
            case Transfer(to_member=id):
                return replace(body, to_member=self._ids.get(id, id))
            case _:
                return body

    async def _sweep(self, now: datetime) -> None:
        while (await sweep(self._memory, now=now, inactive_since=self._swept)).settled:
            pass
        self._swept = now

    async def _state(self, member: str, at: datetime) -> MemberState:
        if member not in self._members:
            return MemberState(member_id=page_id("member", member))
        async with self._memory.pool.connection() as connection:
            id = await members.survivor(connection, self._programme, self._members[member])
            back = timedelta(days=self._page.version(at).running.days_back + 2)
            wanted = Wanted(member_id=id, since=at.date(), days_from=max(date(1970, 1, 1), at.date() - back))
            loaded = await members.load(connection, self._programme, [wanted])
        return loaded[id].state


def _answer(answer: EventAnswer, *, repeated: bool) -> Answer:
    return Answer(
        event_id=internal("evt", answer.event),
        outcomes=tuple(
            Outcome(
                rule=award.rule,
                applied=bool(award.value or award.rewards or award.attributes),
                wallet=award.wallet,
                value=award.value,
                desired_value=award.desired_value,
                reasons=award.reasons,
                rewards=award.rewards or (),
                attributes=award.attributes or {},
            )
            for award in answer.awards
        ),
        clawbacks=tuple(
            Clawback(
                rule=one.rule,
                wallet=one.wallet,
                asked=one.asked,
                taken=one.taken,
                lapsed=one.lapsed,
                owed=one.owed,
                forgiven=one.forgiven,
            )
            for one in answer.reversed
        ),
        rewards=tuple((one.reward, one.state) for one in answer.vouchers) if answer.vouchers is not UNSET else (),
        note=answer.note if isinstance(answer.note, str) else None,
        repeated=repeated,
    )
