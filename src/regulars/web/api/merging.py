"""Two memberships turn out to be one person's."""

from typing import Final

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from regulars.actions.answers import EventAnswer
from regulars.actions.idempotent import Reply, remembered
from regulars.actions.merging import merge
from regulars.engine.reasons import Refused
from regulars.web.answering import refused_answer
from regulars.web.api import examples
from regulars.web.api.shapes import EXAMPLE_MEMBER, MemberId
from regulars.web.api.telling import (
    MEMBER_PROBLEMS,
    OURSELVES,
    kept_outcome,
    keyed_call,
    reply_answer,
    source_id_of,
)
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.reading import body, body_id, path_id


class OtherMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The other membership of the same person."""

    other: MemberId


_OTHER: Final = msgspec.json.Decoder(OtherMember)


@post(
    "/v1/members/{member_id:str}/merge",
    status_code=200,
    opt=declared(
        Operation(
            id="merge_member",
            tag="Members",
            summary="Merge two memberships",
            description=(
                "The older membership remains, whichever of the two is named first. It takes over all that the "
                "younger one had, points with their dates, and is found by the identities of both. The answer is "
                "the decision on the membership that closed."
            ),
            scope="members:write",
            keyed=True,
            takes=OtherMember,
            example={"other": EXAMPLE_MEMBER},
            gives=EventAnswer,
            answer=examples.told("member.merged"),
            problems=(*MEMBER_PROBLEMS, "merge-into-itself", "merge-with-open-holds"),
        )
    ),
)
async def merge_member(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Make one membership of two."""
    sent = await body(request, _OTHER)
    one, other = path_id("mem", member_id), body_id("mem", sent.other, path="$.other")
    memory, programme_id, now = desk_of(request).memory, client_of(request).programme_id, visit_of(request).now
    call = keyed_call(request, sent)

    async def run() -> Reply:
        outcome = await merge(memory, programme_id, one, other, source=OURSELVES, source_id=source_id_of(call), now=now)
        return await kept_outcome(request, outcome)

    reply = await remembered(memory, programme_id, call, run, now=now)
    return await refused_answer(request, reply) if isinstance(reply, Refused) else reply_answer(reply)


HANDLERS: Final = (merge_member,)
