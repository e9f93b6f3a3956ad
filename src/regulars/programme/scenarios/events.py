"""The events of a page: one row of the table is one thing that happens."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from regulars.engine.events import Merge, Return
from regulars.programme.scenarios.bodies import Above, body_of
from regulars.programme.scenarios.cells import Units
from regulars.programme.scenarios.markdown import Cell, Complaints, Mistake, Row, Table
from regulars.programme.scenarios.page import Told, page_id

NEEDED: Final = ("#", "when", "event")
COLUMNS: Final = (*NEEDED, "member", "channel", "shop", "associate", "source", "recorded", "details")
SOURCE: Final = "page"


def read_events(tables: Sequence[Table], units: Units, complaints: Complaints) -> tuple[Told, ...]:
    """Return the page's events, in the order of its rows, which is the order in which the platform hears them."""
    told: dict[str, Told] = {}
    for table in tables:
        for row in table.rows:
            with complaints.heard():
                one = _told(row, told, units)
                if told and one.recorded_at < list(told.values())[-1].recorded_at:
                    message = f"{row['when'].text} is before the row above"
                    hint = "List events as the platform hears them; a late one has its time of arrival under recorded."
                    raise Mistake(row.get("recorded", row["when"]), message, hint)
                told[one.label] = one
    return tuple(told.values())


def _told(row: Row, before: dict[str, Told], units: Units) -> Told:
    label = row["#"]
    if not label.text or " " in label.text or label.text in before:
        raise Mistake(label, f"{label.text!r} does not name the event", "Give each event a short name of its own.")
    if row["event"].text == "again":
        return _again(row, before, units)
    details = row.get("details", replace(label, text="", header="details"))
    occurred_at = units.instant(row["when"])
    above = Above(before, units, _text(row, "shop"), units.day(occurred_at))
    type, body = body_of(row["event"], details, label.text, above)
    member = _text(row, "member")
    if isinstance(body, Merge):
        _check_older(details, member, before.values(), body)
    if not member and not isinstance(body, Return):
        raise Mistake(row.get("member", label), "it does not say who", "Name the member; only a return goes without.")
    return Told(
        line=label.line,
        label=label.text,
        member=member or None,
        type=type,
        source=_text(row, "source") or SOURCE,
        source_id=label.text,
        occurred_at=occurred_at,
        recorded_at=units.instant(row["recorded"]) if _text(row, "recorded") else occurred_at,
        body=body,
        channel=_text(row, "channel"),
        shop=_text(row, "shop"),
        associate=_text(row, "associate"),
    )


def _check_older(details: Cell, member: str, before: Iterable[Told], body: Merge) -> None:
    """Refuse a merge into a membership that began later: the older one stays, whoever asks."""
    began = {page_id("member", told.member): told.occurred_at for told in reversed(list(before)) if told.member}
    closing = page_id("member", member)
    if closing in began and closing != body.into_member and began[closing] <= began[body.into_member]:
        raise Mistake(details, f"{member} has been a member for longer", "The older membership stays: merge the other.")


def _again(row: Row, before: dict[str, Told], units: Units) -> Told:
    """The same event once more: all that the source says is the same, and it arrives at the row's time."""
    details = row.get("details", row["event"])
    if details.text not in before:
        raise Mistake(details, f"there is no event {details.text!r} above", "Name the event that is told again.")
    first = before[details.text]
    return replace(
        first,
        line=row["#"].line,
        label=row["#"].text,
        recorded_at=units.instant(row["when"]),
        repeats=first.repeats or first.label,
    )


def _text(row: Row, column: str) -> str:
    return row[column].text if column in row else ""
