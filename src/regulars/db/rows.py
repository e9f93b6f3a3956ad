"""A batch of decisions becomes rows: those of its members, and the claims that they make."""

from collections.abc import Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Final
from uuid import UUID

import msgspec

from regulars.db import tables
from regulars.db.changes import Change, Decided
from regulars.db.member_rows import MemberRows
from regulars.engine.events import Merge
from regulars.engine.ids import bucket_of, bucket_of_key

_encoder: Final = msgspec.json.Encoder()
_BY_HASH: Final = attrgetter("bucket", "programme_id", "key_hash")
_BY_CLIENT: Final = attrgetter("bucket", "programme_id", "client", "key")


def hexadecimal(value: bytes) -> str:
    """Return bytes as PostgreSQL reads them out of JSON."""
    return "\\x" + value.hex()


def encoded(rows: Sequence[object]) -> str:
    """Return rows as the JSON that a statement takes."""
    return _encoder.encode(rows).decode()


def bucket_of_client_key(client: UUID, key: str) -> int:
    """Return the bucket that remembers what a client was answered under an idempotency key."""
    return bucket_of_key(blake2b(client.bytes + key.encode(), digest_size=16).digest())


def rows_of(changes: Sequence[Change]) -> tables.Rows:
    """Return the rows of a batch, in the order in which they are locked."""
    rows = tables.Rows()
    for change in sorted(changes, key=_place):
        MemberRows(rows, change).write()
        for decided in change.decided:
            _claims(rows, change.programme_id, decided)
    rows.claim_identities.sort(key=_BY_HASH)
    rows.move_identities.sort(key=_BY_HASH)
    rows.claim_orders.sort(key=_BY_HASH)
    rows.keep_answers.sort(key=_BY_CLIENT)
    return rows


def _place(change: Change) -> tuple[int, UUID]:
    member_id = change.before.member_id
    return bucket_of(member_id), member_id


def _claims(rows: tables.Rows, programme_id: str, decided: Decided) -> None:
    event = decided.event
    owner = (bucket_of(event.member_id), event.member_id, programme_id)
    if decided.profile is not None:
        sealed = decided.profile.sealed
        rows.keep_profiles.append(
            tables.ProfileRow(
                *owner,
                wrapped_key=hexadecimal(decided.profile.wrapped_key),
                sealed=None if sealed is None else hexadecimal(sealed),
                updated_at=event.recorded_at,
            )
        )
    _identities(rows, programme_id, decided)
    if decided.order_hash is not None:
        rows.claim_orders.append(
            tables.ClaimRow(
                bucket=bucket_of_key(decided.order_hash),
                key_hash=hexadecimal(decided.order_hash),
                programme_id=programme_id,
                member_bucket=owner[0],
                member_id=event.member_id,
                event_id=event.id,
                created_at=event.recorded_at,
            )
        )
    if decided.used_key is not None:
        used = decided.used_key
        rows.keep_answers.append(
            tables.AnswerRow(
                bucket=bucket_of_client_key(used.client, used.key),
                programme_id=programme_id,
                client=used.client,
                key=used.key,
                fingerprint=hexadecimal(used.fingerprint),
                status=used.status,
                event_bucket=owner[0],
                event_id=event.id,
                created_at=event.recorded_at,
            )
        )


def _identities(rows: tables.Rows, programme_id: str, decided: Decided) -> None:
    event = decided.event
    owner = (bucket_of(event.member_id), event.member_id, programme_id)
    for claim in decided.identities:
        key_hash = hexadecimal(claim.key_hash)
        rows.claim_identities.append(
            tables.IdentityRow(
                bucket=bucket_of_key(claim.key_hash),
                key_hash=key_hash,
                programme_id=programme_id,
                member_bucket=owner[0],
                member_id=event.member_id,
                event_id=event.id,
                kind=claim.kind,
                created_at=event.recorded_at,
            )
        )
        if claim.sealed is not None:
            rows.keep_contacts.append(
                tables.ContactRow(
                    *owner,
                    key_hash=key_hash,
                    kind=claim.kind,
                    sealed=hexadecimal(claim.sealed),
                    created_at=event.recorded_at,
                )
            )
    for key_hash_moved in decided.identities_moved:
        survivor = _survivor(decided)
        rows.move_identities.append(
            tables.KeyRow(
                bucket=bucket_of_key(key_hash_moved),
                key_hash=hexadecimal(key_hash_moved),
                programme_id=programme_id,
                member_bucket=bucket_of(survivor),
                member_id=survivor,
            )
        )


def _survivor(decided: Decided) -> UUID:
    body = decided.event.body
    assert isinstance(body, Merge), "only a merge lets identities lead to another member"
    return body.into_member
