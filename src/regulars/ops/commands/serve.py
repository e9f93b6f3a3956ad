"""`regulars serve`: the API alone, for installations in which several processes share the work."""

from __future__ import annotations

from typing import Final

from regulars.ops.commands.up import Host, Port

EXAMPLE: Final = "Example: regulars serve --host 0.0.0.0 --port 8000"


def serve(host: Host = None, port: Port = None) -> None:
    """Serve the API. Start as many as you need, behind a proxy, beside one `regulars work`.

    It starts while the database is away, answers 503 until it is there, and finishes what is under way when it
    is asked to stop (SIGTERM).
    """
    import uvloop

    from regulars.ops import installation, running, serving, settings

    found = settings.read()
    running.configure_logs(found)
    address = found.host if host is None else host, found.port if port is None else port
    with serving.bind(*address) as bound, installation.database(found) as url:
        uvloop.run(running.serve(found, url, bound))
