"""A second opinion on what an API answers about points: a naive book of members whose points never wait nor die."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Bought:
    """An order of somebody: its lines' amounts, what each was given, and how many of its pieces came back."""

    buyer: str
    amounts: tuple[int, ...]
    points: dict[str, int]
    pieces: int
    back: dict[str, int] = field(default_factory=dict)

    def reversed(self) -> int:
        """What returns have asked back so far."""
        return sum(points * self.back.get(line, 0) // self.pieces for line, points in self.points.items())

    def left(self, line: str) -> int:
        """How many pieces of a line can still come back."""
        return self.pieces - self.back.get(line, 0)


@dataclass
class Spent:
    """Points that were paid with, by the membership that did so."""

    member: str
    amount: int
    restored: bool = False


@dataclass
class Book:
    """One membership: what it could spend, negative where it owes, and what is reserved until when."""

    points: int = 0
    holds: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def advance(self, to: datetime) -> None:
        """Free what was reserved until an instant or before."""
        for name, (_, until) in list(self.holds.items()):
            if until <= to:
                self.let_go(name)

    def let_go(self, name: str) -> int:
        """End a hold, its points free again, and return how many they were."""
        amount, _ = self.holds.pop(name)
        self.points += amount
        return amount

    def shown(self) -> dict[str, int]:
        """The balance, as the API shows it."""
        held = sum(amount for amount, _ in self.holds.values())
        return {"available": self.points, "pending": 0, "held": held, "debt": max(0, -self.points)}


@dataclass
class Books:
    """All members of a brand, and the gifts that are under way between them."""

    members: dict[str, Book] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    orders: dict[str, Bought] = field(default_factory=dict)
    spends: dict[str, Spent] = field(default_factory=dict)
    gifts: list[tuple[str, int]] = field(default_factory=list)

    def survivor(self, member: str) -> str:
        """The membership that somebody goes by today."""
        while member in self.merged:
            member = self.merged[member]
        return member

    def book(self, member: str) -> Book:
        """The book of the membership that somebody goes by today."""
        return self.members[self.survivor(member)]

    def advance(self, to: datetime) -> None:
        """Let time pass."""
        for book in self.members.values():
            book.advance(to)

    def merge(self, closing: str, into: str) -> None:
        """Make one membership of two."""
        self.members[into].points += self.members[closing].points
        self.members[closing].points = 0
        self.merged[closing] = into

    def deliver(self) -> None:
        """Let all gifts arrive."""
        for to, amount in self.gifts:
            self.book(to).points += amount
        self.gifts.clear()
