"""Who is in which segment: how many members each has, and who they are."""

from datetime import datetime
from typing import Final

from litestar import get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.db import segments
from regulars.engine.ids import external
from regulars.engine.programme import in_language
from regulars.web import cursors
from regulars.web.answering import answer, encoded
from regulars.web.api.history import Page
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import Stopped
from regulars.web.reading import parameters


class SegmentShown(Struct, frozen=True, kw_only=True):
    """A segment of the programme: `when` is its condition, `members` how many it holds for."""

    segment: str
    name: str
    when: str
    members: int


class Segments(Struct, frozen=True, kw_only=True):
    """Every segment at an instant; `members` is how many active members there are in all."""

    at: datetime
    members: int
    segments: tuple[SegmentShown, ...]


class SegmentMembers(Struct, frozen=True, kw_only=True):
    """A page of a segment's members at an instant; `next` is the cursor of the page that follows."""

    segment: str
    at: datetime
    members: tuple[MemberId, ...]
    next: str | None


_AT: Final = "2026-11-03T16:30:00Z"


@get(
    "/v1/segments",
    opt=declared(
        Operation(
            id="list_segments",
            tag="Segments",
            summary="List segments",
            description="Counted for this very moment, over all active members.",
            scope="members:read",
            gives=Segments,
            answer={
                "at": _AT,
                "members": 2469,
                "segments": [
                    {
                        "segment": "regulars",
                        "name": "Regulars",
                        "when": "purchases.last_90_days.count >= 6",
                        "members": 812,
                    }
                ],
            },
            problems=("no-programme",),
        )
    ),
)
async def list_segments(request: Call) -> ASGIResponse:
    """Count the members of every segment."""
    now, memory, language = visit_of(request).now, desk_of(request).memory, language_of(request)
    running = await memory.running(client_of(request).programme_id, now)
    async with memory.pool.connection() as connection:
        found = await segments.counts(connection, running, now)
    shown = tuple(
        SegmentShown(
            segment=id,
            name=in_language(running.segments[id].name, language, *running.languages),
            when=running.segments[id].when,
            members=members,
        )
        for id, members in found.segments.items()
    )
    return answer(encoded(Segments(at=now, members=found.members, segments=shown)))


@get(
    "/v1/segments/{segment:str}/members",
    opt=declared(
        Operation(
            id="list_segment_members",
            tag="Segments",
            summary="List a segment's members",
            description=(
                "In an order of their own that does not change. Every page is of its own moment: whoever enters or "
                "leaves the segment meanwhile may be missed."
            ),
            scope="members:read",
            query=Page,
            gives=SegmentMembers,
            answer={"segment": "regulars", "at": _AT, "members": [EXAMPLE_MEMBER], "next": None},
            problems=("unknown-segment", "no-programme"),
        )
    ),
)
async def list_segment_members(request: Call, segment: FromPath[str]) -> ASGIResponse:
    """Read a page of a segment's members."""
    now, memory, page = visit_of(request).now, desk_of(request).memory, parameters(request, Page)
    after = segments.FIRST if page.cursor is None else cursors.read(page.cursor, segments.Place)
    running = await memory.running(client_of(request).programme_id, now)
    if segment not in running.segments:
        raise Stopped("unknown-segment", {"segment": segment})
    async with memory.pool.connection() as connection:
        found = await segments.page(connection, running, segment, now, after=after, limit=page.limit + 1)
    shown, more = found[: page.limit], len(found) > page.limit
    return answer(
        encoded(
            SegmentMembers(
                segment=segment,
                at=now,
                members=tuple(external("mem", place.member_id) for place in shown),
                next=cursors.write(shown[-1]) if more else None,
            )
        )
    )


HANDLERS: Final = (list_segments, list_segment_members)
