"""Events come in one at a time; each is answered with its decision."""

from typing import Final

import msgspec
from litestar import post
from litestar.response.base import ASGIResponse

from regulars.actions.answers import EventAnswer
from regulars.actions.telling import told_of
from regulars.connectors.incoming import Incoming
from regulars.engine.reasons import Refused
from regulars.web.answering import refused_answer
from regulars.web.api import examples
from regulars.web.api.telling import MEMBER_PROBLEMS, keyed_call, tell
from regulars.web.desk import Call
from regulars.web.operations import Operation, declared
from regulars.web.reading import body

EVENT_PROBLEMS: Final = (
    *MEMBER_PROBLEMS,
    "currency-mismatch",
    "event-before-1970",
    "event-in-the-future",
    "event-too-late",
    "identities-of-different-members",
    "member-missing",
    "order-of-another-member",
    "order-unknown",
    "quantity-not-positive",
    "receipt-too-late",
    "return-needs-quantity",
    "returned-more-than-bought",
    "unknown-line",
)

_INCOMING: Final = msgspec.json.Decoder(Incoming)


@post(
    "/v1/events",
    status_code=200,
    opt=declared(
        Operation(
            id="tell_event",
            tag="Events",
            summary="Tell an event",
            description=(
                "A purchase, a return, or anything the brand gives a name to. (`source`, `source_id`, `type`) is "
                "its business key within the member, which never lapses: told again, it is answered with the "
                "recorded decision, byte for byte. So is an order that another source told before, be it known by its "
                "id or by what is printed on its `receipt`. Somebody "
                "unknown becomes a member, where the programme says so."
            ),
            scope="events:write",
            keyed=True,
            takes=Incoming,
            example=examples.PURCHASE,
            gives=EventAnswer,
            answer=examples.DECISION,
            problems=EVENT_PROBLEMS,
        )
    ),
)
async def tell_event(request: Call) -> ASGIResponse:
    """Decide on one event and remember it."""
    incoming = await body(request, _INCOMING)
    told = told_of(incoming, keyed_call(request, incoming))
    if isinstance(told, Refused):
        return await refused_answer(request, told)
    return await tell(request, told)


HANDLERS: Final = (tell_event,)
