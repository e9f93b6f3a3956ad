"""`regulars up`: everything in one process, which is all that a shop needs."""

from __future__ import annotations

from typing import Annotated, Final

import typer

EXAMPLE: Final = "Example: REGULARS_HOME=/srv/regulars regulars up --port 8000"

Host = Annotated[
    str | None,
    typer.Option(
        "--host", metavar="ADDRESS", show_default="REGULARS_HOST, else 127.0.0.1", help="The address to listen on."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="NUMBER",
        min=0,
        max=65535,
        show_default="PORT, else 8000",
        help="The port to listen on; 0 for any that is free.",
    ),
]


def up(host: Host = None, port: Port = None) -> None:
    """Start the database, bring it up to date, serve the API and do the worker's jobs, all in one.

    Beside a database of your own (REGULARS_DATABASE_URL) nothing is started; it may be away at the start.
    """
    import uvloop

    from regulars.ops import installation, running, serving, settings

    found = settings.read()
    running.configure_logs(found)
    address = found.host if host is None else host, found.port if port is None else port
    with serving.bind(*address) as bound, installation.database(found) as url:
        uvloop.run(running.up(found, url, bound))
