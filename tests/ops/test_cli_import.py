from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.actions.memory import Memory
from regulars.connectors.sources.files import Options
from regulars.db import events
from regulars.db.sealing import Keyring
from regulars.ops.import_state import State
from regulars.ops.importing import Import, import_file
from regulars.ops.set_aside import SetAside
from regulars.web.wording import Measures
from tests.ops.shell import applied, regulars, started, wait_for

HEADER = "type,source,source_id,member.external_id,occurred_at,channel,order.id,order.currency,order.total"


def purchase(number: int, *, currency: str = "EUR", total: str = "12.50", year: int = 2026) -> str:
    return f"purchase,till,r-{number},c-{number % 7},{year}-03-01T10:00:00Z,shop,o-{number},{currency},{total}"


def recorded(url: str) -> int:
    async def count() -> int:
        memory = Memory(url, Keyring(b"0123456789abcdef0123456789abcdef"))
        try:
            async with memory.pool.connection() as connection:
                return await events.count(connection, "corner")
        finally:
            await memory.close()

    return asyncio.run(count())


@pytest.fixture
def till(shop: Path) -> Path:
    """Make a file with three good rows, one unreadable, and two that a programme refuses."""
    applied(shop)
    rows = [
        purchase(1),
        purchase(2),
        purchase(3, total="a lot"),
        purchase(4, currency="USD"),
        purchase(5, year=2019),
        purchase(6),
    ]
    path = shop / "till.csv"
    path.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    return path


def test_good_rows_are_recorded_and_the_others_set_aside(till: Path, database_url: str) -> None:
    ran = regulars("import", till)

    assert ran.status == 1
    assert ran.out == "3 recorded, 0 known already, 2 refused, 1 unreadable\n"
    assert recorded(database_url) == 3
    rows = (till.parent / "till.csv.set-aside.csv").read_text(encoding="utf-8")
    assert rows.splitlines() == [HEADER, purchase(3, total="a lot")]
    refused = (till.parent / "till.csv.refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["source_id"] for line in refused] == ["r-4", "r-5"]
    reasons = (till.parent / "till.csv.reasons.txt").read_text(encoding="utf-8").splitlines()
    assert [reason.split(":")[0] for reason in reasons] == ["row 3", "row 4", "row 5"]
    assert "order.total" in reasons[0]
    assert "currency-mismatch" in reasons[1]
    assert "no-programme" in reasons[2]


def test_what_was_set_aside_can_be_mended_and_imported(till: Path, database_url: str) -> None:
    regulars("import", till)
    aside = till.parent / "till.csv.set-aside.csv"
    aside.write_text(aside.read_text(encoding="utf-8").replace("a lot", "3.00"), encoding="utf-8")
    refused = till.parent / "till.csv.refused.jsonl"
    refused.write_text(refused.read_text(encoding="utf-8").replace("USD", "EUR"), encoding="utf-8")

    mended = regulars("import", aside)
    accepted = regulars("import", refused)

    assert mended.out == "1 recorded, 0 known already, 0 refused, 0 unreadable\n"
    assert accepted.out == "1 recorded, 0 known already, 1 refused, 0 unreadable\n"
    assert recorded(database_url) == 5


def test_a_file_that_was_imported_is_not_told_again(till: Path, database_url: str) -> None:
    regulars("import", till)

    unchanged = regulars("import", till)
    again = regulars("import", till, "--again")

    assert "--again" in unchanged.err
    assert again.out == "0 recorded, 3 known already, 2 refused, 1 unreadable\n"
    assert recorded(database_url) == 3
    # What an earlier import set aside is kept under another name, in case somebody is mending it.
    assert (till.parent / "till.csv.refused.jsonl.1").exists()


def test_a_file_that_grew_is_imported_anew_without_doubles(till: Path, database_url: str) -> None:
    regulars("import", till)
    with till.open("a", encoding="utf-8") as file:
        file.write(purchase(7) + "\n")

    ran = regulars("import", till)

    assert ran.out == "1 recorded, 3 known already, 2 refused, 1 unreadable\n"


def test_a_return_finds_its_order_in_the_same_file(shop: Path) -> None:
    applied(shop)
    path = shop / "till.csv"
    back = "return,till,b-1,,2026-03-04T10:00:00Z,shop,,,,o-1"
    path.write_text(f"{HEADER},return.order_id\n{purchase(1)},\n{purchase(2)},\n{back}\n", encoding="utf-8")

    ran = regulars("import", path)

    assert ran.out == "3 recorded, 0 known already, 0 refused, 0 unreadable\n"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["gone.csv"], "gone.csv is not a file"),
        (["till.csv", "--map", "gone.yaml"], "gone.yaml"),
        (["till.csv", "--zone", "Europe/Nowhere"], "Europe/Nowhere"),
        (["till.csv", "--encoding", "martian"], "martian"),
    ],
)
def test_what_cannot_be_begun_is_a_sentence(
    till: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], hint: str
) -> None:
    monkeypatch.chdir(till.parent)

    ran = regulars("import", *arguments)

    assert ran.status == 2
    assert hint in ran.err


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


