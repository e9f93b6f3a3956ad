"""A process of its own that does errands on a shared database, all at once: run as `python -m tests.races.racer`.

It reads one assignment a line, says that it is ready, and begins when it is told to, so that several processes
begin together. Nothing is shared between them but the database.
"""

import asyncio
import sys
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from regulars.actions.deciding import Answered
from regulars.actions.deliver import deliver
from regulars.actions.ingest import ingest
from regulars.actions.memory import Memory
from regulars.actions.merging import merge
from regulars.actions.sweep import sweep
from regulars.actions.telling import Told
from regulars.db.sealing import Keyring
from regulars.engine.reasons import Refused

SECRET = b"0123456789abcdef0123456789abcdef"


class Tell(Struct, tag=True):
    """Tell of events in one batch."""

    told: list[Told]


class Merge(Struct, tag=True):
    """Merge two memberships."""

    one: UUID
    other: UUID
    name: str


class Deliver(Struct, tag=True):
    """Deliver what is due."""


class Sweep(Struct, tag=True):
    """Settle whoever has something due."""

    inactive_since: datetime


Errand = Tell | Merge | Deliver | Sweep


class Assignment(Struct):
    """What a process is to do at once, on which database."""

    url: str
    one_bucket: bool
    programme_id: str
    now: datetime
    errands: list[Errand]


class Outcome(Struct):
    """What became of one event: an answer, or the code of a refusal."""

    text: str = ""
    member_id: UUID | None = None
    repeated: bool = False
    refused: str = ""


async def run(assignment: Assignment) -> list[list[Outcome]]:
    """Do all errands at once and return what became of each."""
    memory = Memory(assignment.url, Keyring(SECRET), one_bucket=assignment.one_bucket)
    try:
        await memory.running(assignment.programme_id, assignment.now)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        return await asyncio.gather(*(_do(memory, assignment, errand) for errand in assignment.errands))
    finally:
        await memory.close()


async def _do(memory: Memory, assignment: Assignment, errand: Errand) -> list[Outcome]:
    programme_id, now = assignment.programme_id, assignment.now
    match errand:
        case Tell(told):
            return [_outcome(one) for one in await ingest(memory, programme_id, told, now=now)]
        case Merge(one, other, name):
            return [_outcome(await merge(memory, programme_id, one, other, source="race", source_id=name, now=now))]
        case Deliver():
            await deliver(memory, now=now)
            return []
        case Sweep(inactive_since):
            await sweep(memory, now=now, inactive_since=inactive_since)
            return []


def _outcome(outcome: Answered | Refused) -> Outcome:
    if isinstance(outcome, Refused):
        return Outcome(refused=outcome.code)
    return Outcome(text=outcome.text.decode(), member_id=outcome.member_id, repeated=outcome.repeated)


def main() -> None:
    """Do assignments until there are no more."""
    for line in iter(sys.stdin.readline, ""):
        made = asyncio.run(run(msgspec.json.decode(line, type=Assignment)))
        sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
