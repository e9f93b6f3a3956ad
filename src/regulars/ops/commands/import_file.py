"""`regulars import`: what happened before, or what a till writes out every night, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from regulars.ops.commands.keys import Programme
from regulars.ops.mistakes import DIFFERENT, Mistake
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.connectors.sources.files import Map, Options
    from regulars.ops.import_state import State
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars import export.csv --map shop.yaml --zone Europe/Paris"


def import_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="JSON Lines, CSV (either may be .gz) or Parquet.")
    ],
    programme: Programme = None,
    map: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", show_default="the header", help="Which column is which field."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar="ZONE", show_default="none", help="Where times without an offset are meant."),
    ] = None,
    form: Annotated[
        Literal["jsonl", "csv", "parquet"] | None,
        typer.Option("--format", metavar="FORM", show_default="by the name", help="jsonl, csv or parquet."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", show_default="UTF-8", help="The encoding of its text.")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option("--delimiter", metavar="CHARACTER", show_default="by the header", help="Of a CSV file."),
    ] = None,
    aside: Annotated[
        Path | None,
        typer.Option(
            "--aside", metavar="FOLDER", show_default="beside the file", help="Where to put what cannot be used."
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Begin at the first row, whatever was imported before; nothing counts twice."),
    ] = False,
) -> None:
    """Tell the platform what a file says, exactly as by the API: same checks, same decisions, nothing twice.

    Rows that cannot be used are set aside with the reason and stop nothing; the exit status is 1 then. An
    import that was interrupted goes on where it stopped when the same command is given again.
    """
    from regulars.connectors.sources.files import Options
    from regulars.ops.installation import with_memory

    options = Options(format=form, map=_map(map), zone=zone, encoding=encoding, delimiter=delimiter)

    async def work(found: Settings, memory: Memory) -> State:
        return await _import(found, memory, programme, file, options, aside or file.parent, again)

    state = with_memory(work)
    counts = state.counts
    show(
        f"{counts.recorded} recorded, {counts.repeated} known already, {counts.refused} refused, "
        f"{counts.unreadable} unreadable"
    )
    if counts.set_aside:
        raise typer.Exit(DIFFERENT)


async def _import(
    found: Settings,
    memory: Memory,
    named: str | None,
    path: Path,
    options: Options,
    folder: Path,
    again: bool,
) -> State:
    from msgspec.structs import replace

    from regulars.connectors.sources import files
    from regulars.ops.import_state import State, fingerprint, state_path
    from regulars.ops.importing import Import, import_file, measures_of
    from regulars.ops.installation import now, programme_of
    from regulars.ops.progress import progress
    from regulars.ops.set_aside import SetAside

    programme_id = await programme_of(found, memory, named)
    measures = measures_of(await memory.running(programme_id, now()))
    total = files.count(path, options)
    file = fingerprint(path, options, programme_id, found.database_url or str(found.home))
    kept = state_path(path, found.home)
    state = State.begin(kept, file) if again else State.read(kept, file)
    if state.done:
        say(f"{path} was imported to its end before and has not changed since; --again tells all of it again")
        return state
    if state.after:
        say(f"going on after row {state.after}")
    job = Import(
        memory=memory,
        programme_id=programme_id,
        path=path,
        options=replace(options, after=state.after),
        measures=measures,
    )
    with (
        SetAside(folder, path.name, header=files.header(path, options), sizes=state.sizes) as aside,
        progress("importing", total, done=state.after, unit="rows") as advance,
    ):
        state = await import_file(job, state, aside, advance)
    for written in aside.files:
        say(f"set aside: {written}")
    return state


def _map(path: Path | None) -> Map | None:
    from regulars.connectors.sources.files import read_map

    if path is None:
        return None
    try:
        return read_map(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Mistake(f"the map {path} is not UTF-8; save it as that") from None
    except OSError as error:
        raise Mistake(f"the map {path} cannot be read: {error.strerror}") from None
