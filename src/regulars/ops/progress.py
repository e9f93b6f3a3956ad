"""How far a long job has come: a bar where somebody is looking, now and then a line where nobody is."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from regulars.ops.speaking import say

Advance = Callable[[int], None]
_LINE_EVERY_SECONDS: Final = 10.0
_RATE_TOLD_FROM: Final = 50


@contextmanager
def progress(title: str, total: int, *, done: int = 0, unit: str) -> Iterator[Advance]:
    """Yield what is called with how many more are done, out of `total`, of which `done` were done before."""
    if sys.stderr.isatty():
        with _bar(title, total, done, unit) as advance:
            yield advance
    else:
        lines = _Lines(title, total, done, unit)
        yield lines.advance
        lines.end()


@contextmanager
def _bar(title: str, total: int, done: int, unit: str) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit}, {{task.fields[rate]}} a second,"),
        TimeRemainingColumn(),
    )
    started, first = time.monotonic(), done
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total, completed=done, rate="…")

        def advance(more: int) -> None:
            nonlocal done
            done += more
            rate = (done - first) / max(time.monotonic() - started, 0.001)
            shown.update(task, completed=done, rate=f"{rate:,.0f}")

        yield advance


class _Lines:
    def __init__(self, title: str, total: int, done: int, unit: str) -> None:
        self._title = title
        self._total = total
        self._done = self._first = done
        self._unit = unit
        self._started = self._told = time.monotonic()

    def advance(self, more: int) -> None:
        """Count, and say so where the last time is a while ago."""
        self._done += more
        if time.monotonic() - self._told >= _LINE_EVERY_SECONDS:
            self._told = time.monotonic()
            say(f"{self._title}: {self._done:,} of {self._total:,} {self._unit}")

    def end(self) -> None:
        """Say how it went."""
        seconds = time.monotonic() - self._started
        rate = (self._done - self._first) / max(seconds, 0.001)
        pace = f", {rate:,.0f} a second" if rate >= _RATE_TOLD_FROM else ""
        say(f"{self._title}: {self._done:,} {self._unit} in {seconds:.1f} s{pace}")
