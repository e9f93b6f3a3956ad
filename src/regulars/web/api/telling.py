"""Telling the platform something: the same few steps for every call that changes a member."""

from hashlib import sha256
from typing import Any

from litestar.response.base import ASGIResponse

from regulars.actions.deciding import Answered
from regulars.actions.idempotent import Reply
from regulars.actions.telling import KeyedCall, Told
from regulars.connectors.incoming import MemberReference
from regulars.engine.events import Body
from regulars.engine.ids import external
from regulars.engine.reasons import Refused
from regulars.web.answering import answer, encoded, refused_answer, refused_problem
from regulars.web.api.shapes import Circumstances
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import JSON
from regulars.web.problems import MEDIA_TYPE
from regulars.web.reading import fingerprint, idempotency_key, path_id

OURSELVES = "api"

# What a change of points may be refused for, whatever it is.
MEMBER_PROBLEMS = ("amount-too-large", "malformed", "member-merged", "no-programme", "not-found", "unknown-member")


def keyed_call(request: Call, sent: Any) -> KeyedCall:
    """Return the idempotency key of a call with the fingerprint of what was sent."""
    key = idempotency_key(request)
    return KeyedCall(client=client_of(request).key_id, key=key, fingerprint=fingerprint(request, sent))


def source_id_of(call: KeyedCall) -> str:
    """Return the business key of what only this call tells: made of its idempotency key, it never lapses."""
    return sha256(call.client.bytes + call.key.encode()).hexdigest()


async def tell(request: Call, told: Told, *, status: int = 200) -> ASGIResponse:
    """Have one thing decided and recorded, and answer what became of it."""
    programme_id = client_of(request).programme_id
    outcome = await desk_of(request).batcher(programme_id).submit(told, now=visit_of(request).now)
    return await outcome_answer(request, outcome, status=status)


async def outcome_answer(request: Call, outcome: Answered | Refused, *, status: int = 200) -> ASGIResponse:
    """Answer the recorded decision as it is, or the refusal."""
    if isinstance(outcome, Refused):
        return await refused_answer(request, outcome)
    return answer(outcome.text, status=status, replayed=outcome.repeated)


async def kept_outcome(request: Call, outcome: Answered | Refused) -> Reply:
    """Return an outcome in the form in which it is kept under an idempotency key."""
    if isinstance(outcome, Answered):
        return Reply(body=outcome.text)
    found = await refused_problem(request, outcome)
    return Reply(body=encoded(found), status=found.status)


def reply_answer(reply: Reply) -> ASGIResponse:
    """Answer what is kept under an idempotency key: an answer, or a problem."""
    media = JSON if reply.status < 400 else MEDIA_TYPE
    return answer(reply.body, status=reply.status, media=media, replayed=reply.repeated)


async def tell_of_member(
    request: Call, type: str, member_id: str, sent: Any, body: Body, at: Circumstances
) -> ASGIResponse:
    """Have something of the platform's own decided about the member in the path."""
    member = MemberReference(id=external("mem", path_id("mem", member_id)))
    return await tell(request, told_by_call(request, type, member, sent, body, at))


def told_by_call(request: Call, type: str, member: MemberReference, sent: Any, body: Body, at: Circumstances) -> Told:
    """Return something of the platform's own as it is told: by this call alone, under its idempotency key."""
    call = keyed_call(request, sent)
    return Told(
        type=type,
        source=OURSELVES,
        source_id=source_id_of(call),
        body=body,
        member=member,
        channel=at.channel,
        shop=at.shop,
        associate=at.associate,
        call=call,
    )
