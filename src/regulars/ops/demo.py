"""The demo: a year of real groceries under any template, told through the same ingestion as everything else."""

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
from regulars.ops.examples import Template, template, templates
from regulars.ops.installation import now
from regulars.ops.mistakes import WRONG_INPUT, Mistake
from regulars.ops.progress import Advance, progress
from regulars.ops.speaking import say
from regulars.web.scopes import SCOPES

TEMPLATE: Final = "grocery"
"""The template that is made for the data; its categories are those of the purchases."""

CURRENCY: Final = "USD"
"""In which the purchases were paid."""

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
    template: Template

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the load did so that the purchases fit the template."""
        currency = self.template.document.currency
        said = []
        if currency != CURRENCY:
            said.append(
                f"The purchases were paid in {CURRENCY}; here they are told in {currency}, the numbers as they are."
            )
        if self.template.open_to_the_past() is not None:
            said.append(
                "For the year that was loaded the programme was open to events of any age; now it is as written."
            )
        return tuple(said)


def choose(name: str) -> Template:
    """Return the template that the purchases are to be told to.

    Raises: Mistake, where there is none of the name, and where its currency has other minor units.
    """
    chosen = template(name)
    if not chosen.takes_money_of(CURRENCY):
        currency = chosen.document.currency
        raise Mistake(f"the purchases are in cents, which {currency} has not; choose another template than {name}")
    return chosen


async def prepare(memory: Memory, home: Path, households: int | None, chosen: Template) -> Example:
    """Apply a template and load the purchases of so many households (all for None), unless they are there.

    Raises: Mistake, beside programmes that are none of the demo's; DataMissing and DuckdbMissing, when there is
    nothing to load from.
    """
    await _stay_alone(memory, home)
    path = _story_of(home, chosen.name)
    story = await _still_true(memory, Story.read(path), chosen.name)
    if not story.covers(households):
        total = completejourney.count(households)
        story.keep(path)
        await _apply(memory, chosen, story.told_at)
        with progress("loading purchases", total, done=story.baskets, unit="baskets") as advance:
            story = await _load(memory, chosen, story, path, households, advance)
    return await _example(memory, home, chosen, story)


def _story_of(home: Path, name: str) -> Path:
    return home / ("demo.json" if name == TEMPLATE else f"demo-{name}.json")


async def _apply(memory: Memory, chosen: Template, told_at: datetime) -> None:
    """Let the template be in force for the whole year, and as it is written from the load on."""
    opened = chosen.open_to_the_past()
    await apply_programme(memory, opened or chosen.text, starts_at=told_at - _HISTORY, now=now())
    if opened is not None:
        await apply_programme(memory, chosen.text, starts_at=told_at, now=now())


async def _stay_alone(memory: Memory, home: Path) -> None:
    """Refuse to be beside programmes of which no story tells: theirs are real members."""
    ours = {one for one in templates() if _story_of(home, one).exists()}
    async with memory.pool.connection() as connection:
        others = [one.programme_id for one in await programmes.every(connection) if one.programme_id not in ours]
    if others:
        raise Mistake(
            f"this installation runs {', '.join(others)}; give the demo a home of its own, such as "
            "REGULARS_HOME=demo regulars demo",
            WRONG_INPUT,
        )


async def _still_true(memory: Memory, story: Story, programme_id: str) -> Story:
    """Return the story, or a new one where the database is not the one that it is about."""
    async with memory.pool.connection() as connection:
        recorded = await events.count(connection, programme_id)
    return story if recorded >= story.baskets else Story(told_at=now())


async def _load(
    memory: Memory, chosen: Template, story: Story, path: Path, households: int | None, advance: Advance
) -> Story:
    told = islice(completejourney.baskets(households, story.told_at), story.baskets, None)
    for chunk in chunks(told, _CHUNK):
        outcomes = await tell_all(memory, chosen.name, list(_told(chunk, chosen.document.currency)))
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


def _told(chunk: list[Incoming], currency: str) -> Iterator[Told]:
    for incoming in chunk:
        assert incoming.order is not None, "all that is told are purchases"
        told = told_of(replace(incoming, order=replace(incoming.order, currency=currency)))
        assert isinstance(told, Told), "the data set was checked when its reader was written"
        yield told


async def _example(memory: Memory, home: Path, chosen: Template, story: Story) -> Example:
    identity = Identity("external_id", story.household)
    hash = identity_hash(memory.keyring, chosen.name, identity)
    async with memory.pool.connection() as connection:
        member = (await members.resolve(connection, chosen.name, [hash]))[hash]
        (latest,) = await events.timeline(connection, chosen.name, [member], type="purchase", limit=1)
        recorded = await events.count(connection, chosen.name)
    file = home / ("demo-key" if chosen.name == TEMPLATE else f"demo-{chosen.name}-key")
    return Example(
        key=await _key(memory, chosen.name, file),
        key_file=file,
        household=story.household,
        event_id=latest.event.id.hex,
        events=recorded,
        template=chosen,
    )


async def _key(memory: Memory, programme_id: str, file: Path) -> str:
    """Return the demo's key for the API; it is kept, unlike any other, as the demo has nothing to protect."""
    kept = private.kept_text(file)
    at = now()
    async with memory.pool.connection() as connection:
        known = await keys.find(connection, secret_hash(kept)) if kept else None
    if known is not None and known.opens(at):
        return kept
    made = await make_key(memory, programme_id, name="demo", scopes=SCOPES, now=at)
    private.replace_text(file, made.secret)
    return made.secret
