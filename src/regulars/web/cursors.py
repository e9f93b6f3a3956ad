"""Where a list goes on: a place in it, packed into a text that only we read."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from regulars.web.problems import FieldError, Stopped

Place = TypeVar("Place")


def write(place: object) -> str:
    """Return a place as a cursor."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read(cursor: str, kind: type[Place]) -> Place:
    """Return the place of a cursor.

    Raises: Stopped, when we did not write it.
    """
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(text, type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        message = "this is no cursor; send the `next` of the page before, unchanged"
        raise Stopped("invalid", errors=[FieldError(path="$.cursor", message=message)]) from error
