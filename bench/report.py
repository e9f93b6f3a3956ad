"""A table of results that says by itself what was measured, on what, and whether it is enough."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import machine

RESULTS: Final = Path(__file__).parent / "results"


class Report:
    """One topic's results, as Markdown in the making."""

    def __init__(self, topic: str, title: str, purpose: str) -> None:
        self.topic = topic
        self.goals: list[tuple[str, str, str, bool]] = []
        self._lines = [f"# {title}", "", purpose, ""]

    def text(self, paragraph: str) -> None:
        """Add a paragraph."""
        self._lines += [paragraph, ""]

    def table(self, heading: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table; numbers are shown with three significant digits."""
        self._lines += [f"## {heading}", "", _row(columns), _row(["---"] * len(columns))]
        self._lines += [_row([shown(cell) for cell in row]) for row in rows]
        self._lines.append("")

    def goal(self, what: str, wanted: str, found: str, passed: bool) -> None:
        """Add a goal and whether it was reached."""
        self.goals.append((what, wanted, found, passed))

    def markdown(self) -> str:
        """Return the whole report, the verdicts first."""
        head, rest = self._lines[:4], self._lines[4:]
        verdicts = [_row(["goal", "wanted", "measured", "verdict"]), _row(["---"] * 4)]
        verdicts += [_row([*goal[:3], "PASS" if goal[3] else "**FALLS SHORT**"]) for goal in self.goals]
        setting = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine.described()} {machine.busy()}"
        return "\n".join([*head, *(verdicts if self.goals else []), "", *rest, setting, ""])

    def write(self) -> Path:
        """Write the report to the folder of results, under today's date, and return where."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{self.topic}.md"
        path.write_text(self.markdown(), encoding="utf-8")
        return path


def shown(cell: object) -> str:
    """Return a number with three significant digits, thousands apart; anything else as it is."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    if cell == 0 or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.2f}" if abs(cell) < 10 else f"{cell:.1f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
