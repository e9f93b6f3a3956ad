"""Who did what is chained by hashes: an entry that was altered or removed afterwards breaks the chain."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

import msgspec

from regulars.actions.memory import Memory
from regulars.db import audit
from regulars.db.audit import Entry, Seal
from regulars.db.errors import NotUniqueError

BEGINNING: Final = bytes(32)
_BATCH_MAX: Final = 500


async def seal_audit(memory: Memory, *, now: datetime) -> int:
    """Add a batch of entries to the chain, the oldest first, and return how many there were.

    Call it until it returns 0. Two sealers do no harm: the links of the one who comes second are refused.
    """
    try:
        async with memory.pool.transaction() as connection:
            entries = await audit.unsealed(connection, limit=_BATCH_MAX)
            if entries:
                links = chained(entries, await audit.head(connection), now=now)
                for link in links:
                    await audit.seal(connection, link)
    except NotUniqueError:
        return 0
    return len(entries)


def chained(entries: Sequence[Entry], head: Seal | None, *, now: datetime) -> list[Seal]:
    """Return the links that these entries are, after the last link there is."""
    number, previous = (head.number, head.hash) if head is not None else (0, BEGINNING)
    links: list[Seal] = []
    for entry in entries:
        number += 1
        hash = hash_of(entry, number=number, previous=previous)
        links.append(Seal(number=number, entry_id=entry.entry_id, previous_hash=previous, hash=hash, sealed_at=now))
        previous = hash
    return links


def hash_of(entry: Entry, *, number: int, previous: bytes) -> bytes:
    """Return the hash of a link: SHA-256 over its number, the hash before it, and the entry as JSON.

    The detail counts by what it says, not by its spaces and the order of its names, which PostgreSQL does not keep.
    """
    said = [
        number,
        previous.hex(),
        entry.entry_id.hex,
        entry.programme_id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.subject,
        msgspec.json.decode(entry.detail),
    ]
    return sha256(msgspec.json.encode(said, order="sorted")).digest()