@contextmanager
def opened(folder: Path, state: State) -> Iterator[SetAside]:
    with SetAside(folder, "till.csv", header=HEADER, sizes=state.sizes) as aside:
        yield aside


async def test_an_interrupted_import_goes_on_and_sets_nothing_aside_twice(
    till: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"))
    kept = till.parent / "state.json"

    def job(after: int) -> Import:
        return Import(
            memory=memory,
            programme_id="corner",
            path=till,
            options=Options(after=after),
            measures=Measures(),
            chunk=2,
        )

    def interrupt(_: int) -> None:
        if State.read(kept, "till").after >= 2:
            raise Interrupted

    with opened(till.parent, State.begin(kept, "till")) as aside, pytest.raises(Interrupted):
        await import_file(job(0), State.begin(kept, "till"), aside, interrupt)
    stopped = State.read(kept, "till")
    # Written by a chunk that was never finished: it will come again.
    with (till.parent / "till.csv.reasons.txt").open("a", encoding="utf-8") as reasons:
        reasons.write("row 5: half a line")
    with opened(till.parent, stopped) as aside:
        finished = await import_file(job(stopped.after), stopped, aside, lambda _: None)
    await memory.close()

    assert 0 < stopped.after < finished.after == 6
    assert finished.done
    assert (finished.counts.recorded + finished.counts.repeated, finished.counts.set_aside) == (3, 3)
    reasons_told = (till.parent / "till.csv.reasons.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in reasons_told] == ["row 3", "row 4", "row 5"]


@pytest.mark.chaos
def test_an_import_that_was_killed_goes_on_where_it_stopped(shop: Path, database_url: str) -> None:
    applied(shop)
    rows = 6_000
    path = shop / "long.csv"
    path.write_text("\n".join((HEADER, *(purchase(number) for number in range(rows)))), encoding="utf-8")
    state = shop / "long.csv.import.json"
    process = started("import", str(path), log=shop / "log")
    wait_for(state.exists)

    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    ran = regulars("import", path)

    kept = State.read(state, json.loads(state.read_bytes())["file"])
    assert ran.status == 0, ran.err
    assert "going on after row" in ran.err
    assert kept.counts.recorded + kept.counts.repeated == rows
    assert recorded(database_url) == rows


def test_times_are_as_the_file_says(till: Path, database_url: str) -> None:
    regulars("import", till)

    async def first() -> datetime:
        memory = Memory(database_url, Keyring(b"0123456789abcdef0123456789abcdef"))
        try:
            async with memory.pool.snapshot() as connection:
                found = [one.event.occurred_at async for one in events.stream(connection, "corner")]
        finally:
            await memory.close()
        return min(found)

    assert asyncio.run(first()) == datetime(2026, 3, 1, 10, tzinfo=UTC)
