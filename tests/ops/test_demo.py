"""The demo as a newcomer starts it: in an empty folder, with its own PostgreSQL, and every printed call given."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from regulars.connectors.sources import completejourney
from regulars.ops.mistakes import INTERRUPTED
from regulars.ops.serving import bind
from tests.ops.shell import applied, free_port, regulars, started, status_of, wait_for

HOUSEHOLDS = 3


class Demo(NamedTuple):
    """A demo that is being served."""

    process: subprocess.Popen[bytes]
    home: Path
    address: str
    told: str

    def stopped(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def opened(home: Path, log: Path) -> Demo:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = started("demo", "--port", str(port), "--households", str(HOUSEHOLDS), log=log)
    try:
        wait_for(lambda: process.poll() is not None or status_of(f"{address}/health/ready") == 200, seconds=120)
        wait_for(lambda: process.poll() is not None or "Ctrl-C" in log.read_text(encoding="utf-8"))
        assert process.poll() is None, log.read_text(encoding="utf-8")
    except BaseException:
        process.terminate()
        process.wait(timeout=60)
        raise
    return Demo(process, home, address, log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Start the demo in an empty home, and stop it afterwards."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as environment:
        for name in ("REGULARS_DATABASE_URL", "REGULARS_SECRET", "PORT"):
            environment.delenv(name, raising=False)
        environment.setenv("REGULARS_HOME", str(folder / "home"))
        demo = opened(folder / "home", folder / "log")
        yield demo
        if demo.process.poll() is None:
            demo.stopped()


def suggestions(demo: Demo) -> list[str]:
    """Return the commands that the demo says are worth trying."""
    return re.findall(r"^curl (?:.*\\\n)*.*$", demo.told, re.MULTILINE)


def tried(demo: Demo, command: str) -> dict[str, Any]:
    """Give a command to a shell, after the line that sets the key, and return what it answers."""
    (key,) = re.findall(r"^export KEY=.*$", demo.told, re.MULTILINE)
    shell = subprocess.run(["sh", "-ec", f"{key}\n{command}"], capture_output=True, check=True, timeout=30)
    answer: dict[str, Any] = json.loads(shell.stdout)
    return answer


def test_the_three_suggestions_work(demo: Demo) -> None:
    found, earned, explained = (tried(demo, command) for command in suggestions(demo))
    again = tried(demo, suggestions(demo)[1])

    assert found["identities"][0]["value"].startswith("household-")
    assert found["balances"]["points"]["available"] > 0
    assert earned["member"] == found["member"]
    assert {award["rule"] for award in earned["awards"]} >= {"base", "fresh"}
    assert earned["balances"]["points"]["available"] > found["balances"]["points"]["available"]
    assert again == earned
    assert explained["decision"]["member"] == found["member"]
    assert any(not rule["applied"] and rule["reasons"] for rule in explained["rules"])


def test_the_pages_that_it_names_are_there(demo: Demo) -> None:
    for path in ("/docs", "/health/ready", "/metrics"):
        assert f"{demo.address}{path}" in demo.told
        assert status_of(f"{demo.address}{path}") == 200


def test_it_says_what_is_not_real_about_the_data(demo: Demo) -> None:
    for notice in completejourney.NOTICES:
        assert notice in demo.told


def test_everything_of_the_households_was_loaded(demo: Demo) -> None:
    assert f"{completejourney.count(HOUSEHOLDS):,} events" in demo.told


def test_its_key_and_its_secret_are_for_their_owner_only(demo: Demo) -> None:
    for name in ("demo-key", "secret"):
        assert (demo.home / name).stat().st_mode & 0o777 == 0o600


def test_it_stops_in_good_order_and_opens_again_with_its_data_and_key(demo: Demo, tmp_path: Path) -> None:
    keeper = demo.home / "postgres" / "cluster" / "postmaster.pid"
    assert keeper.exists()

    status = demo.stopped()

    assert status == 0
    assert not keeper.exists()
    again = opened(demo.home, tmp_path / "log")
    told = tried(again, suggestions(again)[0])
    assert again.stopped() == 0
    assert "loading" not in again.told
    assert re.findall("^export KEY=.*", again.told, re.MULTILINE) == re.findall(
        "^export KEY=.*", demo.told, re.MULTILINE
    )
    assert told["balances"]["points"]["available"] > 0
    assert regulars("verify").status == 0


def test_a_load_that_was_interrupted_goes_on_without_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    households = 60
    for name in ("REGULARS_DATABASE_URL", "REGULARS_SECRET", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REGULARS_HOME", str(tmp_path / "home"))
    first = started("demo", "--port", "0", "--households", str(households), log=tmp_path / "first")
    wait_for(lambda: first.poll() is not None or (tmp_path / "home" / "demo.json").exists(), seconds=120)
    first.send_signal(signal.SIGINT)
    status = first.wait(timeout=60)

    again = started("demo", "--port", "0", "--households", str(households), log=tmp_path / "again")
    wait_for(lambda: again.poll() is not None or "Ctrl-C" in (tmp_path / "again").read_text(encoding="utf-8"))
    again.send_signal(signal.SIGTERM)
    ended = again.wait(timeout=60)

    assert (status, ended) == (INTERRUPTED, 0)
    assert "kept" in (tmp_path / "first").read_text(encoding="utf-8")
    assert f"{completejourney.count(households):,} events" in (tmp_path / "again").read_text(encoding="utf-8")


def test_it_stays_away_from_other_programmes(shop: Path) -> None:
    applied(shop)

    ran = regulars("demo", "--port", str(free_port()), "--households", "1")

    assert ran.status == 2
    assert "corner" in ran.err


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(shop: Path) -> None:
    with bind("127.0.0.1", 0) as bound:
        bound.listen()

        ran = regulars("demo", "--port", str(bound.getsockname()[1]))

    assert ran.status == 3
    assert "--port" in ran.err
    assert not (shop / "home").exists()
