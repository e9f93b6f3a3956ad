"""Many events in one call; one bad event does not spoil its neighbours."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from litestar import post
from litestar.response.base import ASGIResponse
from msgspec import Meta, Raw, Struct

from regulars.actions.answers import EventAnswer
from regulars.actions.deciding import Answered
from regulars.actions.idempotent import Reply, remembered
from regulars.actions.ingest import ingest
from regulars.actions.telling import Told, told_of
from regulars.connectors.incoming import Incoming
from regulars.engine.reasons import Refused
from regulars.web.answering import answer, encoded, measures_of, problem_of, refused_answer
from regulars.web.api import examples
from regulars.web.api.telling import keyed_call
from regulars.web.desk import Call, client_of, desk_of, language_of, visit_of
from regulars.web.operations import JSON, Operation, declared
from regulars.web.problems import Problem, Stopped, problem
from regulars.web.reading import accept, decoded, parsed
from regulars.web.wording import Measures

EVENTS_MAX: Final = 5_000


class EventBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events in the order in which they are to be decided."""

    events: Annotated[tuple[Incoming, ...], Meta(min_length=1, max_length=EVENTS_MAX)]


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of the event at a place, counted from 0: its `answer`, or the `problem` with it."""

    index: int
    status: int
    answer: EventAnswer | None = None
    problem: Problem | None = None


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """One result for each event, in the order in which they were told."""

    accepted: int
    refused: int
    results: tuple[BatchResult, ...]


class _Envelope(Struct, forbid_unknown_fields=True):
    events: Annotated[tuple[Raw, ...], Meta(min_length=1, max_length=EVENTS_MAX)]


class _Kept(Struct):
    """What of a batch's answer cannot be had from the recorded events again: the refusals, by place."""

    refused: dict[int, Refused]


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
_INCOMING: Final = msgspec.json.Decoder(Incoming)
_KEPT: Final = msgspec.json.Decoder(_Kept)


class _Batch:
    """The events of one call, those that could be read, and what became of each."""

    def __init__(self, request: Call, raws: Sequence[Raw]) -> None:
        self._request = request
        self._told: list[Told] = []
        self._places: list[int] = []
        self._results: list[bytes] = [b""] * len(raws)
        self._measures: Measures | None = None
        self.refused = 0
        for place, raw in enumerate(raws):
            self._read(place, raw)

    def _read(self, place: int, raw: Raw) -> None:
        try:
            told = told_of(decoded(bytes(raw), _INCOMING))
        except (Stopped, msgspec.ValidationError) as error:
            self._refuse(place, problem_of(error, self._request))
            return
        if isinstance(told, Refused):
            self._refuse(place, problem(told.code, told.detail, language=language_of(self._request)))
            return
        self._told.append(told)
        self._places.append(place)

    async def tell(self) -> Reply:
        """Have all events decided and recorded, and return what the call must remember beside them."""
        outcomes = await self._ingest()
        return Reply(body=encoded(_Kept({place: one for place, one in outcomes if isinstance(one, Refused)})))

    async def tell_again(self, kept: bytes) -> None:
        """Fetch the recorded decisions, and refuse what was refused before."""
        refused = _KEPT.decode(kept).refused
        readable = list(zip(self._places, self._told, strict=True))
        self._places = [place for place, _ in readable if place not in refused]
        self._told = [told for place, told in readable if place not in refused]
        for place, one in refused.items():
            await self._take(place, one)
        await self._ingest()

    async def _ingest(self) -> list[tuple[int, Answered | Refused]]:
        request = self._request
        found = await ingest(
            desk_of(request).memory, client_of(request).programme_id, self._told, now=visit_of(request).now
        )
        outcomes = list(zip(self._places, found, strict=True))
        for place, outcome in outcomes:
            await self._take(place, outcome)
        return outcomes

    async def _take(self, place: int, outcome: Answered | Refused) -> None:
        if isinstance(outcome, Answered):
            self._results[place] = b'{"index":%d,"status":200,"answer":%b}' % (place, outcome.text)
            return
        if self._measures is None:
            self._measures = await measures_of(self._request)
        language = language_of(self._request)
        self._refuse(place, problem(outcome.code, outcome.detail, language=language, measures=self._measures))

    def _refuse(self, place: int, found: Problem) -> None:
        self.refused += 1
        self._results[place] = b'{"index":%d,"status":%d,"problem":%b}' % (place, found.status, encoded(found))

    def text(self) -> bytes:
        """Return the answer to the call as JSON."""
        accepted = len(self._results) - self.refused
        head = b'{"accepted":%d,"refused":%d,"results":[' % (accepted, self.refused)
        return head + b",".join(self._results) + b"]}"


@post(
    "/v1/events/batch",
    status_code=200,
    opt=declared(
        Operation(
            id="tell_events",
            tag="Events",
            summary="Tell many events",
            description=(
                f"Up to {EVENTS_MAX} events, decided in the given order, each with a result of its own. Those "
                "that are refused leave the others alone. The business keys hold as for a single event."
            ),
            scope="events:write",
            keyed=True,
            large=True,
            takes=EventBatch,
            example={"events": [examples.PURCHASE]},
            gives=BatchAnswer,
            answer={
                "accepted": 1,
                "refused": 0,
                "results": [{"index": 0, "status": 200, "answer": examples.DECISION}],
            },
            problems=("no-programme",),
        )
    ),
)
async def tell_events(request: Call) -> ASGIResponse:
    """Decide on many events and remember them."""
    accept(request, JSON)
    raw = await request.body()
    call = keyed_call(request, raw)
    envelope = parsed(raw, _ENVELOPE)
    desk = desk_of(request)
    desk.metrics.batch(len(envelope.events))
    batch = _Batch(request, envelope.events)
    kept = await remembered(desk.memory, client_of(request).programme_id, call, batch.tell, now=visit_of(request).now)
    if isinstance(kept, Refused):
        return await refused_answer(request, kept)
    if kept.repeated:
        await batch.tell_again(kept.body)
    return answer(batch.text(), replayed=kept.repeated)


HANDLERS: Final = (tell_events,)
