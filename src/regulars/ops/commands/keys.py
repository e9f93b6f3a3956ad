"""`regulars keys create`: a key for the API, shown this once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say, show
from regulars.web.scopes import SCOPES

if TYPE_CHECKING:
    from regulars.actions.keys import NewKey
    from regulars.actions.memory import Memory
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars keys create till --scope events:write --scope members:read"
Programme = Annotated[
    str | None,
    typer.Option("--programme", metavar="ID", show_default="the only one", help="The programme that it is about."),
]


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="What the key is called.")],
    scopes: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            show_default=False,
            help=f"What it may do; give as many as it needs, or `all`: {', '.join(SCOPES)}.",
        ),
    ],
    programme: Programme = None,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="NUMBER", min=1, max=36_500, show_default="for ever", help="How long it opens."),
    ] = None,
) -> None:
    """Make a key for the API and print it, this once: only its hash is kept."""
    wanted = _scopes(scopes)
    if not name.strip() or len(name) > 100:
        raise Mistake("the name of a key has from 1 to 100 characters")
    from datetime import timedelta

    from regulars.ops.administering import make_key
    from regulars.ops.installation import now, programme_of, with_memory

    async def work(found: Settings, memory: Memory) -> NewKey:
        programme_id = await programme_of(found, memory, programme)
        lasts = timedelta(days=days) if days is not None else None
        return await make_key(memory, programme_id, name=name, scopes=wanted, lasts=lasts, now=now())

    key = with_memory(work)
    say(f"the key {key.key.name} for {key.key.programme_id}; keep it now, it is not shown again:")
    show(key.secret)


def _scopes(given: list[str]) -> tuple[str, ...]:
    unknown = [scope for scope in given if scope not in SCOPES and scope != "all"]
    if unknown:
        raise Mistake(f"there is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}, and all")
    return SCOPES if "all" in given else tuple(dict.fromkeys(given))
