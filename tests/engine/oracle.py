"""A second opinion on balances: a naive model of pots of points that moves the clock one due at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

_NUMBERS = count()


@dataclass
class Pot:
    """Points that came together; `ends_at` null where they never die or the wallet's activity decides."""

    order: str
    came_at: datetime
    ready_at: datetime
    ends_at: datetime | None
    free: int = 0
    lapsed: int = 0
    ready: bool = False
    number: int = field(default_factory=lambda: next(_NUMBERS))


Part = tuple[Pot, int]


@dataclass
class Model:
    """One member's wallet. `quiet_span` is after how long without a purchase points lapse, if at all."""

    waits: timedelta
    lives: timedelta | None
    quiet_span: timedelta | None
    may_owe: int | None
    pots: list[Pot] = field(default_factory=list)
    holds: dict[str, tuple[datetime, list[Part]]] = field(default_factory=dict)
    spends: dict[str, list[Part]] = field(default_factory=dict)
    debt: int = 0
    quiet_at: datetime | None = None

    def end(self, pot: Pot) -> datetime | None:
        """When a pot's points die."""
        return pot.ends_at if pot.ends_at is not None else self.quiet_at

    def dead(self, pot: Pot, at: datetime) -> bool:
        """Whether they are dead at an instant."""
        end = self.end(pot)
        return end is not None and end <= at

    def advance(self, to: datetime) -> None:
        """Let all that is due by an instant happen, the earliest first."""
        while True:
            dues: list[tuple[datetime, int, datetime, int, Pot | str]] = []
            for pot in self.pots:
                end = self.end(pot)
                if end is not None and pot.free:
                    dues.append((end, 0, pot.came_at, pot.number, pot))
                if not pot.ready and pot.free:
                    dues.append((pot.ready_at, 1, pot.came_at, pot.number, pot))
            dues += [(until, 2, until, n, name) for n, (name, (until, _)) in enumerate(self.holds.items())]
            dues = [due for due in dues if due[0] <= to]
            if not dues:
                return
            instant, kind, *_, what = min(dues, key=lambda due: due[:4])
            if isinstance(what, str):
                self.let_go(what, instant)
            elif kind == 0:
                what.lapsed, what.free = what.lapsed + what.free, 0
            else:
                what.ready = True
                self.pay(what)

    def pay(self, pot: Pot) -> None:
        """Let the debt have what a pot has free."""
        part = min(pot.free, self.debt)
        pot.free -= part
        self.debt -= part

    def put_back(self, parts: list[Part], at: datetime) -> None:
        """Put points back where they came from; dead ones stay away."""
        for pot, amount in parts:
            if self.dead(pot, at):
                pot.lapsed += amount
            else:
                pot.free += amount
                self.pay(pot)

    def let_go(self, name: str, at: datetime) -> None:
        """End a hold."""
        _, parts = self.holds.pop(name)
        self.put_back(parts, at)

    def come(self, amount: int, at: datetime, *, order: str, waits: timedelta | None = None) -> None:
        """Take in points that were earned or given."""
        if amount:
            ready_at = at + (self.waits if waits is None else waits)
            ends_at = None if self.lives is None else at + self.lives
            pot = Pot(order, at, ready_at, ends_at, free=amount, ready=ready_at <= at)
            self.pots.append(pot)
            if pot.ready:
                self.pay(pot)
            if self.quiet_span is not None and (self.quiet_at is None or self.quiet_at <= at):
                self.quiet_at = at + self.quiet_span

    def active(self, at: datetime) -> None:
        """Take note of a purchase."""
        if self.quiet_span is not None:
            self.quiet_at = at + self.quiet_span

    def usable(self, at: datetime) -> list[Pot]:
        """The pots that can be used, in the order of use."""
        pots = [pot for pot in self.pots if pot.free and pot.ready and not self.dead(pot, at)]
        far = datetime.max.replace(tzinfo=at.tzinfo)
        return sorted(pots, key=lambda pot: (self.end(pot) or far, pot.came_at, pot.number))

    def available(self, at: datetime) -> int:
        """What can be spent."""
        return sum(pot.free for pot in self.usable(at)) - self.debt

    def pending(self) -> int:
        """What waits."""
        return sum(pot.free for pot in self.pots if not pot.ready)

    def held(self) -> int:
        """What is reserved."""
        return sum(amount for _, parts in self.holds.values() for _, amount in parts)

    def take(self, amount: int, at: datetime) -> list[Part]:
        """Take points out and say from where."""
        parts: list[Part] = []
        for pot in self.usable(at):
            part = min(pot.free, amount)
            if part:
                pot.free -= part
                amount -= part
                parts.append((pot, part))
        return parts

    def reverse(self, order: str, amount: int, at: datetime) -> None:
        """Take back what an order gave: from its own pot, with what lapsed there, then from others, then as a debt."""
        own = [pot for pot in self.pots if pot.order == order]
        for pot in own:
            part, lapsed = min(pot.free, amount), min(pot.lapsed, max(0, amount - pot.free))
            pot.free, pot.lapsed = pot.free - part, pot.lapsed - lapsed
            amount -= part + lapsed
        for pot in self.usable(at):
            part = min(pot.free, amount)
            pot.free -= part
            amount -= part
        self.debt += amount if self.may_owe is None else min(amount, max(0, self.may_owe - self.debt))
