"""`regulars demo`: a year of real groceries under a template, loaded and served, and three things worth trying."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regulars.ops.commands.up import Host, Port
from regulars.ops.mistakes import Mistake
from regulars.ops.speaking import say, show

if TYPE_CHECKING:
    from regulars.ops.demo import Example

EXAMPLE: Final = "Example: regulars demo --template stars --port 8000"


def demo(
    port: Port = None,
    host: Host = None,
    every: Annotated[bool, typer.Option("--all", help="Load all 155,848 baskets, not only 200 households.")] = False,
    template: Annotated[
        str,
        typer.Option(
            "--template", metavar="NAME", show_default="grocery", help="Load them into this programme of examples."
        ),
    ] = "grocery",
    households: Annotated[
        int | None,
        typer.Option("--households", metavar="NUMBER", min=1, show_default="200", help="Load so many households."),
    ] = None,
) -> None:
    """Load a year of published grocery purchases, serve them, and say what is worth trying.

    What was loaded is kept in the home (REGULARS_HOME, else var): the next start takes seconds, and one that
    was interrupted goes on. A key for the API is kept there as well, which nothing but the demo does. With another
    template the same purchases are told to another programme, beside the first: in its currency, amount for amount,
    and with its door open to events of any age while the year is loaded.
    """
    if every and households is not None:
        raise Mistake("give --all or --households, not both")
    import logging

    import uvloop

    from regulars.connectors.sources.completejourney import DEFAULT_HOUSEHOLDS
    from regulars.ops import installation, running, serving, settings
    from regulars.ops.demo import choose, prepare

    chosen = choose(template)
    found = settings.read()
    running.configure_logs(found, level=logging.WARNING)

    async def ready(url: str) -> Example:
        await installation.make_ready(found, url)
        async with installation.memory(found, url) as memory:
            return await prepare(memory, found.home, None if every else households or DEFAULT_HOUSEHOLDS, chosen)

    with serving.bind(found.host if host is None else host, found.port if port is None else port) as bound:
        address = serving.address(bound)
        with installation.database(found) as url:
            example = uvloop.run(ready(url))
            uvloop.run(running.up(found, url, bound, once_open=lambda: show(welcome(example, address))))
    say("stopped; the data is kept")


def welcome(example: Example, address: str) -> str:
    """Return where to look and what to try, as commands for a shell."""
    from regulars.connectors.sources.completejourney import NOTICES

    notices = "\n".join(f"- {notice}" for notice in (*NOTICES, *example.remarks))
    return f"""
{example.template.document.name} is open, with {example.events:,} events.

  {address}/docs           the API, to read and to try
  {address}/health/ready   200 while calls can be served
  {address}/metrics        figures for Prometheus

A key for the API, for this demo only; {example.key_file} keeps it for the next start, readable by you only:

export KEY={example.key}

Three things worth trying:

# 1. Somebody comes to the till. What do they have?
{_find(example, address)}

# 2. They buy a pound of apples and a roast. What does it earn, and why? (Told twice, it counts once.)
{_earn(example, address)}

# 3. Why did their last purchase earn what it earned? Every rule answers.
{_explain(example, address)}

About the data:
{notices}

Ctrl-C stops it; the data is kept.
"""


def _find(example: Example, address: str) -> str:
    return _curl(f"{address}/v1/members/find", {"external_id": example.household})


def _earn(example: Example, address: str) -> str:
    lines = [
        {"id": "1", "product": "apples", "amount_minor": 350, "categories": ["PRODUCE"]},
        {"id": "2", "product": "roast", "amount_minor": 1890, "categories": ["MEAT"]},
    ]
    purchase = {
        "type": "purchase",
        "source": "till-1",
        "source_id": "try-1",
        "member": {"external_id": example.household},
        "channel": "shop",
        "order": {"id": "try-1", "currency": example.template.document.currency, "lines": lines},
    }
    return _curl(f"{address}/v1/events", purchase, "Idempotency-Key: try-1")


def _explain(example: Example, address: str) -> str:
    return _curl(f"{address}/v1/decisions/dec_{example.event_id}")


def _curl(url: str, body: object = None, *headers: str) -> str:
    parts = [f'curl -s {url} -H "Authorization: Bearer $KEY"', *(f"-H '{header}'" for header in headers)]
    if body is not None:
        parts += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(body)}'"]
    return " \\\n  ".join(parts)
