"""A reward taken and used with one tap, durably, beside pgbench writing the same rows; then a hundred who want one."""

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from bench import calls, database, pgbench, world
from bench.helpers import Answer, Helper, helpers
from bench.report import Report
from regulars import programme
from regulars.actions import answers, programmes
from regulars.actions.coding import code_claims
from regulars.actions.deciding import Answered
from regulars.actions.ingest import ingest
from regulars.actions.telling import Told
from regulars.db import shared
from regulars.db.changes import Change, Decided, UsedKey
from regulars.db.sealing import Keyring
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Action, Adjust, Body, Chosen, Event, Issue
from regulars.engine.evolve import evolve
from regulars.engine.ids import bucket_of
from regulars.engine.members import MemberState
from regulars.engine.running import Running
from regulars.ops.postgres import Server

RULES: Final = 20
MEMBERS: Final = 5_000
CLIENTS: Final = (1, 8, 32)
GOAL: Final = 0.4
STOCK: Final = 500
CROWD: Final = 100
PRODUCT, PGBENCH = "product", "pgbench"
REWARDS: Final = (
    {"id": "five_off", "type": "amount_off", "price": 1, "amount_minor": 500},
    {"id": "scarce", "type": "free_product", "price": 1, "scope": {"products": ["scarf"]}, "stock": STOCK},
)
_PLENTY: Final = 10**9
_AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
Taken = dict[tuple[str, int], list[Answer]]
Work = Callable[[int, float], Answer]


def run(quick: bool) -> Report:
    """Measure the product and the reference with every number of clients, in rounds that take turns, and the crowd."""
    members, clients, seconds, rounds = (50, (1, 8), 1.0, 1) if quick else (MEMBERS, CLIENTS, 4.0, 5)
    taken: Taken = defaultdict(list)
    with ExitStack() as stack:
        server = stack.enter_context(database.server())
        secret = _template(server, members)
        subjects: dict[str, Work] = {
            PRODUCT: _served(server, stack, secret, members),
            PGBENCH: _reference(server, stack),
        }
        for work in subjects.values():
            work(8, seconds)
        for turn in range(rounds):
            for count in clients if turn % 2 == 0 else reversed(clients):
                for how, work in subjects.items():
                    taken[how, count].append(work(count, seconds))
        crowd = _crowd(server, stack, secret, members)
    return _report(taken, clients, crowd)


def _template(server: Server, members: int) -> str:
    """Make a database in which every member has plenty of points, and return an API key that opens it."""
    secret = database.prepared(server, "template", rules=RULES)
    asyncio.run(_begin(server.url("template"), members))
    return secret


async def _begin(url: str, members: int) -> None:
    memory = database.memory(url)
    async with memory.pool.transaction() as connection:
        at = database.LONG_AGO
        await programmes.apply(memory, connection, _document(), by="bench", starts_at=at, now=at)
    plenty = Adjust(wallet="points", amount=_PLENTY, reason="bench")
    for place in range(0, members, 500):
        own = range(place, min(members, place + 500))
        first = [_told("check_in", f"first-{number}", Action(), number) for number in own]
        then = [_told("points.adjusted", f"plenty-{number}", plenty, number) for number in own]
        for told in (first, then):
            outcomes = await ingest(memory, world.PROGRAMME, told, now=datetime.now(UTC))
            assert all(isinstance(one, Answered) for one in outcomes), "everybody is welcome"
    await memory.close()


def _document() -> str:
    return json.dumps({**json.loads(world.document(RULES)), "rewards": REWARDS})


def _told(type: str, name: str, body: Body, number: int) -> Told:
    return Told(type=type, source="till", source_id=name, body=body, member=calls.by_id(number), occurred_at=world.NOON)


def _served(server: Server, stack: ExitStack, secret: str, members: int) -> Work:
    api, client = _pair(server, stack, secret, members, name="served", reward="five_off")

    def work(connections: int, seconds: float) -> Answer:
        before, own = database.cpu_seconds(server), _cpu(api)
        client.tell({"port": api.said["port"], "connections": connections, "seconds": seconds})
        found = client.answer()
        assert not found["bad"], f"{found['bad']} calls were not answered with a voucher"
        return _figures(found, _cpu(api) - own, database.cpu_seconds(server) - before)

    return work


