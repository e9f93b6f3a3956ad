"""What a page expects: the tables that say which balances, lots, awards and refusals there must be."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from regulars.engine.tiers import TierSet
from regulars.programme.scenarios import tiers
from regulars.programme.scenarios.cells import Units, named_values
from regulars.programme.scenarios.markdown import Cell, Complaints, Mistake, Row, Table
from regulars.programme.scenarios.page import (
    Expected,
    ExpectedAward,
    ExpectedBalance,
    ExpectedClawback,
    ExpectedLot,
    ExpectedNote,
    ExpectedReason,
    ExpectedRefusal,
    ExpectedRepeat,
    ExpectedReward,
    ExpectedVoucher,
    Moment,
    Told,
)

_REASON: Final = re.compile(r"([a-z-]+)(?: (\S+) of (\S+))?")


class Story(Struct, frozen=True, kw_only=True):
    """What has been read of the page when its expectations are: how it counts, its events, its rules' wallets."""

    units: Units
    told: Mapping[str, Told]
    rules: Mapping[str, str]
    tier_sets: Mapping[str, TierSet] = {}

    def event(self, row: Row) -> str:
        """Return the label of the event that the row is about."""
        return self.label(row["event"])

    def member(self, row: Row) -> str:
        """Return the member that the row is about."""
        known = list(dict.fromkeys(told.member for told in self.told.values() if told.member is not None))
        cell = row["member"]
        if cell.text not in known:
            raise Mistake(cell, f"no event is about {cell.text!r}", f"The page tells of {', '.join(known)}.")
        return cell.text

    def wallet(self, row: Row) -> str:
        """Return the wallet that the row is about."""
        return self.units.wallet(row.get("wallet", _beside(row)))

    def rule(self, row: Row) -> str:
        """Return the rule that the row is about."""
        cell = row["rule"]
        if cell.text not in self.rules:
            raise Mistake(cell, f"there is no rule {cell.text!r}", f"The programme has {', '.join(self.rules)}.")
        return cell.text

    def moment(self, row: Row) -> Moment:
        """Return when the row looks: right after an event, or at an instant with all that was heard by then."""
        told = list(self.told.values())
        if "after" in row:
            label = self.label(row["after"])
            return Moment(list(self.told).index(label) + 1, self.told[label].recorded_at)
        at = self.units.instant(row["at"])
        return Moment(sum(one.recorded_at <= at for one in told), at)

    def points(self, row: Row, column: str, wallet: str) -> int:
        """Return a column's points in the wallet's smallest unit; none where there is no such column."""
        return self.units.points(row[column], wallet) if column in row else 0

    def label(self, cell: Cell) -> str:
        """Return the label of the event that a cell names."""
        if cell.text not in self.told:
            raise Mistake(cell, f"there is no event {cell.text!r}", f"The events are {', '.join(self.told)}.")
        return cell.text


class _Kind(Struct, frozen=True):
    """A kind of table: the columns it must and may have, and how a row of it is read."""

    needed: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[Row, Story], Expected]


def read_expected(tables: Sequence[tuple[str, Table]], story: Story, complaints: Complaints) -> tuple[Expected, ...]:
    """Return what the tables, each under the first word of its heading, expect."""
    expected: list[Expected] = []
    for name, table in tables:
        kind = KINDS[name]
        with complaints.heard():
            check_columns(table, kind.needed, kind.optional)
            for row in table.rows:
                with complaints.heard():
                    expected.append(kind.read(row, story))
    return tuple(expected)


def check_columns(table: Table, needed: Sequence[str], optional: Sequence[str]) -> None:
    """Refuse a table with columns that are not known, or without one that is needed (`a|b`: one of the two)."""
    known = [name for one in needed for name in one.split("|")] + list(optional)
    have = [header.text for header in table.headers]
    for header in table.headers:
        if header.text not in known:
            raise Mistake(header, f"there is no column {header.text!r} here", f"The columns are {', '.join(known)}.")
    for one in needed:
        if sum(name in have for name in one.split("|")) != 1:
            raise Mistake(table.headers[0], f"the table needs a column {one.replace('|', ' or ')}", "Add it.")


def _balance(row: Row, story: Story) -> Expected:
    wallet = story.wallet(row)
    return ExpectedBalance(
        line=_line(row),
        moment=story.moment(row),
        member=story.member(row),
        wallet=wallet,
        available=story.points(row, "available", wallet),
        pending=story.points(row, "pending", wallet),
        held=story.points(row, "held", wallet),
        debt=story.points(row, "debt", wallet),
    )


