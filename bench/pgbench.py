"""The reference for single events: PostgreSQL's own load generator writing the rows of an event in one statement.

The statement is the product's, text and all, and so are the documents it is given: those of one real purchase,
in which ids and numbers are random each time. Nothing is recognised, loaded, decided or answered.
"""

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import msgspec

from bench import world
from bench.helpers import Answer
from regulars.actions import answers
from regulars.actions.recognising import order_hash
from regulars.db.changes import Change, Decided, UsedKey
from regulars.db.members import together
from regulars.db.rows import encoded, rows_of
from regulars.engine.decide import Decision, decide
from regulars.engine.events import Event, Purchase
from regulars.engine.ids import bucket_of
from regulars.engine.members import MemberState
from regulars.engine.running import Running
from regulars.ops.postgres import Server
from regulars.ops.postgres_binaries import find_binaries

MEMBERS_EACH: Final = 1250
LAST_BYTES: Final = (10, 21, 32, 43, 54, 65, 76, 87)
"""Members of eight buckets: pgbench writes decimal digits only, and these read the same in hexadecimal."""

_SESSION: Final = (
    "-c role=regulars_app -c plan_cache_mode=force_generic_plan -c enable_seqscan=off "
    "-c enable_hashjoin=off -c enable_mergejoin=off -c jit=off"
)
_LOWEST: Final = 10**9
_FINGERPRINT: Final = bytes(32)


def member_id(number: int, last_byte: int) -> UUID:
    """Return the id of a member that the scripts know."""
    return UUID(f"0197a000-0000-7000-8000-{_LOWEST + number}{last_byte:02}")


def fill(server: Server, database: str) -> None:
    """Make the members of the scripts: active, at their first version."""
    for last_byte in LAST_BYTES:
        bucket = bucket_of(member_id(0, last_byte))
        subprocess.run(
            [find_binaries(None).tool("psql"), "-Xq", "--set=ON_ERROR_STOP=1", server.url(database)],
            input=(
                "INSERT INTO member (bucket, member_id, programme_id, version, standing, enrolled_at, channel, shop,"
                f" enrolled_by, attributes) SELECT {bucket}, ('0197a000-0000-7000-8000-' || ({_LOWEST} + n)::text ||"
                f" '{last_byte:02}')::uuid, '{world.PROGRAMME}', 1, 'active', '2026-01-01Z', 'shop', '', '', '{{}}'"
                f" FROM generate_series(0, {MEMBERS_EACH - 1}) AS n;"
            ),
            text=True,
            check=True,
        )


def sql(server: Server, database: str, text: str) -> None:
    """Have a statement done by whom the database belongs to."""
    psql = find_binaries(None).tool("psql")
    subprocess.run([psql, "-Xq", "--set=ON_ERROR_STOP=1", server.url(database)], input=text, text=True, check=True)


def scripts(folder: Path, running: Running) -> list[Path]:
    """Write a script for the members of each bucket, and return where."""
    paths = []
    for last_byte in LAST_BYTES:
        path = folder / f"earn-{last_byte}.sql"
        path.write_text(_script(running, last_byte), encoding="utf-8")
        paths.append(path)
    return paths


def _script(running: Running, last_byte: int) -> str:
    event, change = _change(running, last_byte)
    return script_of(change, lambda document: _varied(document, event), last_byte=last_byte)


def script_of(change: Change, varied: Callable[[str], str], *, last_byte: int) -> str:
    """Return the script that writes a change again and again, with pgbench's variables where no two are alike."""
    rows = {name: found for name, found in msgspec.structs.asdict(rows_of([change])).items() if found}
    statement = together(tuple(rows)).text
    documents = ", ".join("'" + varied(encoded(found)).replace("'", "''") + "'" for found in rows.values())
    types = ", ".join(["json"] * len(rows))
    return "\n".join(
        (
            r"\if :ready = 0",
            f"PREPARE apply ({types}) AS {statement};",
            r"\set ready 1",
            r"\endif",
            rf"\set m random({_LOWEST}, {_LOWEST + MEMBERS_EACH - 1}) * 100 + {last_byte}",
            r"\set a random(100, 999)",
            r"\set b random(100, 999)",
            r"\set n random(100000000000, 999999999999)",
            r"\set v random(10, 1000000000000)",
            f"EXECUTE apply({documents});",
            "",
        )
    )