def _pair(
    server: Server, stack: ExitStack, secret: str, members: int, *, name: str, reward: str
) -> tuple[Helper, Helper]:
    """Start a server and a client of it on a database of their own."""
    server.create_database(name, template="template")
    [api] = stack.enter_context(helpers("bench.server", [{"url": server.url(name)}]))
    task: Answer = {"run": name, "secret": secret, "cards": False, "members": (0, members, 1), "reward": reward}
    [client] = stack.enter_context(helpers("bench.client", [task]))
    return api, client


def _crowd(server: Server, stack: ExitStack, secret: str, members: int) -> Answer:
    """Let a hundred at a time want what there is too little of, and return how it went."""
    api, client = _pair(server, stack, secret, members, name="crowd", reward="scarce")
    wanted = STOCK * 2
    client.tell({"port": api.said["port"], "connections": CROWD, "calls": wanted})
    found = client.answer()
    used = asyncio.run(_used(server.url("crowd")))
    return {**found, "wanted": wanted, "given": wanted - found["bad"], "used": used}


async def _used(url: str) -> int:
    memory = database.memory(url, connections=1)
    async with memory.pool.connection() as connection:
        used = await shared.used(connection, world.PROGRAMME)
    await memory.close()
    return used["reward/scarce/stock"]


def _reference(server: Server, stack: ExitStack) -> Work:
    server.create_database("reference", template="template")
    pgbench.fill(server, "reference")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    running = programme.run(programme.read(_document()), 1)
    scripts = []
    for last_byte in pgbench.LAST_BYTES:
        _fill_lots(server, last_byte)
        path = folder / f"redeem-{last_byte}.sql"
        path.write_text(_script(running, last_byte), encoding="utf-8")
        scripts.append(path)

    def work(connections: int, seconds: float) -> Answer:
        before = database.cpu_seconds(server)
        found = pgbench.run(server, "reference", scripts, connections=connections, seconds=seconds)
        time.sleep(0.3)  # until its backends have ended, and their time is counted
        return _figures(found, 0.0, database.cpu_seconds(server) - before)

    return work


def _fill_lots(server: Server, last_byte: int) -> None:
    """Give the members of the scripts a lot each, named like them."""
    bucket = bucket_of(pgbench.member_id(0, last_byte))
    pgbench.sql(
        server,
        "reference",
        "INSERT INTO lot (bucket, member_id, lot_id, programme_id, wallet, origin_id, event_id, amount, remaining,"
        " held, lapsed, matured, earned_at, available_at)"
        " SELECT bucket, member_id, ('0198a' || substr(member_id::text, 6))::uuid, programme_id, 'points', member_id,"
        " member_id, 1000000000, 1000000000, 0, 0, true, '2026-01-01Z', '2026-01-01Z'"
        f" FROM member WHERE bucket = {bucket} AND member_id::text LIKE '0197a000-0000-7000-8000-1%{last_byte:02}'"
        " ON CONFLICT DO NOTHING;",
    )


def _script(running: Running, last_byte: int) -> str:
    event, change = _change(running, last_byte)

    def varied(document: str) -> str:
        for old, new in _names(event, change).items():
            document = document.replace(old, new)
        return document.replace('version":3,', 'version":":v",')

    return pgbench.script_of(change, varied, last_byte=last_byte)


def _names(event: Event, change: Change) -> dict[str, str]:
    """Return what no two redemptions share, with pgbench's variables in its place."""
    [lot] = change.before.lots
    names = {
        str(lot.id): "0198a000-0000-7000-8000-:m",
        str(event.member_id): "0197a000-0000-7000-8000-:m",
        str(event.id): "0197a000-0000-7:a-8:b-:n",
        "key-of-bench": "key-:a-:b-:n",
        event.source_id: "tap-:a-:b-:n",
    }
    for decided in change.decided:
        for code in decided.codes:
            names[str(code.voucher_id)] = "0197a001-0000-7:a-8:b-:n"
            names[code.key_hash.hex()] = code.key_hash.hex()[:-18] + ":a:b:n"
    return names


