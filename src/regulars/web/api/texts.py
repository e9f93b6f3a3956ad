"""A programme's text as it is sent: YAML as it is, or inside JSON; and what is said where it is none."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from msgspec import Meta

from regulars.programme import Problem
from regulars.web import operations
from regulars.web.problems import FieldError, Stopped

YAML: Final = "application/yaml"
YamlText = Annotated[str, Meta(min_length=1, extra_json_schema=operations.YAML)]
EXAMPLE_DOCUMENT: Final = """\
id: perfumery
name: Perfumery Club
timezone: Europe/Paris
currency: EUR
wallets:
  points: {}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
"""
EXAMPLE_SENT: Final[dict[str, Any]] = {"document": EXAMPLE_DOCUMENT, "starts_at": "2027-02-01T00:00:00Z"}


def document_of(raw: bytes) -> str:
    """Return the YAML that was sent as it is.

    Raises: Stopped, when it is no text, or an empty one.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Stopped("invalid", errors=[FieldError(path="$", message="the document is not in UTF-8")]) from error
    if not text.strip() or "\x00" in text:
        raise Stopped("invalid", errors=[FieldError(path="$", message="the document is empty or not a text")])
    return text


def invalid(problems: Iterable[Problem]) -> Stopped:
    """Return the refusal of a document, with everything that is wrong with it."""
    errors = [
        FieldError(path=one.path, message=one.message, line=one.line, column=one.column, hint=one.hint)
        for one in problems
    ]
    return Stopped("programme-invalid", errors=errors)
