"""Many events are told in chunks, each as often as it takes while the database comes and goes."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from regulars.actions.loading import Outcome, load
from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.db.errors import DatabaseDownError, OutcomeUnknownError, TimedOutError, TransientError
from regulars.ops.installation import now
from regulars.ops.speaking import say

CHUNK: Final = 1_000
_PAUSES_SECONDS: Final = (1, 2, 4, 8, 16, 32)
Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Yield the items in lists of `size`, the last one shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def tell_all(memory: Memory, programme_id: str, told: Sequence[Told]) -> list[Outcome]:
    """Tell a chunk of events and return what became of each; again after a pause, while the database is away.

    What the first attempt recorded is answered to the second, so nothing is counted twice.

    Raises: NoProgramme; the last error, when the database stays away for about a minute.
    """
    for pause in _PAUSES_SECONDS:
        try:
            return await load(memory, programme_id, told, now=now())
        except (DatabaseDownError, OutcomeUnknownError, TimedOutError, TransientError) as error:
            say(f"the database is away ({error}); trying again in {pause} s")
            await asyncio.sleep(pause)
    return await load(memory, programme_id, told, now=now())