def _lot(row: Row, story: Story) -> Expected:
    wallet = story.wallet(row)
    expires = row.get("expires")
    return ExpectedLot(
        line=_line(row),
        moment=story.moment(row),
        member=story.member(row),
        wallet=wallet,
        points=story.points(row, "points", wallet),
        held=story.points(row, "held", wallet),
        earned=story.units.instant(row["earned"]) if "earned" in row else None,
        available=story.units.instant(row["available"]) if "available" in row else None,
        expires=None if expires is None else "never" if expires.text == "never" else story.units.instant(expires),
    )


def _tier(row: Row, story: Story) -> Expected:
    return tiers.read_tier(
        row,
        line=_line(row),
        moment=story.moment(row),
        member=story.member(row),
        units=story.units,
        tier_sets=story.tier_sets,
    )


def _voucher(row: Row, story: Story) -> Expected:
    reward, until, value = row["reward"].text, row.get("until"), row.get("value")
    return ExpectedVoucher(
        line=_line(row),
        moment=story.moment(row),
        member=story.member(row),
        reward=None if reward == "none" else reward,
        state=row["state"].text if "state" in row else "issued",
        until=None if until is None else "never" if until.text in ("", "never") else story.units.instant(until),
        value_minor=story.units.money(value, value.text) if value is not None and value.text else None,
    )


def _reward(row: Row, story: Story) -> Expected:
    return ExpectedReward(line=_line(row), event=story.event(row), reward=row["reward"].text, state=row["state"].text)


def _award(row: Row, story: Story) -> Expected:
    rule = story.rule(row)
    wallet = story.rules[rule]
    points = story.points(row, "points", wallet)
    wanted = "desired" in row and row["desired"].text
    return ExpectedAward(
        line=_line(row),
        event=story.event(row),
        rule=rule,
        wallet=wallet,
        points=points,
        desired=story.points(row, "desired", wallet) if wanted else points,
        reasons=tuple(_reasons(row["reasons"])) if "reasons" in row else (),
    )


def _reasons(cell: Cell) -> Iterator[ExpectedReason]:
    for piece in filter(None, (piece.strip() for piece in cell.text.split(";"))):
        found = _REASON.fullmatch(piece)
        if found is None:
            raise Mistake(
                cell, f"{piece!r} is not a reason", "Write a code, as in limit-points or limit-points 90 of 100."
            )
        yield ExpectedReason(code=found[1], actual=found[2], required=found[3])


def _clawback(row: Row, story: Story) -> Expected:
    rule = story.rule(row)
    wallet = story.rules[rule]
    asked, lapsed, owed, forgiven = (
        story.points(row, column, wallet) for column in ("asked", "lapsed", "owed", "forgiven")
    )
    return ExpectedClawback(
        line=_line(row),
        event=story.event(row),
        rule=rule,
        wallet=wallet,
        asked=asked,
        taken=asked - lapsed - owed - forgiven,
        lapsed=lapsed,
        owed=owed,
        forgiven=forgiven,
    )


def _refusal(row: Row, story: Story) -> Expected:
    detail = named_values(row["detail"]) if "detail" in row else {}
    return ExpectedRefusal(line=_line(row), event=story.event(row), code=row["code"].text, detail=detail)


def _repeat(row: Row, story: Story) -> Expected:
    event, of = story.event(row), story.label(row["of"])
    if list(story.told).index(of) >= list(story.told).index(event):
        raise Mistake(row["of"], f"event {of} is not before {event}", "Name the event that was told first.")
    return ExpectedRepeat(line=_line(row), event=event, of=of)


def _note(row: Row, story: Story) -> Expected:
    return ExpectedNote(line=_line(row), event=story.event(row), note=row["note"].text)


def _beside(row: Row) -> Cell:
    """An empty cell where the row stands, for a column that its table does not have."""
    first = next(iter(row.values()))
    return replace(first, text="", header="wallet")


def _line(row: Row) -> int:
    return next(iter(row.values())).line


KINDS: Final[Mapping[str, _Kind]] = {
    "balances": _Kind(("after|at", "member", "available"), ("wallet", "pending", "held", "debt"), _balance),
    "lots": _Kind(("after|at", "member", "points"), ("wallet", "held", "earned", "available", "expires"), _lot),
    "tiers": _Kind(tiers.NEEDED, tiers.OPTIONAL, _tier),
    "vouchers": _Kind(("after|at", "member", "reward"), ("state", "until", "value"), _voucher),
    "rewards": _Kind(("event", "reward", "state"), (), _reward),
    "awards": _Kind(("event", "rule", "points"), ("desired", "reasons"), _award),
    "clawbacks": _Kind(("event", "rule", "asked"), ("lapsed", "owed", "forgiven"), _clawback),
    "refusals": _Kind(("event", "code"), ("detail",), _refusal),
    "repeats": _Kind(("event", "of"), (), _repeat),
    "notes": _Kind(("event", "note"), (), _note),
}
