"""Why a batch was not written: what came in between, change by change."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from regulars.db import shared
from regulars.db.changes import Change, Decided, Fault, FaultKind
from regulars.db.claims import claimed_by, overdrawn
from regulars.db.connection import Connection
from regulars.db.queries import queries
from regulars.db.rows import bucket_of_client_key, encoded, hexadecimal
from regulars.engine.ids import bucket_of, bucket_of_key

_QUERIES: Final = queries("faults")

Columns = dict[str, object]
"""What a claim is looked up by: the columns of a key."""


async def faults(connection: Connection, changes: Sequence[Change]) -> tuple[Fault, ...]:
    """Return what stands in the way of a batch now; empty, when nothing does any more."""
    found = await _stale(connection, changes)
    for kind, keys in _CLAIMS.items():
        found += await _taken(connection, changes, kind, keys)
    found = found or _twice(changes)
    return tuple(found or await _overdrawn(connection, changes))


async def _stale(connection: Connection, changes: Sequence[Change]) -> list[Fault]:
    wanted = [
        {
            "place": place,
            "bucket": bucket_of(change.before.member_id),
            "member_id": change.before.member_id,
            "member_version": change.before.version + 1,
        }
        for place, change in enumerate(changes)
    ]
    rows = await connection.rows(_QUERIES["stale"], encoded(wanted))
    places = sorted(row["place"] for row in rows)
    return [Fault(place=place, kind="stale", member_id=changes[place].before.member_id) for place in places]


async def _taken(connection: Connection, changes: Sequence[Change], kind: FaultKind, keys: "Keys") -> list[Fault]:
    asked = list(_claims(changes, keys))
    if not asked:
        return []
    wanted = [columns | {"place": place} for place, (_, _, columns) in enumerate(asked)]
    rows = await connection.rows(_QUERIES[kind.replace("-", "_")], encoded(wanted))
    found = []
    for row in sorted(rows, key=lambda row: row["place"]):
        place, number, _ = asked[row["place"]]
        found.append(
            Fault(
                place=place,
                kind=kind,
                decided=number,
                member_id=row["member_id"],
                event_id=row["event_id"],
            )
        )
    return found


def _twice(changes: Sequence[Change]) -> list[Fault]:
    """Return the later ones of the changes that want one thing twice within the batch."""
    found = []
    for kind, keys in _CLAIMS.items():
        first: dict[Hashable, Decided] = {}
        for place, number, columns in _claims(changes, keys):
            decided = changes[place].decided[number]
            owner = first.setdefault(tuple(columns.values()), decided)
            if owner is not decided:
                event = owner.event
                found.append(
                    Fault(place=place, kind=kind, decided=number, member_id=event.member_id, event_id=event.id)
                )
    return found


async def _overdrawn(connection: Connection, changes: Sequence[Change]) -> list[Fault]:
    """Return the changes that want more of what members share than is left; asked when nothing else is wrong."""
    names = [
        (change.programme_id, name)
        for change in changes
        for decided in change.decided
        for name in claimed_by(decided.effects)
    ]
    if not names:
        return []
    late = overdrawn(changes, await shared.used_of(connection, names))
    return [
        Fault(place=place, kind="claim", decided=number, member_id=changes[place].before.member_id)
        for place, number in late
    ]


def _claims(changes: Sequence[Change], keys: "Keys") -> Iterator[tuple[int, int, Columns]]:
    for place, change in enumerate(changes):
        for number, decided in enumerate(change.decided):
            for columns in keys(change.programme_id, decided):
                yield place, number, columns


def _business_key(programme_id: str, decided: Decided) -> list[Columns]:
    event = decided.event
    key: Columns = {"bucket": bucket_of(event.member_id), "member_id": event.member_id}
    return [key | {"source": event.source, "source_id": event.source_id, "type": event.type}]


def _identity_keys(programme_id: str, decided: Decided) -> list[Columns]:
    return [_hash_key(programme_id, claim.key_hash) for claim in decided.identities]


def _order_keys(programme_id: str, decided: Decided) -> list[Columns]:
    return [] if decided.order_hash is None else [_hash_key(programme_id, decided.order_hash)]


def _hash_key(programme_id: str, key_hash: bytes) -> Columns:
    bucket = bucket_of_key(key_hash)
    return {"bucket": bucket, "programme_id": programme_id, "key_hash": hexadecimal(key_hash)}


def _client_keys(programme_id: str, decided: Decided) -> list[Columns]:
    used = decided.used_key
    if used is None:
        return []
    bucket = bucket_of_client_key(used.client, used.key)
    return [{"bucket": bucket, "programme_id": programme_id, "client": used.client, "key": used.key}]


Keys = Callable[[str, Decided], list[Columns]]
# In this order: whoever sees a key used or an order taken sees the event that did so in the next look, too.
_CLAIMS: Final[dict[FaultKind, Keys]] = {
    "key-used": _client_keys,
    "order-taken": _order_keys,
    "identity-taken": _identity_keys,
    "event-told": _business_key,
}
