"""A file of codes goes into a pool, batch by batch, and what is there already is told."""

import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct

from regulars.actions.coding import fill_pool
from regulars.actions.memory import Memory
from regulars.db.errors import NotUniqueError
from regulars.ops.mistakes import Mistake
from regulars.ops.progress import progress

_BATCH: Final = 5_000
_LONGEST: Final = 200


class Loaded(Struct, frozen=True, kw_only=True):
    """How many codes were added, how many the pool had, and how many the file had more than once."""

    added: int
    known: int
    twice: int


def codes_in(file: Path) -> list[str]:
    """Return the codes of a file, a line each, without the blanks around them and without empty lines.

    Raises: Mistake, where it cannot be read.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is not UTF-8: {error.reason} at byte {error.start}") from None
    lines = enumerate((line.strip() for line in text.splitlines()), start=1)
    codes = []
    for number, line in lines:
        if len(line) > _LONGEST or "\x00" in line:
            raise Mistake(f"{file}, line {number}: a code has at most {_LONGEST} characters, and none is U+0000")
        if line:
            codes.append(line)
    return codes


async def load_pool(memory: Memory, programme_id: str, pool: str, codes: Sequence[str], *, now: datetime) -> Loaded:
    """Add codes to a pool that a reward of the running programme hands out.

    Raises: Mistake, where there is no such pool, or somebody else fills it at the same time.
    """
    running = await memory.running(programme_id, now)
    pools = sorted({name for reward in running.rewards if (name := reward.drawn_from()) is not None})
    if pool not in pools:
        there = f"there is {', '.join(pools)}" if pools else "no reward of the running programme hands out codes"
        raise Mistake(f"no reward hands out codes of a pool {pool!r}; {there}")
    once, added = list(dict.fromkeys(codes)), 0
    rest = iter(once)
    with progress(f"pool {pool}", len(once), unit="codes") as advance:
        while batch := list(islice(rest, _BATCH)):
            try:
                added += await fill_pool(memory, programme_id, pool, batch)
            except NotUniqueError:
                raise Mistake("somebody else fills the pool at the same time; run the command again") from None
            advance(len(batch))
    return Loaded(added=added, known=len(once) - added, twice=len(codes) - len(once))
