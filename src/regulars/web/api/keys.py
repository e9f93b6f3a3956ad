"""API keys are made, listed and revoked; a secret is shown once and kept as a hash only."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from regulars.actions import keys as making
from regulars.actions.idempotent import Reply, once
from regulars.db import keys
from regulars.db.connection import Connection
from regulars.db.keys import ApiKey
from regulars.engine.ids import external
from regulars.engine.reasons import Refused
from regulars.web.answering import answer, encoded, refused_answer
from regulars.web.api.shapes import EXAMPLE_KEY, Instant, KeyId
from regulars.web.api.telling import keyed_call
from regulars.web.desk import Call, client_of, desk_of, visit_of
from regulars.web.operations import Operation, declared
from regulars.web.problems import FieldError, Stopped
from regulars.web.reading import body, path_id, utc
from regulars.web.scopes import Scope


class WantedKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for one system. It can have no scope that the calling key lacks; `expires_at` is exclusive."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=20)]
    expires_at: Instant | None = None


class KeyShown(Struct, frozen=True, kw_only=True):
    """A key without its secret; `prefix` is the beginning of it, by which people tell keys apart."""

    key: KeyId
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class MadeKey(KeyShown, frozen=True, kw_only=True):
    """A new key. `secret` is shown this once: a repeated call is answered with null in its place."""

    secret: str | None


class Keys(Struct, frozen=True, kw_only=True):
    """All keys of the programme, the oldest first."""

    keys: tuple[KeyShown, ...]


_WANTED: Final = msgspec.json.Decoder(WantedKey)
_SHOWN: Final = {
    "key": EXAMPLE_KEY,
    "name": "webshop",
    "prefix": "rk_k3f9",
    "scopes": ["events:write", "members:read"],
    "created_at": "2027-02-03T09:00:00Z",
    "expires_at": None,
    "revoked_at": None,
}


@post(
    "/v1/keys",
    status_code=201,
    opt=declared(
        Operation(
            id="make_key",
            tag="Keys",
            summary="Make an API key",
            description="The secret is shown once; only its hash is kept. Keep it before you do anything else.",
            scope="keys:manage",
            keyed=True,
            status=201,
            takes=WantedKey,
            example={"name": "webshop", "scopes": ["events:write", "members:read"]},
            gives=MadeKey,
            answer={**_SHOWN, "secret": "rk_k3f9_…"},
            problems=("scope-beyond-own",),
        )
    ),
)
async def make_key(request: Call) -> ASGIResponse:
    """Make a key for one system."""
    wanted = await body(request, _WANTED)
    client, now = client_of(request), visit_of(request).now
    for scope in wanted.scopes:
        if scope not in client.scopes:
            raise Stopped("scope-beyond-own", {"scope": scope})
    expires_at = utc(wanted.expires_at, path="$.expires_at") if wanted.expires_at is not None else None
    if expires_at is not None and expires_at <= now:
        raise Stopped("invalid", errors=[FieldError(path="$.expires_at", message="this is not in the future")])
    secrets: list[str] = []

    async def make(connection: Connection) -> Reply:
        made = await making.create(
            connection,
            client.programme_id,
            name=wanted.name,
            scopes=tuple(dict.fromkeys(wanted.scopes)),
            by=external("key", client.key_id),
            expires_at=expires_at,
            now=now,
        )
        secrets.append(made.secret)
        return Reply(body=encoded(_made(made.key, None)), status=201)

    call = keyed_call(request, wanted)
    reply = await once(desk_of(request).memory, client.programme_id, call, make, now=now)
    if isinstance(reply, Refused):
        return await refused_answer(request, reply)
    if reply.repeated:
        return answer(reply.body, status=reply.status, replayed=True)
    made = msgspec.json.decode(reply.body, type=MadeKey)
    return answer(encoded(msgspec.structs.replace(made, secret=secrets[0])), status=reply.status)


@get(
    "/v1/keys",
    opt=declared(
        Operation(
            id="list_keys",
            tag="Keys",
            summary="List API keys",
            scope="keys:manage",
            gives=Keys,
            answer={"keys": [_SHOWN]},
        )
    ),
)
async def list_keys(request: Call) -> ASGIResponse:
    """List all keys of the programme."""
    async with desk_of(request).memory.pool.connection() as connection:
        found = await keys.of_programme(connection, client_of(request).programme_id)
    return answer(encoded(Keys(keys=tuple(_shown(key) for key in found))))


@delete(
    "/v1/keys/{key_id:str}",
    status_code=200,
    opt=declared(
        Operation(
            id="revoke_key",
            tag="Keys",
            summary="Revoke an API key",
            description="Within a few seconds nobody gets in with it any more.",
            scope="keys:manage",
            keyed=True,
            gives=KeyShown,
            answer={**_SHOWN, "revoked_at": "2027-02-04T10:00:00Z"},
            problems=("not-found",),
        )
    ),
)
async def revoke_key(request: Call, key_id: FromPath[str]) -> ASGIResponse:
    """Let a key open nothing any more."""
    id, client, now = path_id("key", key_id), client_of(request), visit_of(request).now

    async def revoke(connection: Connection) -> Reply:
        await making.revoke(connection, client.programme_id, id, by=external("key", client.key_id), now=now)
        for key in await keys.of_programme(connection, client.programme_id):
            if key.key_id == id:
                return Reply(body=encoded(_shown(key)))
        raise Stopped("not-found")

    desk = desk_of(request)
    reply = await once(desk.memory, client.programme_id, keyed_call(request, b""), revoke, now=now)
    if isinstance(reply, Refused):
        return await refused_answer(request, reply)
    desk.doorkeeper.forget(id)
    return answer(reply.body, replayed=reply.repeated)


def _shown(key: ApiKey) -> KeyShown:
    return KeyShown(
        key=external("key", key.key_id),
        name=key.name,
        prefix=key.prefix,
        scopes=key.scopes,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


def _made(key: ApiKey, secret: str | None) -> MadeKey:
    return MadeKey(**msgspec.structs.asdict(_shown(key)), secret=secret)


HANDLERS: Final = (make_key, list_keys, revoke_key)
