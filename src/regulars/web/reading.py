"""What was sent becomes a value, or a problem that says where it is wrong."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from regulars.connectors.incoming import holds_nul
from regulars.engine.ids import MalformedId, internal
from regulars.web.desk import Call, header_of
from regulars.web.operations import JSON
from regulars.web.problems import FieldError, Stopped

Value = TypeVar("Value")
Parameters = TypeVar("Parameters", bound=Struct)

_KEY: Final = re.compile("[!-~]{1,255}")
_CANONICAL: Final = msgspec.json.Encoder(order="deterministic")


async def body(request: Call, decoder: msgspec.json.Decoder[Value]) -> Value:
    """Return the JSON body as what the decoder makes of it.

    Raises: Stopped, when it is not JSON; msgspec.ValidationError, when it is other JSON than expected.
    """
    accept(request, JSON)
    return decoded(await request.body(), decoder)


def decoded(text: bytes, decoder: msgspec.json.Decoder[Value]) -> Value:
    """Return JSON as what the decoder makes of it.

    Raises: Stopped, when it is not JSON or holds a NUL; msgspec.ValidationError, when it is of another form.
    """
    if holds_nul(text):
        raise Stopped("invalid", errors=[FieldError(path="$", message="a text holds the character U+0000")])
    return parsed(text, decoder)


def parsed(text: bytes, decoder: msgspec.json.Decoder[Value]) -> Value:
    """Return JSON as what the decoder makes of it, unread parts of it unchecked.

    Raises: Stopped, when it is not JSON; msgspec.ValidationError, when it is of another form.
    """
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Stopped("malformed-json", {"reason": str(error)}) from error


def accept(request: Call, *media: str) -> str:
    """Return the media type of the body, the first one where none is given.

    Raises: Stopped, when it is none of those that are taken.
    """
    given = header_of(request, b"content-type")
    if given is None:
        return media[0]
    found = given.partition(";")[0].strip().lower()
    if found not in media:
        raise Stopped("media-type-unsupported", {"accepted": ", ".join(media)})
    return found


def parameters(request: Call, kind: type[Parameters]) -> Parameters:
    """Return the query's parameters.

    Raises: Stopped, when a parameter is unknown, said twice, or not what it should be.
    """
    pairs = list(request.query_params.multi_items())
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Stopped("invalid", errors=[FieldError(path="$", message="a query parameter is given twice")])
    if any("\x00" in text for pair in pairs for text in pair):
        raise Stopped("invalid", errors=[FieldError(path="$", message="a text holds the character U+0000")])
    return msgspec.convert(values, kind, strict=False)


def path_id(prefix: str, text: str) -> UUID:
    """Return the id in a path.

    Raises: Stopped, when nothing can be there, since the text is no id of this kind.
    """
    try:
        return internal(prefix, text)
    except MalformedId as error:
        raise Stopped("not-found") from error


def body_id(prefix: str, text: str, *, path: str) -> UUID:
    """Return the id in a body; `path` says where it stands.

    Raises: Stopped, when the text is no id of this kind.
    """
    try:
        return internal(prefix, text)
    except MalformedId as error:
        raise Stopped("invalid", errors=[FieldError(path=path, message=str(error))]) from error


def utc(instant: datetime, *, path: str) -> datetime:
    """Return an aware instant of a body in UTC; `path` says where it stands.

    Raises: Stopped, when the year is not from 1970 to 9000: nothing that anybody means lies beyond.
    """
    if not 1970 <= instant.year <= 9000:
        raise Stopped("invalid", errors=[FieldError(path=path, message="the year is not from 1970 to 9000")])
    return instant.astimezone(UTC)


def idempotency_key(request: Call) -> str:
    """Return the key under which the call is answered once.

    Raises: Stopped, when it is missing or malformed.
    """
    key = header_of(request, b"idempotency-key")
    if key is None:
        raise Stopped("idempotency-key-missing")
    if not _KEY.fullmatch(key):
        raise Stopped("idempotency-key-invalid")
    return key


def fingerprint(request: Call, sent: Any) -> bytes:
    """Return what tells one request from another: method, route, path and canonical body, as SHA-256.

    `sent` is the decoded body: how JSON was spaced and in which order its keys came makes no difference.
    """
    scope = request.scope
    text = f"{scope['method']}\n{scope['path_template']}\n{scope['path']}\n"
    rest = sent if isinstance(sent, bytes) else _CANONICAL.encode(sent)
    return sha256(text.encode() + rest).digest()
