"""Processes that take part in a measurement: each prepares, says so, and then works whenever it is told to go."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Answer = dict[str, Any]


class Helper:
    """A process of ours, as the one who leads the measurement sees it; `said` is what it was ready with."""

    def __init__(self, module: str, task: Answer) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.said: Answer = {}
        self.tell(task)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def tell(self, what: Answer) -> None:
        """Send it something to do."""
        assert self._process.stdin is not None, "the process was given a pipe"
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Answer:
        """Wait for what it has to say."""
        assert self._process.stdout is not None, "the process was given a pipe"
        line = self._process.stdout.readline()
        assert line, f"{self._module} ended with {self._process.wait()}"
        found: Answer = json.loads(line)
        return found

    def end(self) -> None:
        """Let it end, and wait until it has."""
        assert self._process.stdin is not None, "the process was given a pipe"
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def helpers(module: str, tasks: Sequence[Answer]) -> Iterator[list[Helper]]:
    """Yield a process for each task, once all of them are ready."""
    started = [Helper(module, task) for task in tasks]
    try:
        for one in started:
            one.said = one.answer()
        yield started
    finally:
        for one in started:
            one.end()


def together(started: Sequence[Helper], what: Answer) -> tuple[float, list[Answer]]:
    """Let processes work at the same time; return the seconds until the last one is done, and their answers."""
    begun = time.perf_counter()
    for one in started:
        one.tell(what)
    answers = [one.answer() for one in started]
    return time.perf_counter() - begun, answers


def listen() -> Iterator[Answer]:
    """Yield what the leader tells this process, until it is told nothing more."""
    for line in sys.stdin:
        yield json.loads(line)


def say(what: Answer) -> None:
    """Tell the leader."""
    print(json.dumps(what), flush=True)
