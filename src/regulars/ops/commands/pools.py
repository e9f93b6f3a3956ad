"""`regulars pool load`: the codes that somebody else made, from a file with a code a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.keys import Programme
from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.ops.pooling import Loaded
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars pool load cinema tickets.txt"


def load(
    pool: Annotated[
        str, typer.Argument(metavar="POOL", show_default=False, help="The pool, by its name in the programme.")
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="UTF-8 text with a code a line; - for input.")
    ],
    programme: Programme = None,
) -> None:
    """Load codes that somebody else made, to be handed out one by one by rewards of the kind partner_code.

    Codes that the pool has already are left out, so that an interrupted load is simply done again. They are
    sealed: nobody reads them in the database without this installation's secret (REGULARS_SECRET).
    """
    from regulars.ops.installation import now, programme_of, with_memory
    from regulars.ops.pooling import codes_in, load_pool

    codes = codes_in(file)
    if not codes:
        raise Mistake(f"there is no code in {file}; write one a line")

    async def work(found: Settings, memory: Memory) -> Loaded:
        programme_id = await programme_of(found, memory, programme)
        return await load_pool(memory, programme_id, pool, codes, now=now())

    loaded = with_memory(work)
    if loaded.known:
        say(f"{loaded.known:,} codes were there already, and are left as they are")
    if loaded.twice:
        say(f"{loaded.twice:,} codes stand in the file more than once, and count once")
    show(f"{loaded.added:,} codes added to {pool}")
