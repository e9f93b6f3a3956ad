"""What a batch asks memory to write: per member the state it was decided on, and the decisions in order."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from regulars.engine.effects import Effect
from regulars.engine.events import Event
from regulars.engine.members import MemberState


class IdentityClaim(Struct, frozen=True, kw_only=True):
    """An identity becomes the member's; `sealed` is the identity itself under the member's key, to show again."""

    key_hash: bytes
    kind: str
    sealed: bytes | None = None


class CodeClaim(Struct, frozen=True):
    """A code leads to the member's voucher from now on, unless it leads to another one already."""

    key_hash: bytes
    voucher_id: UUID


class SealedProfile(Struct, frozen=True, kw_only=True):
    """The member's own key under the master key, and what it seals."""

    wrapped_key: bytes
    sealed: bytes | None = None


class UsedKey(Struct, frozen=True, kw_only=True):
    """The idempotency key under which a client sent the event; the event's answer is the key's answer."""

    client: UUID
    key: str
    fingerprint: bytes
    status: int = 200


class MovedIdentities(Struct, frozen=True, kw_only=True):
    """Identities, by their hashes, that lead to memberships which closed, and to the survivor from now on."""

    key_hashes: tuple[bytes, ...] = ()
    closed: tuple[UUID, ...] = ()


class Decided(Struct, frozen=True, kw_only=True):
    """One event with what was decided about it.

    `answer` is kept byte for byte. `seen` is what the decision saw of what members share.
    `order_hash` claims the event's order over everybody. `identities_moved` lead to this member from now on,
    unless somebody led them on already.
    """

    event: Event
    programme_version: int
    effects: Sequence[Effect]
    answer: str
    seen: dict[str, int] = {}
    used_key: UsedKey | None = None
    identities: tuple[IdentityClaim, ...] = ()
    codes: tuple[CodeClaim, ...] = ()
    order_hash: bytes | None = None
    profile: SealedProfile | None = None
    identities_moved: MovedIdentities = MovedIdentities()


class Change(Struct, frozen=True, kw_only=True):
    """The decisions on one member, in their order: the first on `before`, each further one on what it led to."""

    programme_id: str
    before: MemberState
    decided: Sequence[Decided]


FaultKind = Literal["stale", "event-told", "identity-taken", "order-taken", "key-used", "claim"]


class Fault(Struct, frozen=True, kw_only=True):
    """Why nothing of a batch was written: the change at `place` came too late.

    `stale`: the member moved on; load and decide again. `event-told`: the business key is recorded.
    `identity-taken`, `order-taken`: `member_id` has it. `key-used`: the client used the key before, for
    `event_id` where it was an event. `claim`: less is left of what members share than the change wants; look what
    is left and decide again. `decided` is the place within the change; a stale member has none.
    """

    place: int
    kind: FaultKind
    decided: int | None = None
    member_id: UUID | None = None
    event_id: UUID | None = None
