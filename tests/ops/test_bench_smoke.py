"""The measurements themselves still run, from end to end, and say whether each goal was reached."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("topic", ["engine", "ingest", "http", "nightly"])
def test_a_topic_is_measured_against_its_goals(topic: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", topic, "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "| goal | wanted | measured | verdict |" in done.stdout
    assert "PASS" in done.stdout or "FALLS SHORT" in done.stdout


def test_an_unknown_topic_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "magic"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "no such topic: magic" in done.stderr
