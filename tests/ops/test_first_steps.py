"""The tutorial is followed to the letter, in an empty folder, on a port of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ops.shell import free_port, started, status_of, wait_for

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "first-steps.md"
STEPS = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
(PROGRAMME,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class Reader:
    """Somebody who follows the page, in two terminals."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}

    def does(self, step: str) -> str:
        """Give the commands of a step to the first terminal and return what they print."""
        step = step.replace(":8000/", f":{self._port}/")
        remember = "export -p > .exported"
        shell = subprocess.run(
            ["sh", "-ec", f"if [ -f .exported ]; then . ./.exported; fi\n{step}\n{remember}"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert shell.returncode == 0, shell.stderr
        return shell.stdout


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Start what the page starts in the second terminal, and stop it with Ctrl-C."""
    for name in ("REGULARS_DATABASE_URL", "REGULARS_SECRET", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REGULARS_HOME", str(tmp_path / "var"))
    port = free_port()
    process = started("up", "--port", str(port), log=tmp_path / "log")
    try:
        wait_for(lambda: status_of(f"http://127.0.0.1:{port}/health/ready") == 200, seconds=120)
        yield Reader(tmp_path, port)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def leaves(answer: dict[str, Any]) -> int:
    available: int = answer["balances"]["points"]["available"]
    return available


def test_every_step_does_what_the_page_says(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")
    check, up, apply, sell, take_back, look_up, verify = STEPS
    assert up == "regulars up\n"

    reader.does(check)
    assert "tea version 1" in reader.does(apply)
    sold, again, returned, found = (json.loads(reader.does(step)) for step in (sell, sell, take_back, look_up))
    reader.does(verify)

    assert {award["rule"]: award["value"] for award in sold["awards"]} == {"base": 21, "hello": 10}
    assert again == sold
    assert leaves(sold) == 31
    assert [(one["rule"], one["taken"]) for one in returned["reversed"]] == [("base", 9)]
    assert leaves(found) == leaves(returned) == 22
    assert found["member"] == sold["member"]
