"""A thousand events at a time: the product's ingestion against COPY of the same rows, on one connection and on two."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Final

from bench import database, loader, world
from bench.helpers import Answer, Helper, helpers, together
from bench.report import Report
from regulars.ops.postgres import Server

RULES: Final = 20
RATIO_GOAL: Final = 0.5
SCALING_GOAL: Final = 1.6
Taken = dict[tuple[str, int], list[Answer]]


def run(quick: bool) -> Report:
    """Measure both on both numbers of connections, in rounds that take turns."""
    size, per_round, rounds, members = (50, 1, 2, 100) if quick else (1000, 3, 5, 10_000)
    with database.server() as server:
        template = _template(server, members, size)
        taken = _measure(server, template, size=size, per_round=per_round, rounds=rounds, members=members)
    return _report(taken, size, members)


def _template(server: Server, members: int, size: int) -> str:
    """Make a database in which every member has bought once, and return its name."""
    database.prepared(server, "template", rules=RULES)
    asyncio.run(_first_purchases(server.url("template"), members, size))
    return "template"


async def _first_purchases(url: str, members: int, size: int) -> None:
    memory = database.memory(url)
    first = world.first_purchases(range(members))
    for place in range(0, members, size):
        await loader.tell(memory, first[place : place + size])
    await memory.close()


def _measure(server: Server, template: str, *, size: int, per_round: int, rounds: int, members: int) -> Taken:
    subjects = [(how, workers) for workers in (1, 2) for how in ("ingest", "copy")]
    taken: Taken = defaultdict(list)
    with ExitStack() as stack:
        started = {}
        for how, workers in subjects:
            server.create_database(f"{how}_{workers}", template=template)
            tasks = [
                {"how": how, "url": server.url(f"{how}_{workers}"), "worker": worker, "workers": workers,
                 "size": size, "batches": rounds * per_round + 1, "members": members, "rules": RULES}
                for worker in range(workers)
            ]  # fmt: skip
            started[how, workers] = stack.enter_context(helpers("bench.loader", tasks))
        for one in started.values():
            together(one, {"batches": 1})
        for turn in range(rounds):
            for subject in subjects if turn % 2 == 0 else reversed(subjects):
                taken[subject].append(_round(server, started[subject], per_round))
    return taken


def _round(server: Server, started: Sequence[Helper], batches: int) -> Answer:
    before = database.cpu_seconds(server)
    seconds, answers = together(started, {"batches": batches})
    count = sum(one["count"] for one in answers)
    return {
        "rate": count / seconds,
        "client": sum(one["cpu"] for one in answers) / count * 1e6,
        "server": (database.cpu_seconds(server) - before) / count * 1e6,
    }


def _report(taken: Taken, size: int, members: int) -> Report:
    report = Report(
        "ingest",
        f"Batches of {size:,} events",
        f"Purchases of {world.LINES} lines by {members:,} members who have bought before, {RULES} rules, one durable "
        f"commit a batch. `ingest` recognises, loads, decides and writes; `copy` writes the very same rows with COPY, "
        "made beforehand, with the same statements for what is changed rather than added. Databases of their own on "
        "one server; each connection has a process of its own; rounds take turns.",
    )
    middle = {subject: {key: median(one[key] for one in own) for key in own[0]} for subject, own in taken.items()}
    report.table(
        "Events per second, and microseconds of processor time per event (medians of rounds)",
        ("how", "connections", "events/s", "client", "PostgreSQL", "ratio to COPY"),
        [
            (how, workers, one["rate"], one["client"], one["server"], ratio(taken, workers) if how == "ingest" else 1)
            for (how, workers), one in middle.items()
        ],
    )
    scaling = median(
        two["rate"] / one["rate"] for one, two in zip(taken["ingest", 1], taken["ingest", 2], strict=True)
    )
    for workers in (1, 2):
        found = ratio(taken, workers)
        what = f"batch ingestion against COPY, {workers} connection{'s' * (workers - 1)}"
        report.goal(what, f"at least {RATIO_GOAL:.0%}", f"{found:.0%}", found >= RATIO_GOAL)
    report.goal("one connection to two", f"at least × {SCALING_GOAL}", f"× {scaling:.2f}", scaling >= SCALING_GOAL)
    return report


def ratio(taken: Taken, workers: int) -> float:
    """Return the median of the rounds' ratios, each between neighbours in time."""
    pairs = zip(taken["ingest", workers], taken["copy", workers], strict=True)
    return median(ours["rate"] / theirs["rate"] for ours, theirs in pairs)
