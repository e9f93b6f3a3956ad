"""`regulars work`: the worker alone."""

from __future__ import annotations

from typing import Annotated, Final

import typer

EXAMPLE: Final = "Example: regulars work --metrics-port 9100"


def work(
    metrics_port: Annotated[
        int | None,
        typer.Option(
            "--metrics-port",
            metavar="NUMBER",
            min=1,
            max=65535,
            show_default="none",
            help="Show figures for Prometheus on 127.0.0.1.",
        ),
    ] = None,
) -> None:
    """Do what nobody asks for: deliver messages, settle points that fell due, seal the audit, forget the old.

    One is enough. More do no harm: each takes other messages, and what is settled twice is settled once.
    """
    import uvloop
    from prometheus_client import start_http_server

    from regulars.ops import installation, running, settings
    from regulars.ops.mistakes import NOT_READY, Mistake
    from regulars.ops.worker import Figures

    found = settings.read()
    running.configure_logs(found)
    figures = Figures()
    if metrics_port is not None:
        try:
            start_http_server(metrics_port, addr="127.0.0.1", registry=figures.registry)
        except OSError as error:
            raise Mistake(f"port {metrics_port} cannot be had: {error.strerror}", NOT_READY) from None
    with installation.database(found) as url:
        uvloop.run(running.work(found, url, figures))
