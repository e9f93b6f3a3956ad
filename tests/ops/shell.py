"""Commands as a person gives them, and what comes of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx2
from typer.testing import CliRunner

from regulars.ops.cli import app

PROGRAMME = """
id: corner
name: Corner Shop
timezone: Europe/Paris
currency: EUR
channels: {web: {}, shop: {}}
wallets:
  points:
    expiry: {kind: rolling, months: 12, round_to: month}
policies:
  late_events: {window_days: null}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
"""
LONG_AGO = "2020-01-01"


class Ran(NamedTuple):
    """How a command ended, and what it wrote to where."""

    status: int
    out: str
    err: str


def regulars(*arguments: str | Path, answer: str = "") -> Ran:
    """Run a command in this process; `answer` is what its user types."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def applied(folder: Path, text: str = PROGRAMME, *, since: str = LONG_AGO) -> Path:
    """Apply a programme, in force for long, and return its file."""
    path = folder / "programme.yaml"
    path.write_text(text, encoding="utf-8")
    ran = regulars("apply", path, "--from", since, "--yes")
    assert ran.status == 0, ran.err
    return path


def started(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """Start a command as a process of its own, which writes to a file."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "regulars", *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ,
        )


def wait_for(what: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until something is so.

    Raises: TimeoutError, when it takes too long.
    """
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not happen within {seconds} s")
        time.sleep(0.05)


def status_of(url: str) -> int | None:
    """Return how a GET is answered, or None while nobody listens."""
    try:
        return httpx2.get(url, timeout=5).status_code
    except httpx2.TransportError:
        return None


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    from regulars.ops.serving import bind

    with bind("127.0.0.1", 0) as bound:
        port: int = bound.getsockname()[1]
        return port
