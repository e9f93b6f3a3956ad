"""A file is told to the platform chunk by chunk; what cannot be used is set aside, and an interrupted one goes on."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from regulars.actions.memory import Memory
from regulars.actions.telling import Told, told_of
from regulars.connectors.incoming import Incoming
from regulars.connectors.sources import files
from regulars.connectors.sources.files import BadRow, Options, Row
from regulars.engine.reasons import Refused
from regulars.engine.running import Running
from regulars.ops.chunks import CHUNK, chunks, tell_all
from regulars.ops.import_state import Counts, State
from regulars.ops.progress import Advance
from regulars.ops.set_aside import SetAside
from regulars.web.problems import problem
from regulars.web.wording import Measures


class Import(Struct, frozen=True, kw_only=True):
    """What is imported, and whose it becomes: `chunk` rows at a time, after row `options.after`."""

    memory: Memory
    programme_id: str
    path: Path
    options: Options
    measures: Measures
    chunk: int = CHUNK


async def import_file(job: Import, state: State, aside: SetAside, advance: Advance) -> State:
    """Import a file from where `state` stands, and return the state at its end.

    After every chunk the state is kept, once all of the chunk is recorded or set aside: whenever it ends, the
    next run goes on from there.

    Raises: Unreadable, where the file breaks off; the errors of the database, when it stays away.
    """
    for rows in chunks(files.events(job.path, job.options), job.chunk):
        counts = await _tell(job, rows, aside)
        advance(rows[-1].number - state.after)
        state = state.moved(after=rows[-1].number, counts=counts, sizes=aside.flush())
        state.keep()
    state = state.finished()
    state.keep()
    return state


async def _tell(job: Import, rows: Sequence[Row], aside: SetAside) -> Counts:
    counts = Counts()
    asked: list[tuple[Row, Incoming, Told]] = []
    for row in rows:
        if isinstance(row.incoming, BadRow):
            aside.bad(row.number, row.incoming)
            counts.unreadable += 1
            continue
        told = told_of(row.incoming)
        if isinstance(told, Refused):
            aside.refused(row.number, row.incoming, reason_of(told, job.measures))
            counts.refused += 1
        else:
            asked.append((row, row.incoming, told))
    outcomes = await tell_all(job.memory, job.programme_id, [told for _, _, told in asked])
    for (row, incoming, _), outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Refused):
            aside.refused(row.number, incoming, reason_of(outcome, job.measures))
            counts.refused += 1
        elif outcome.repeated:
            counts.repeated += 1
        else:
            counts.recorded += 1
    return counts


def measures_of(running: Running) -> Measures:
    """Return in what a programme counts, for the words of its refusals."""
    return Measures(timezone=running.timezone, currency=running.currency, wallets=running.wallets)


def reason_of(refused: Refused, measures: Measures) -> str:
    """Return a refusal in words, its code first, as the API would give it."""
    if refused.code == "no-programme":
        return "no-programme: It happened before the programme began. Apply it from an earlier date on (--from)."
    found = problem(refused.code, refused.detail, measures=measures)
    return f"{found.code}: {found.detail} {found.hint}".strip()
