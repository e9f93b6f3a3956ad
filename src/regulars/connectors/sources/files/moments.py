"""When it happened: ISO 8601 with its offset, or without one where somebody says which zone is meant."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from regulars.connectors.sources.files.rows import Unfit, Unreadable


def zone_of(name: str | None) -> ZoneInfo | None:
    """Return the zone of that IANA name.

    Raises: Unreadable, when there is none.
    """
    try:
        return ZoneInfo(name) if name is not None else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f"there is no time zone {name!r}; give its IANA name, such as Europe/Paris") from error


def moment(text: str, *, form: str | None, zone: tzinfo | None) -> datetime:
    """Return the instant that a text names, in UTC; `form` as strptime takes it, else ISO 8601.

    A date alone is its first moment. Raises: Unfit.
    """
    try:
        parsed = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - follows
    except ValueError as error:
        expected = f"of the form {form}" if form else "ISO 8601, such as 2026-03-01T09:30:00+01:00"
        raise Unfit(f"{text!r} is not a time {expected}") from error
    return aware(parsed, zone=zone)


def aware(told: datetime, *, zone: tzinfo | None) -> datetime:
    """Return the instant in UTC; one without an offset is meant in `zone`.

    Where the clock was turned back and a time came twice, the first one is meant. Raises: Unfit.
    """
    if told.tzinfo is None:
        if zone is None:
            raise Unfit(f"the time {told} has no offset; add one (+01:00, Z), or say which zone is meant")
        told = told.replace(tzinfo=zone)
    try:
        return told.astimezone(UTC)
    except OverflowError as error:
        raise Unfit(f"the time {told} is out of range") from error
