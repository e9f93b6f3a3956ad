"""Members join, change, and turn out to be one person."""

from typing import Annotated, Final

import msgspec
from litestar import patch, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct, field

from regulars.actions.answers import EventAnswer
from regulars.actions.telling import Told
from regulars.connectors.incoming import MemberReference
from regulars.engine import events
from regulars.web.api import examples
from regulars.web.api.shapes import Attributes, Circumstances, Instant, ListName, Text, Word
from regulars.web.api.telling import MEMBER_PROBLEMS, OURSELVES, keyed_call, source_id_of, tell, tell_of_member
from regulars.web.desk import Call
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, utc


class Enrolment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody joins, with at least one identity. `enrolled_by` is the associate; without a time it is now."""

    email: Annotated[str, Meta(max_length=320)] | None = None
    phone: Annotated[str, Meta(max_length=40, description="Best in E.164: +33612345678.")] | None = None
    card: Annotated[str, Meta(max_length=40)] | None = None
    external_id: Text | None = None
    attributes: Attributes = {}
    occurred_at: Instant | None = None
    channel: Word = ""
    shop: Word = ""
    enrolled_by: Word = ""


class Description(Circumstances, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changed of the attributes and the lists; what is not named stays.

    Null takes an attribute away. `lists` puts the member on static lists of the programme (true), or takes it off.
    """

    attributes: Attributes = field(default_factory=dict)
    lists: Annotated[dict[ListName, bool], Meta(max_length=100)] = field(default_factory=dict)


_ENROLMENT: Final = msgspec.json.Decoder(Enrolment)
_DESCRIPTION: Final = msgspec.json.Decoder(Description)


@post(
    "/v1/members",
    status_code=201,
    opt=declared(
        Operation(
            id="enrol_member",
            tag="Members",
            summary="Enrol a member",
            description=(
                "Identities are kept sealed and are found by keyed hashes. Somebody who is a member already "
                "under one of them is refused, and the answer says which member it is."
            ),
            scope="members:write",
            keyed=True,
            status=201,
            takes=Enrolment,
            example={
                "email": "ada@example.com",
                "card": "2000000000008",
                "attributes": {"city": "lyon", "newsletter": True},
                "channel": "shop",
                "shop": "lyon-1",
                "enrolled_by": "till-3",
            },
            gives=EventAnswer,
            answer=examples.told("member.enrolled"),
            problems=(
                *MEMBER_PROBLEMS,
                "already-a-member",
                "event-before-1970",
                "event-in-the-future",
                "event-too-late",
                "identities-of-different-members",
                "member-missing",
            ),
        )
    ),
)
async def enrol_member(request: Call) -> ASGIResponse:
    """Begin a membership."""
    sent = await body(request, _ENROLMENT)
    call = keyed_call(request, sent)
    return await tell(
        request,
        Told(
            type="member.enrolled",
            source=OURSELVES,
            source_id=source_id_of(call),
            body=events.Enrol(attributes=sent.attributes),
            member=MemberReference(email=sent.email, phone=sent.phone, card=sent.card, external_id=sent.external_id),
            occurred_at=utc(sent.occurred_at, path="$.occurred_at") if sent.occurred_at is not None else None,
            channel=sent.channel,
            shop=sent.shop,
            associate=sent.enrolled_by,
            call=call,
        ),
        status=201,
    )


@patch(
    "/v1/members/{member_id:str}",
    status_code=200,
    opt=declared(
        Operation(
            id="describe_member",
            tag="Members",
            summary="Change a member's attributes and lists",
            scope="members:write",
            keyed=True,
            takes=Description,
            example={"attributes": {"city": "paris", "newsletter": None}, "lists": {"gala": True}},
            gives=EventAnswer,
            answer=examples.told("member.described"),
            problems=(*MEMBER_PROBLEMS, "unknown-list"),
        )
    ),
)
async def describe_member(request: Call, member_id: FromPath[str]) -> ASGIResponse:
    """Change what the brand knows of a member."""
    sent = await body(request, _DESCRIPTION)
    if not sent.attributes and not sent.lists:
        raise Stopped("invalid", errors=[FieldError(path="$.attributes", message="nothing is to change")])
    what = events.Describe(attributes=sent.attributes, lists=sent.lists)
    return await tell_of_member(request, "member.described", member_id, sent, what, sent)


HANDLERS: Final = (enrol_member, describe_member)