def _change(running: Running, last_byte: int) -> tuple[Event, Change]:
    """One tap of somebody with points, with all that the API would write for it."""
    who = pgbench.member_id(0, last_byte)
    plenty = Adjust(wallet="points", amount=_PLENTY, reason="bench")
    member = MemberState(member_id=who, version=1, standing="active", enrolled_at=_AT)
    given = decide(running, member, _event(who, "points.adjusted", plenty, 1))
    assert isinstance(given, Decision), "anybody can be given points"
    state = evolve(member, given.effects)
    tap = _event(who, "reward.issued", Issue(chosen=Chosen(reward="five_off"), redeem=True), 2)
    decision = decide(running, state, tap)
    assert isinstance(decision, Decision), "there are points enough"
    decided = Decided(
        event=tap,
        programme_version=1,
        effects=decision.effects,
        answer=answers.write(tap, decision).decode(),
        codes=tuple(code_claims(Keyring(database.SECRET), world.PROGRAMME, tap, decision.effects)),
        used_key=UsedKey(client=UUID(int=1), key="key-of-bench", fingerprint=bytes(32)),
    )
    return tap, Change(programme_id=world.PROGRAMME, before=state, decided=[decided])


def _event(who: UUID, type: str, body: Body, number: int) -> Event:
    [made] = world.events(1, members=[0], seed=number)
    return replace(made, id=UUID(int=made.id.int + number), member_id=who, type=type, source_id=f"bench-tap-{number}",
                   body=body, occurred_at=_AT, recorded_at=_AT)  # fmt: skip


def _cpu(api: Helper) -> float:
    api.tell({})
    return float(api.answer()["cpu"])


def _figures(found: Answer, api: float, postgres: float) -> Answer:
    each = 1e6 / found["count"]
    return {
        "rate": found["count"] / found["seconds"], "p50": found["p50"] * 1000, "p99": found["p99"] * 1000,
        "api": api * each, "postgres": postgres * each,
    }  # fmt: skip


def _report(taken: Taken, clients: tuple[int, ...], crowd: Answer) -> Report:
    report = Report(
        "redeem",
        "Rewards taken and used with one tap",
        f"One server process, one client process and PostgreSQL on the same machine. A call pays for a reward, makes a "
        f"voucher with its code and uses it: one durable commit before the answer, {RULES} rules in force. "
        f"`{PGBENCH}`: the rows of such a redemption, nothing else, in the product's own statement. Rounds take turns.",
    )
    report.table(
        "As fast as it goes: calls per second, milliseconds, microseconds of processor time per call (medians)",
        ("how", "clients", "calls/s", f"of {PGBENCH}", "p50", "p99", "API", "PostgreSQL"),
        [
            (how, count, median(one["rate"] for one in own), _ratio(taken, how, count),
             *(median(one[name] for one in own) for name in ("p50", "p99", "api", "postgres")))
            for (how, count), own in sorted(taken.items(), key=lambda item: (item[0][0] == PGBENCH, item[0][1]))
        ],
    )  # fmt: skip
    rate = crowd["count"] / crowd["seconds"]
    report.table(
        f"{CROWD} at a time want one of {STOCK}",
        ("wanted", "given", "counted as used", "calls/s", "p50", "p99"),
        [(crowd["wanted"], crowd["given"], crowd["used"], rate, crowd["p50"] * 1000, crowd["p99"] * 1000)],
    )
    if 8 in clients:
        found = _ratio(taken, PRODUCT, 8)
        report.goal(f"8 clients, of {PGBENCH}", f"at least {GOAL:.0%}", f"{found:.0%}", found >= GOAL)
    exact = crowd["given"] == crowd["used"] == STOCK
    report.goal("never oversold", f"{STOCK} given", f"{crowd['given']} given, {crowd['used']} used", exact)
    return report


def _ratio(taken: Taken, how: str, clients: int) -> float:
    """Return the median of the rounds' ratios to pgbench with as many connections."""
    pairs = zip(taken[how, clients], taken[PGBENCH, clients], strict=True)
    return float(median(ours["rate"] / theirs["rate"] for ours, theirs in pairs))
