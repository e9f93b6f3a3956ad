"""The demo: a year of real groceries, told through the very same ingestion as everything else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from regulars.actions.memory import Memory
from regulars.actions.recognising import identity_hash
from regulars.actions.telling import Told, told_of
from regulars.connectors.identities import Identity
from regulars.connectors.incoming import Incoming
from regulars.connectors.sources import completejourney
from regulars.db import events, keys, members, programmes
from regulars.db.sealing import secret_hash
from regulars.engine.reasons import Refused
from regulars.ops import private
from regulars.ops.administering import apply_programme, make_key
from regulars.ops.chunks import chunks, tell_all
from regulars.ops.examples import example
from regulars.ops.installation import now
from regulars.ops.mistakes import WRONG_INPUT, Mistake
from regulars.ops.progress import Advance, progress
from regulars.ops.speaking import say
from regulars.web.scopes import SCOPES

PROGRAMME: Final = "grocery"
_CHUNK: Final = 2_000
# The purchases lie within the last year; the programme is in force for all of them.
_HISTORY: Final = timedelta(days=500)


class Story(Struct, frozen=True, kw_only=True):
    """What the demo has loaded, kept in the home: `baskets` of them, up to the end of `households` households.

    `households` is -1 for all of them, and 0 while the first load is under way. `told_at` is when the first
    load began: the year ends there however late it is finished. `household` is the member shown as an example.
    """

    told_at: datetime
    baskets: int = 0
    households: int = 0
    household: str = ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the story that is kept, or one that has not begun."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return cls(told_at=now())

    def keep(self, path: Path) -> None:
        """Write it down, whole."""
        private.replace_text(path, msgspec.json.encode(self).decode())

    def covers(self, households: int | None) -> bool:
        """Return whether so many households are loaded already, all for None."""
        return self.households == -1 or (households is not None and households <= self.households)


class Example(Struct, frozen=True, kw_only=True):
    """What the suggestions need: a key for the API, a household, and the decision on its latest purchase."""

    key: str
    key_file: Path
    household: str
    event_id: str
    events: int


async def prepare(memory: Memory, home: Path, households: int | None) -> Example:
    """Apply the programme and load the purchases of so many households (all for None), unless they are there.

    Raises: Mistake, beside other programmes; DataMissing and DuckdbMissing, when there is nothing to load from.
    """
    await _stay_alone(memory)
    path = home / "demo.json"
    story = await _still_true(memory, Story.read(path))
    if not story.covers(households):
        total = completejourney.count(households)
        await apply_programme(memory, example("grocery/programme.yaml"), starts_at=story.told_at - _HISTORY, now=now())
        with progress("loading purchases", total, done=story.baskets, unit="baskets") as advance:
            story = await _load(memory, story, path, households, advance)
    return await _example(memory, home, story)


async def _stay_alone(memory: Memory) -> None:
    async with memory.pool.connection() as connection:
        others = [one.programme_id for one in await programmes.every(connection) if one.programme_id != PROGRAMME]
    if others:
        raise Mistake(
            f"this installation runs {', '.join(others)}; give the demo a home of its own, such as "
            "REGULARS_HOME=demo regulars demo",
            WRONG_INPUT,
        )


async def _still_true(memory: Memory, story: Story) -> Story:
    """Return the story, or a new one where the database is not the one that it is about."""
    async with memory.pool.connection() as connection:
        recorded = await events.count(connection, PROGRAMME)
    return story if recorded >= story.baskets else Story(told_at=now())


async def _load(memory: Memory, story: Story, path: Path, households: int | None, advance: Advance) -> Story:
    told = islice(completejourney.baskets(households, story.told_at), story.baskets, None)
    for chunk in chunks(told, _CHUNK):
        outcomes = await tell_all(memory, PROGRAMME, list(_told(chunk)))
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        if refused:
            say(f"{len(refused)} baskets were refused: {', '.join(sorted({one.code for one in refused}))}")
        member = chunk[0].member
        assert member is not None, "every basket names its household"
        household = story.household or member.external_id or ""
        story = replace(story, baskets=story.baskets + len(chunk), household=household)
        story.keep(path)
        advance(len(chunk))
    story = replace(story, households=-1 if households is None else households)
    story.keep(path)
    return story


def _told(chunk: list[Incoming]) -> Iterator[Told]:
    for incoming in chunk:
        told = told_of(incoming)
        assert isinstance(told, Told), "the data set was checked when its reader was written"
        yield told


async def _example(memory: Memory, home: Path, story: Story) -> Example:
    identity = Identity("external_id", story.household)
    hash = identity_hash(memory.keyring, PROGRAMME, identity)
    async with memory.pool.connection() as connection:
        member = (await members.resolve(connection, PROGRAMME, [hash]))[hash]
        (latest,) = await events.timeline(connection, PROGRAMME, [member], type="purchase", limit=1)
        recorded = await events.count(connection, PROGRAMME)
    file = home / "demo-key"
    return Example(
        key=await _key(memory, file),
        key_file=file,
        household=story.household,
        event_id=latest.event.id.hex,
        events=recorded,
    )


async def _key(memory: Memory, file: Path) -> str:
    """Return the demo's key for the API; it is kept, unlike any other, as the demo has nothing to protect."""
    kept = private.kept_text(file)
    at = now()
    async with memory.pool.connection() as connection:
        known = await keys.find(connection, secret_hash(kept)) if kept else None
    if known is not None and known.opens(at):
        return kept
    made = await make_key(memory, PROGRAMME, name="demo", scopes=SCOPES, now=at)
    private.replace_text(file, made.secret)
    return made.secret
