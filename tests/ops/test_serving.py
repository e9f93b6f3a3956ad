"""Serving: from a database that is away at the start to an end in good order."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import httpx2
import pytest

from regulars.ops import serving
from regulars.ops.mistakes import Mistake
from regulars.ops.postgres import Server
from tests.ops.shell import applied, free_port, regulars, started, status_of, wait_for


@pytest.mark.parametrize("command", ["serve", "up"])
def test_it_starts_while_the_database_is_away_and_ends_in_good_order(
    shop: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("REGULARS_DATABASE_URL", f"postgresql://nobody@/nothing?host={shop}")
    port = free_port()
    process = started(command, "--port", str(port), log=shop / "log")
    try:
        wait_for(lambda: status_of(f"http://127.0.0.1:{port}/health/live") == 200)
        ready = status_of(f"http://127.0.0.1:{port}/health/ready")
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=60)

    assert ready == 503
    assert status == 0
    assert '"event":"database.away"' in (shop / "log").read_text(encoding="utf-8").replace(": ", ":")


def test_up_migrates_as_soon_as_the_database_is_there(
    shop: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "comes_later"
    monkeypatch.setenv("REGULARS_DATABASE_URL", postgres.url(name))
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    process = started("up", log=shop / "log")
    try:
        wait_for(lambda: status_of(f"http://127.0.0.1:{port}/health/live") == 200)
        before = status_of(f"http://127.0.0.1:{port}/health/ready")
        postgres.create_database(name)
        wait_for(lambda: status_of(f"http://127.0.0.1:{port}/health/ready") == 200)
        verified = regulars("verify")
        wait_for(lambda: 'regulars_worker_last_success{job="deliver"}' in figures(port))
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
        postgres.drop_database(name)

    assert before == 503
    assert status == 0
    assert verified.status == 0, verified.err


def figures(port: int) -> str:
    return httpx2.get(f"http://127.0.0.1:{port}/metrics").text


def test_a_call_under_way_is_finished_before_it_ends(shop: Path) -> None:
    applied(shop)
    key = regulars("keys", "create", "till", "--scope", "all").out.strip()
    port = free_port()
    process = started("serve", "--port", str(port), log=shop / "log")
    events = [
        {"type": "review", "source": "app", "source_id": f"v-{number}", "member": {"external_id": f"c-{number}"}}
        for number in range(2_000)
    ]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "batch-1"}
    try:
        wait_for(lambda: status_of(f"http://127.0.0.1:{port}/health/ready") == 200)

        async def told_while_stopping() -> httpx2.Response:
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
                under_way = asyncio.create_task(client.post("/v1/events/batch", json={"events": events}))
                await asyncio.sleep(0.2)
                assert not under_way.done(), "give it more to do"
                process.send_signal(signal.SIGTERM)
                return await under_way

        answer = asyncio.run(told_while_stopping())
        ended = process.wait(timeout=60)
    finally:
        process.kill()

    assert answer.status_code == 200
    assert answer.json()["accepted"] == len(events)
    assert ended == 0


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with serving.bind("127.0.0.1", 0) as bound:
        bound.listen()
        with pytest.raises(Mistake, match="Choose another with --port"):
            serving.bind("127.0.0.1", bound.getsockname()[1])


def test_an_address_that_nobody_has_is_a_sentence() -> None:
    with pytest.raises(Mistake, match=r"192\.0\.2\.1"):
        serving.bind("192.0.2.1", 0)


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")])  # noqa: S104
def test_the_address_is_one_that_a_browser_on_this_machine_finds(host: str, shown: str) -> None:
    with serving.bind(host, 0) as bound:
        address = serving.address(bound)

    assert address.startswith(f"http://{shown}:")
