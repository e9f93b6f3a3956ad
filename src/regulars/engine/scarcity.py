"""What members share is scarce: budgets, stock, seats, codes. Whoever takes some leaves less to the others."""

from collections.abc import Mapping
from typing import Final

from regulars.engine.effects import Claimed

NOTHING_USED: Final[Mapping[str, int]] = {}


class Shared:
    """What one decision knows of what members share, by name: how much of it is used, and what it takes itself.

    `seen` holds what had been used before of everything that was asked for: with it the decision can be made again.
    """

    __slots__ = ("_known", "_taken", "seen")

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._taken: dict[str, int] = {}
        self.seen: dict[str, int] = {}

    def used(self, name: str) -> int:
        """Return how much has been used in all, what this decision takes included."""
        if name not in self.seen:
            self.seen[name] = self._known.get(name, 0)
        return self.seen[name] + self._taken.get(name, 0)

    def claim(self, name: str, by: int, most: int | None, *, exact: bool) -> Claimed:
        """Take some of what is left, or give back by a negative number, and return the effect."""
        used = self.used(name)
        assert by, "a claim takes something or gives something back"
        assert by < 0 or most is None or used + by <= most, "whoever claims asks first what is left"
        self._taken[name] = self._taken.get(name, 0) + by
        return Claimed(name=name, by=by, most=most, seen=used, exact=exact)