def _change(running: Running, last_byte: int) -> tuple[Event, Change]:
    """One purchase of somebody who has bought before, with all that the API would write for it."""
    who = member_id(0, last_byte)
    first, second = (
        msgspec.structs.replace(event, member_id=who) for event in world.events(2, members=[0], seed=last_byte)
    )
    before = decide(running, MemberState(member_id=who), first)
    assert isinstance(before, Decision), "every purchase is welcome"
    decision = decide(running, before.after, second)
    assert isinstance(decision, Decision), "every purchase is welcome"
    assert isinstance(second.body, Purchase), "all are purchases"
    decided = Decided(
        event=second,
        programme_version=1,
        effects=decision.effects,
        answer=answers.write(second, decision).decode(),
        order_hash=order_hash(world.PROGRAMME, second.body.order.id),
        used_key=UsedKey(client=UUID(int=1), key="key-of-bench", fingerprint=_FINGERPRINT),
    )
    return second, Change(programme_id=world.PROGRAMME, before=before.after, decided=[decided])


def _varied(document: str, event: Event) -> str:
    """Put pgbench's variables in the place of all that no two purchases share."""
    assert isinstance(event.body, Purchase), "all are purchases"
    order = event.body.order.id
    lots = {row for row in _ids(document) if row not in (str(event.member_id), str(event.id))}
    document = document.replace(str(event.member_id), "0197a000-0000-7000-8000-:m")
    document = document.replace(str(event.id), "0197a000-0000-7:a-8:b-:n")
    for number, lot in enumerate(sorted(lots)):
        document = document.replace(lot, f"0197a00{number + 1}-0000-7:a-8:b-:n")
    document = document.replace(f'"{order}"', '"order-:a-:b-:n"').replace('"key-of-bench"', '"key-:a-:b-:n"')
    hash = order_hash(world.PROGRAMME, order).hex()
    document = document.replace(hash, hash[:-18] + ":a:b:n")
    return document.replace('version":2,', 'version":":v",')


def _ids(document: str) -> set[str]:
    """The ids of lots: all that stands in the fields for them."""
    found: set[str] = set()
    for row in msgspec.json.decode(document):
        found |= {row[name] for name in ("lot_id", "origin_id") if row.get(name)}
    return found


def run(server: Server, database: str, paths: list[Path], *, connections: int, seconds: float) -> Answer:
    """Let so many connections write for so long, and return how many events it was and how long one took."""
    address = parse_qs(urlsplit(server.url(database)).query)
    environment = {
        **os.environ,
        "PGHOST": address["host"][0],
        "PGPORT": address["port"][0],
        "PGUSER": str(urlsplit(server.url(database)).username),
        "PGPASSWORD": str(urlsplit(server.url(database)).password),
        "PGOPTIONS": _SESSION,
    }
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        files = [option for path in paths for option in ("-f", str(path))]
        # So many connections, each its own transactions, for so many seconds, each latency written down.
        done = subprocess.run(
            [find_binaries(None).tool("pgbench"), "-n", "-M", "simple", "-c", str(connections),
             "-T", str(round(seconds)), "-D", "ready=0", "-l", f"--log-prefix={folder}/log", *files, database],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        lines = [line for path in Path(folder).glob("log*") for line in path.read_text().splitlines()]
    latencies = sorted(int(line.split()[2]) / 1e6 for line in lines)
    return {
        "count": len(latencies),
        "seconds": round(seconds),
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "p50": median(latencies),
        "p99": latencies[len(latencies) * 99 // 100],
    }
