"""Everybody at one till, one card: purchases of a single member, twenty-four at once, and every one of them counts."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median
from typing import Final

from bench import database, http, world
from bench.helpers import Answer, Helper, helpers
from bench.report import Report
from regulars.db import members
from regulars.db.members import Wanted
from regulars.engine.counting import PURCHASES
from regulars.ops.postgres import Server

AT_ONCE: Final = 24
GOAL: Final = 200
HOWS: Final = (http.BATCHED, http.STRAIGHT)


def run(quick: bool) -> Report:
    """Send salvos to a server with the micro-batcher and to one without, in turn."""
    salvos = 3 if quick else 40
    taken: dict[str, list[Answer]] = {how: [] for how in HOWS}
    with ExitStack() as stack:
        server = stack.enter_context(database.server())
        secret = database.prepared(server, "template", rules=http.RULES)
        started = {how: _served(server, stack, secret, how) for how in HOWS}
        for number in range(salvos + 1):
            for how, (api, client) in started.items():
                client.tell({"port": api.said["port"], "connections": AT_ONCE, "calls": AT_ONCE})
                found = client.answer()
                assert not found["bad"], "every purchase is welcome"
                if number:  # the first one warms up
                    taken[how].append(found)
        counted = {how: asyncio.run(_counted(server.url(_name(how)))) for how in HOWS}
    return _report(taken, counted, AT_ONCE * (salvos + 1))


def _name(how: str) -> str:
    return how.replace(" ", "_").replace("-", "_")


def _served(server: Server, stack: ExitStack, secret: str, how: str) -> tuple[Helper, Helper]:
    server.create_database(_name(how), template="template")
    task: Answer = {"url": server.url(_name(how)), "straight": how == http.STRAIGHT}
    [api] = stack.enter_context(helpers("bench.server", [task]))
    task = {"run": _name(how), "secret": secret, "cards": False, "members": (0, 1, 1)}
    [client] = stack.enter_context(helpers("bench.client", [task]))
    return api, client


async def _counted(url: str) -> int:
    """Return how many purchases the member has, as memory counts them."""
    owner = world.member_id(0)
    memory = database.memory(url, connections=1)
    async with memory.pool.connection() as connection:
        wanted = Wanted(member_id=owner, since=datetime.now(UTC).date())
        loaded = await members.load(connection, world.PROGRAMME, [wanted])
    await memory.close()
    return loaded[owner].state.counters[PURCHASES]


def _report(taken: dict[str, list[Answer]], counted: dict[str, int], told: int) -> Report:
    report = Report(
        "member",
        "One hot member",
        f"{AT_ONCE} purchases of one member arrive at once over {AT_ONCE} connections, again and again; they can only "
        f"be decided one after the other. {http.RULES} rules, durable. Salvos to both servers take turns.",
    )
    rows = [
        (how, median(one["count"] / one["seconds"] for one in own), median(one["p50"] for one in own) * 1000,
         median(one["p99"] for one in own) * 1000, told, counted[how])
        for how, own in taken.items()
    ]  # fmt: skip
    columns = ("how", "purchases/s, median salvo", "p50 ms", "slowest ms, median salvo", "told", "counted")
    report.table("Salvos", columns, rows)
    rate = rows[0][1]
    report.goal("one hot member", f"at least {GOAL} a second", f"{rate:.0f} a second", rate >= GOAL)
    lost = [how for how in HOWS if counted[how] != told]
    report.goal("every purchase counts once", "all", "all" if not lost else f"not with {lost}", not lost)
    return report
