"""A thousand events at a time: the product's ingestion against COPY of the same rows, on one connection and on two."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Final

from bench import database, loader, world
from bench.helpers import Answer, Helper, helpers, together
from bench.report import Report
from regulars.ops.postgres import Server

RULES: Final = 20
HOWS: Final = ("API", "ingest", "COPY")
TEMPLATE: Final = "template"
RATIO_GOAL: Final = 0.5
Taken = dict[tuple[str, int], list[Answer]]


def run(quick: bool) -> Report:
    """Measure both on both numbers of connections, in rounds that take turns."""
    size, per_round, rounds, members = (50, 1, 2, 100) if quick else (1000, 3, 5, 10_000)
    with database.server() as server:
        secret = _template(server, members, size)
        taken = _measure(server, secret, size=size, per_round=per_round, rounds=rounds, members=members)
    return _report(taken, size, members)


def _template(server: Server, members: int, size: int) -> str:
    """Make a database in which every member has bought once, and return an API key that opens it."""
    secret = database.prepared(server, TEMPLATE, rules=RULES)
    asyncio.run(_first_purchases(server.url(TEMPLATE), members, size))
    server.query("CHECKPOINT")
    return secret


async def _first_purchases(url: str, members: int, size: int) -> None:
    memory = database.memory(url)
    first = world.first_purchases(range(members))
    for place in range(0, members, size):
        await loader.tell(memory, first[place : place + size])
    await memory.close()


def _measure(server: Server, secret: str, *, size: int, per_round: int, rounds: int, members: int) -> Taken:
    subjects = [(how, workers) for workers in (1, 2) for how in HOWS]
    taken: Taken = defaultdict(list)
    with ExitStack() as stack:
        ready = {
            (how, workers): _subject(server, stack, secret, how, workers, size, rounds * per_round + 1, members)
            for how, workers in subjects
        }
        for work in ready.values():
            work(1)
        for turn in range(rounds):
            for subject in subjects if turn % 2 == 0 else reversed(subjects):
                taken[subject].append(ready[subject](per_round))
    return taken


def _subject(
    server: Server, stack: ExitStack, secret: str, how: str, workers: int, size: int, batches: int, members: int
) -> Callable[[int], Answer]:
    """Make a database for one way to bring events in, start its processes, and return how to make them work."""
    name = f"{how}_{workers}".replace(" ", "_")
    server.create_database(name, template=TEMPLATE)
    url = server.url(name)
    if how == "API":
        [api] = stack.enter_context(helpers("bench.server", [{"url": url}]))
        tasks: list[Answer] = [
            {"run": f"client-{worker}", "secret": secret, "cards": False, "members": (worker, members, workers)}
            for worker in range(workers)
        ]
        clients = stack.enter_context(helpers("bench.client", tasks))
        return lambda count: _called(server, api, clients, size, count)
    tasks = [
        {"how": how, "url": url, "worker": worker, "workers": workers, "size": size, "batches": batches,
         "members": members, "rules": RULES}
        for worker in range(workers)
    ]  # fmt: skip
    loaders = stack.enter_context(helpers("bench.loader", tasks))
    return lambda count: _loaded(server, loaders, count)


def _loaded(server: Server, loaders: Sequence[Helper], batches: int) -> Answer:
    before = database.cpu_seconds(server)
    seconds, answers = together(loaders, {"batches": batches})
    count = sum(one["count"] for one in answers)
    postgres = database.cpu_seconds(server) - before
    return _figures(count, seconds, sum(one["cpu"] for one in answers), postgres)


def _called(server: Server, api: Helper, clients: Sequence[Helper], size: int, batches: int) -> Answer:
    before, own = database.cpu_seconds(server), _cpu(api)
    call = {"port": api.said["port"], "connections": 1, "batch": size, "calls": batches}
    seconds, answers = together(clients, call)
    assert not any(one["bad"] for one in answers), "every purchase is welcome"
    count = sum(one["count"] for one in answers)
    return _figures(count, seconds, _cpu(api) - own, database.cpu_seconds(server) - before)


def _cpu(api: Helper) -> float:
    api.tell({})
    return float(api.answer()["cpu"])


def _figures(count: int, seconds: float, python: float, postgres: float) -> Answer:
    return {"rate": count / seconds, "python": python / count * 1e6, "postgres": postgres / count * 1e6}


def _report(taken: Taken, size: int, members: int) -> Report:
    report = Report(
        "ingest",
        f"Batches of {size:,} events",
        f"Purchases of {world.LINES} lines by {members:,} members who have bought before, under {RULES} rules. `API`: "
        "one server, a client on each connection, one batch a call. `ingest`: the same without HTTP, a process with "
        "one connection to PostgreSQL each. `COPY`: the very same rows, made beforehand, copied into the same tables "
        "in one transaction a batch, a process each; what is changed rather than added goes by the same statements. "
        "A database for each on one server, everything durable; rounds take turns.",
    )
    middle = {subject: {key: median(one[key] for one in own) for key in own[0]} for subject, own in taken.items()}
    report.table(
        "Events per second, and microseconds of processor time per event (medians of rounds)",
        ("how", "connections", "events/s", "ratio to COPY", "Python", "PostgreSQL"),
        [
            (how, workers, one["rate"], ratio(taken, how, workers), one["python"], one["postgres"])
            for (how, workers), one in middle.items()
        ],
    )
    for workers in (1, 2):
        found = ratio(taken, "API", workers)
        what = f"batches through the API against COPY, {workers} connection{'s' * (workers - 1)}"
        report.goal(what, f"at least {RATIO_GOAL:.0%}", f"{found:.0%}", found >= RATIO_GOAL)
    for how in HOWS:
        pairs = zip(taken[how, 1], taken[how, 2], strict=True)
        scaling = median(two["rate"] / one["rate"] for one, two in pairs)
        report.text(f"{how}: two connections bring in {scaling:.2f} times as much as one.")
    return report


def ratio(taken: Taken, how: str, workers: int) -> float:
    """Return the median of the rounds' ratios to COPY, each between neighbours in time."""
    pairs = zip(taken[how, workers], taken["COPY", workers], strict=True)
    return float(median(ours["rate"] / theirs["rate"] for ours, theirs in pairs))
