"""Whose event is it? Identities lead to the member, and a stranger becomes one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from regulars.actions.memory import Memory
from regulars.actions.telling import Told
from regulars.connectors.identities import BadIdentity, Identity, identities_of
from regulars.connectors.incoming import MemberReference
from regulars.db import members
from regulars.db import orders as order_claims
from regulars.db.sealing import Keyring
from regulars.engine.events import Purchase, Return
from regulars.engine.ids import MalformedId, at_time, internal, key_hash
from regulars.engine.reasons import Refused


class Recognised(Struct, frozen=True, kw_only=True):
    """The member an event is about; for a stranger, the identities that are to be the new member's."""

    member_id: UUID
    claims: tuple[Identity, ...] = ()


class _Named(Struct, frozen=True, kw_only=True):
    """A reference taken apart: our id, or identities beside their hashes, or the order that tells."""

    member_id: UUID | None = None
    identities: tuple[tuple[Identity, bytes], ...] = ()
    order_hash: bytes | None = None


def identity_hash(keyring: Keyring, programme_id: str, identity: Identity) -> bytes:
    """Return the keyed hash by which an identity is found within a programme."""
    return keyring.fingerprint("identity", programme_id, identity.kind, identity.value)


def order_hash(programme_id: str, order_id: str) -> bytes:
    """Return the hash under which an order is claimed within a programme."""
    return key_hash("order", programme_id, order_id)


async def recognise(
    memory: Memory, programme_id: str, told: Sequence[Told], *, now: datetime
) -> list[Recognised | Refused]:
    """Return whose event each is, strangers of the same identity being the same person throughout.

    A return without a member belongs to whoever's order it is, also where that order is told before it in the
    same batch.
    """
    named = [_named(memory, programme_id, one) for one in told]
    known = await _look_up(memory, programme_id, named)
    returns = any(isinstance(one, _Named) and one.order_hash is not None for one in named)
    strangers: dict[bytes, UUID] = {}
    found: list[Recognised | Refused] = []
    for one, asked in zip(named, told, strict=True):
        whose = one if isinstance(one, Refused) else _whose(one, known, strangers, asked.occurred_at or now)
        if returns and isinstance(whose, Recognised) and isinstance(asked.body, Purchase):
            known.setdefault(order_hash(programme_id, asked.body.order.id), whose.member_id)
        found.append(whose)
    return found


def _named(memory: Memory, programme_id: str, told: Told) -> _Named | Refused:
    reference = told.member
    if reference is None or reference == MemberReference():
        if isinstance(told.body, Return):
            return _Named(order_hash=order_hash(programme_id, told.body.order_id))
        return Refused(code="member-missing")
    try:
        if reference.id is not None:
            return _Named(member_id=internal("mem", reference.id))
        return _Named(
            identities=tuple(
                (identity, identity_hash(memory.keyring, programme_id, identity))
                for identity in identities_of(reference)
            )
        )
    except (MalformedId, BadIdentity) as error:
        return Refused(code="malformed", detail={"field": "member", "problem": str(error)})


async def _look_up(memory: Memory, programme_id: str, named: Sequence[_Named | Refused]) -> dict[bytes, UUID]:
    given = [one for one in named if isinstance(one, _Named)]
    hashes = {hash for one in given for _, hash in one.identities}
    orders = {one.order_hash for one in given if one.order_hash is not None}
    if not hashes and not orders:
        return {}
    async with memory.pool.connection() as connection:
        known = dict(await members.resolve(connection, programme_id, sorted(hashes))) if hashes else {}
        if orders:
            known |= await order_claims.owners(connection, programme_id, sorted(orders))
    return known


def _whose(
    named: _Named, known: Mapping[bytes, UUID], strangers: dict[bytes, UUID], at: datetime
) -> Recognised | Refused:
    if named.member_id is not None:
        return Recognised(member_id=named.member_id)
    if named.order_hash is not None:
        owner = known.get(named.order_hash)
        return Recognised(member_id=owner) if owner is not None else Refused(code="order-unknown")
    owners = {known[hash] for _, hash in named.identities if hash in known}
    if len(owners) > 1:
        return Refused(code="identities-of-different-members")
    if owners:
        return Recognised(member_id=owners.pop())
    hashes = [hash for _, hash in named.identities]
    new = next((strangers[hash] for hash in hashes if hash in strangers), at_time(at, "member", hashes[0].hex()))
    strangers.update(dict.fromkeys(hashes, new))
    return Recognised(member_id=new, claims=tuple(identity for identity, _ in named.identities))
