"""One purchase a call: key, validation, twenty rules, a durable commit; beside it pgbench writing the same rows."""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from bench import calls, database, pgbench, world
from bench.helpers import Answer, Helper, helpers
from bench.report import Report
from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.telling import Told
from regulars.engine.events import Action
from regulars.ops.postgres import Server

RULES: Final = 20
MEMBERS: Final = 10_000
CLIENTS: Final = (1, 8, 32, 128)
GOALS: Final = {8: 0.4, 32: 0.8, 128: 0.8}
P99_GOAL_MS: Final = 10.0
REFERENCE: Final = 8
BATCHED, STRAIGHT, PGBENCH = "micro-batcher", "one by one", "pgbench"
Taken = dict[tuple[str, int], list[Answer]]


def run(quick: bool) -> Report:
    """Measure both ways to serve and the reference, with every number of clients, in rounds that take turns."""
    members, clients, seconds, rounds = (50, (1, 8), 1.0, 1) if quick else (MEMBERS, CLIENTS, 4.0, 5)
    with ExitStack() as stack:
        server = stack.enter_context(database.server())
        secret = _template(server, members)
        subjects = {how: _served(server, stack, secret, how, members) for how in (BATCHED, STRAIGHT)}
        subjects[PGBENCH] = _reference(server, stack)
        for work in subjects.values():
            work(REFERENCE, seconds, None)
        taken: Taken = defaultdict(list)
        for turn in range(rounds):
            for count in clients if turn % 2 == 0 else reversed(clients):
                for how, work in subjects.items():
                    if how != PGBENCH or count <= REFERENCE:
                        taken[how, count].append(work(count, seconds, None))
        most = max(clients)
        for how in (BATCHED, STRAIGHT):
            rate = median(one["rate"] for one in taken[how, min(32, most)]) / 2
            for _ in range(rounds):
                taken[how, 0].append({**subjects[how](64, seconds, rate), "asked": rate})
    return _report(taken, clients)


def _template(server: Server, members: int) -> str:
    """Make a database in which every member has shown the card once, and return an API key that opens it."""
    secret = database.prepared(server, "template", rules=RULES)
    asyncio.run(_first_visits(server.url("template"), members))
    return secret


async def _first_visits(url: str, members: int) -> None:
    memory = database.memory(url)
    visits = [
        Told(type="check_in", source="till", source_id=f"first-{number}", body=Action(), member=calls.by_card(number),
             occurred_at=world.NOON)
        for number in range(members)
    ]  # fmt: skip
    for place in range(0, members, 1000):
        outcomes = await ingest(memory, world.PROGRAMME, visits[place : place + 1000], now=datetime.now(UTC))
        assert all(isinstance(one, Answered) for one in outcomes), "everybody is welcome"
    await memory.close()


Work = Callable[[int, float, float | None], Answer]


def _served(server: Server, stack: ExitStack, secret: str, how: str, members: int) -> Work:
    """Start a server and a client of it on a database of their own, and return how to make them work."""
    name = how.replace(" ", "_").replace("-", "_")
    server.create_database(name, template="template")
    task: Answer = {"url": server.url(name), "straight": how == STRAIGHT}
    [api] = stack.enter_context(helpers("bench.server", [task]))
    task = {"run": name, "secret": secret, "cards": True, "members": (0, members, 1)}
    [client] = stack.enter_context(helpers("bench.client", [task]))

    def work(connections: int, seconds: float, rate: float | None) -> Answer:
        order: Answer = {"port": api.said["port"], "connections": connections, "seconds": seconds}
        before, own = database.cpu_seconds(server), _cpu(api)
        client.tell(order if rate is None else {**order, "rate": rate})
        found = client.answer()
        assert not found["bad"], f"{found['bad']} calls were not answered with a decision"
        return _figures(found, _cpu(api) - own, database.cpu_seconds(server) - before)

    return work


def _reference(server: Server, stack: ExitStack) -> Work:
    server.create_database("reference", template="template")
    pgbench.fill(server, "reference")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    scripts = pgbench.scripts(folder, world.running(RULES))

    def work(connections: int, seconds: float, rate: float | None) -> Answer:
        assert rate is None, "the reference is a limit, not a load"
        before = database.cpu_seconds(server)
        found = pgbench.run(server, "reference", scripts, connections=connections, seconds=seconds)
        time.sleep(0.3)  # until its backends have ended, and their time is counted
        return _figures(found, 0.0, database.cpu_seconds(server) - before)

    return work


def _cpu(api: Helper) -> float:
    api.tell({})
    return float(api.answer()["cpu"])


def _figures(found: Answer, api: float, postgres: float) -> Answer:
    each = 1e6 / found["count"]
    return {
        "rate": found["count"] / found["seconds"],
        "p50": found["p50"] * 1000,
        "p99": found["p99"] * 1000,
        "client": found["cpu"] * each,
        "api": api * each,
        "postgres": postgres * each,
    }


def _report(taken: Taken, clients: tuple[int, ...]) -> Report:
    report = Report(
        "http",
        "Single purchases over HTTP",
        f"One server process, one client process and PostgreSQL on the same machine. Each call has an API key, an "
        f"idempotency key, a member named by card and {world.LINES} lines; {RULES} rules, one durable commit before "
        f"the answer. `{BATCHED}`: as the product is. `{STRAIGHT}`: every event on its own. `{PGBENCH}`: the rows of "
        "such a purchase, nothing else, in the product's own statement. Rounds take turns.",
    )
    middle = {key: {name: median(one[name] for one in own) for name in own[0]} for key, own in taken.items()}
    report.table(
        "As fast as it goes: calls per second, milliseconds, microseconds of processor time per call (medians)",
        ("how", "clients", "calls/s", f"of {PGBENCH}, {REFERENCE}", "p50", "p99", "client", "API", "PostgreSQL"),
        [
            (how, count, one["rate"], _ratio(taken, how, count), one["p50"], one["p99"], one["client"], one["api"],
             one["postgres"])
            for (how, count), one in middle.items() if count
        ],
    )  # fmt: skip
    report.table(
        "At half the load of 32 clients, calls arriving by themselves (Poisson), the wait for a connection included",
        ("how", "calls/s asked", "calls/s", "p50", "p99", "API", "PostgreSQL"),
        [
            (how, one["asked"], one["rate"], one["p50"], one["p99"], one["api"], one["postgres"])
            for (how, count), one in middle.items() if not count
        ],
    )  # fmt: skip
    for count, wanted in GOALS.items():
        if count in clients:
            found = _ratio(taken, BATCHED, count)
            report.goal(f"{count} clients, of {PGBENCH}", f"at least {wanted:.0%}", f"{found:.0%}", found >= wanted)
    p99 = middle[BATCHED, 0]["p99"]
    report.goal("p99 at half load", f"at most {P99_GOAL_MS:.0f} ms", f"{p99:.1f} ms", p99 <= P99_GOAL_MS)
    return report


def _ratio(taken: Taken, how: str, clients: int) -> float:
    """Return the median of the rounds' ratios to pgbench with eight connections."""
    pairs = zip(taken[how, clients], taken[PGBENCH, REFERENCE], strict=True)
    return float(median(ours["rate"] / theirs["rate"] for ours, theirs in pairs))
