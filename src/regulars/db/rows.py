"""A batch of decisions becomes rows: those of its members, and the claims that they make."""

from collections.abc import Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Final
from uuid import UUID

import msgspec

from regulars.db import tables
from regulars.db.changes import Change, CodeClaim, Decided, IdentityClaim, SealedProfile, UsedKey
from regulars.db.claims import shared_rows
from regulars.db.member_rows import MemberRows
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
            _Claims(rows, change.programme_id, decided).write()
    rows.claim_identities.sort(key=_BY_HASH)
    rows.move_identities.sort(key=_BY_HASH)
    rows.claim_orders.sort(key=_BY_HASH)
    rows.claim_codes.sort(key=_BY_HASH)
    rows.keep_answers.sort(key=_BY_CLIENT)
    rows.claim_shared.extend(shared_rows(changes))
    return rows


def _place(change: Change) -> tuple[int, UUID]:
    member_id = change.before.member_id
    return bucket_of(member_id), member_id


class _Claims:
    """What one event claims, beside what it does to its member."""

    def __init__(self, rows: tables.Rows, programme_id: str, decided: Decided) -> None:
        self.rows = rows
        self.decided = decided
        self.event = decided.event
        self.owner = (bucket_of(self.event.member_id), self.event.member_id, programme_id)

    def write(self) -> None:
        """Add the claims' rows."""
        if self.decided.profile is not None:
            self._profile(self.decided.profile)
        for claim in self.decided.identities:
            self._identity(claim)
        for key_hash in self.decided.identities_moved.key_hashes:
            self._moved(key_hash)
        if self.decided.order_hash is not None:
            self._order(self.decided.order_hash)
        for code in self.decided.codes:
            self._code(code)
        if self.decided.used_key is not None:
            self._answer(self.decided.used_key)

    def _profile(self, profile: SealedProfile) -> None:
        self.rows.keep_profiles.append(
            tables.ProfileRow(
                *self.owner,
                wrapped_key=hexadecimal(profile.wrapped_key),
                sealed=None if profile.sealed is None else hexadecimal(profile.sealed),
                updated_at=self.event.recorded_at,
            )
        )

    def _identity(self, claim: IdentityClaim) -> None:
        member_bucket, member_id, programme_id = self.owner
        self.rows.claim_identities.append(
            tables.IdentityRow(
                bucket=bucket_of_key(claim.key_hash),
                key_hash=hexadecimal(claim.key_hash),
                programme_id=programme_id,
                member_bucket=member_bucket,
                member_id=member_id,
                event_id=self.event.id,
                kind=claim.kind,
                created_at=self.event.recorded_at,
            )
        )
        if claim.sealed is not None:
            self.rows.keep_contacts.append(
                tables.ContactRow(
                    *self.owner,
                    key_hash=hexadecimal(claim.key_hash),
                    kind=claim.kind,
                    sealed=hexadecimal(claim.sealed),
                    created_at=self.event.recorded_at,
                )
            )

    def _moved(self, key_hash: bytes) -> None:
        member_bucket, member_id, programme_id = self.owner
        self.rows.move_identities.append(
            tables.MovedRow(
                bucket=bucket_of_key(key_hash),
                key_hash=hexadecimal(key_hash),
                programme_id=programme_id,
                member_bucket=member_bucket,
                member_id=member_id,
                closed=self.decided.identities_moved.closed,
            )
        )

    def _order(self, order_hash: bytes) -> None:
        member_bucket, member_id, programme_id = self.owner
        self.rows.claim_orders.append(
            tables.ClaimRow(
                bucket=bucket_of_key(order_hash),
                key_hash=hexadecimal(order_hash),
                programme_id=programme_id,
                member_bucket=member_bucket,
                member_id=member_id,
                event_id=self.event.id,
                created_at=self.event.recorded_at,
            )
        )

    def _code(self, code: CodeClaim) -> None:
        member_bucket, member_id, programme_id = self.owner
        self.rows.claim_codes.append(
            tables.CodeRow(
                bucket=bucket_of_key(code.key_hash),
                key_hash=hexadecimal(code.key_hash),
                programme_id=programme_id,
                member_bucket=member_bucket,
                member_id=member_id,
                voucher_id=code.voucher_id,
                created_at=self.event.recorded_at,
            )
        )

    def _answer(self, used: UsedKey) -> None:
        self.rows.keep_answers.append(
            tables.AnswerRow(
                bucket=bucket_of_client_key(used.client, used.key),
                programme_id=self.owner[2],
                client=used.client,
                key=used.key,
                fingerprint=hexadecimal(used.fingerprint),
                status=used.status,
                event_bucket=self.owner[0],
                event_id=self.event.id,
                created_at=self.event.recorded_at,
            )
        )
