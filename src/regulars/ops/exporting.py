"""Everything that is needed to begin anew elsewhere, as JSON Lines: programmes, the event log, sealed identities."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from regulars.actions.memory import Memory
from regulars.db import events, export, programmes
from regulars.db.connection import Connection
from regulars.db.events import RecordedEvent
from regulars.engine import mail
from regulars.engine.ids import external

FORMAT: Final = "regulars-export"
VERSION: Final = 1


class Part(Struct, frozen=True, kw_only=True):
    """A file of an export: how many lines it has, and the SHA-256 of its bytes."""

    file: str
    lines: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What an export holds; written last, so that an export without it is not whole."""

    format: str = FORMAT
    version: int = VERSION
    made_at: datetime
    parts: tuple[Part, ...]


async def export_all(memory: Memory, folder: Path, *, now: datetime, told: Callable[[Part], None]) -> Manifest:
    """Write everything into an empty folder, all of one moment, and return what it holds."""
    parts: list[Part] = []
    pool = memory.pool.surveyor()
    try:
        async with pool.snapshot() as connection:
            for name, lines in _PARTS.items():
                part = await _write(folder / f"{name}.jsonl", lines(connection))
                told(part)
                parts.append(part)
    finally:
        await pool.close()
    manifest = Manifest(made_at=now, parts=tuple(parts))
    (folder / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return manifest


async def _write(path: Path, lines: AsyncIterator[object]) -> Part:
    digest, count = sha256(), 0
    encoder = msgspec.json.Encoder()
    with path.open("xb") as file:
        async for line in lines:
            text = encoder.encode(line) + b"\n"
            file.write(text)
            digest.update(text)
            count += 1
    return Part(file=path.name, lines=count, sha256=digest.hexdigest())


async def _programmes(connection: Connection) -> AsyncIterator[object]:
    for one in await programmes.every(connection):
        yield one


async def _versions(connection: Connection) -> AsyncIterator[object]:
    for one in await programmes.every(connection):
        for version in reversed(await programmes.history(connection, one.programme_id)):
            yield _shown(one.programme_id, version)


async def _events(connection: Connection) -> AsyncIterator[object]:
    for one in await programmes.every(connection):
        async for recorded in events.stream(connection, one.programme_id):
            yield _event(recorded)


def _event(recorded: RecordedEvent) -> dict[str, object]:
    event = recorded.event
    return {
        "programme": recorded.programme_id,
        "member": external("mem", event.member_id),
        "member_version": recorded.member_version,
        "event": external("evt", event.id),
        "type": event.type,
        "source": event.source,
        "source_id": event.source_id,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "channel": event.channel,
        "shop": event.shop,
        "associate": event.associate,
        "body": msgspec.Raw(mail.write(event.body)),
        "programme_version": recorded.programme_version,
        "answer": recorded.answer,
        "seen": recorded.seen,
    }


def _each(read: Callable[[Connection, str], AsyncIterator[Struct]]) -> Callable[[Connection], AsyncIterator[object]]:
    async def rows(connection: Connection) -> AsyncIterator[object]:
        for one in await programmes.every(connection):
            async for row in read(connection, one.programme_id):
                yield _shown(one.programme_id, row)

    return rows


def _shown(programme_id: str, row: Struct) -> dict[str, Any]:
    """Return a row with its programme's id, our ids as the API writes them, and bytes as hexadecimal."""
    found: dict[str, Any] = {"programme": programme_id}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        match name:
            case "programme_id":
                continue
            case "member_id":
                found["member"] = external("mem", value)
            case "event_id":
                found["event"] = external("evt", value)
            case "voucher_id":
                found["voucher"] = external("vch", value)
            case _:
                found[name] = value.hex() if isinstance(value, bytes) else value
    return found


# In the order in which they can be read again: nothing refers to what comes after it.
_PARTS: Final[dict[str, Callable[[Connection], AsyncIterator[object]]]] = {
    "programmes": _programmes,
    "versions": _versions,
    "events": _events,
    "identities": _each(export.identities),
    "profiles": _each(export.profiles),
    "contacts": _each(export.contacts),
    "codes": _each(export.codes),
    "pool_codes": _each(export.pool_codes),
    "audit": _each(export.audit),
}
