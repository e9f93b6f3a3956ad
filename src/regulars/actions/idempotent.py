"""The same key is the same call: whoever asks twice is answered once, to the letter, and refused alike."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from regulars.actions.deciding import Answered
from regulars.actions.memory import Memory
from regulars.actions.telling import KeyedCall, Told
from regulars.db import idempotency
from regulars.db.connection import Connection
from regulars.db.idempotency import ClientKey
from regulars.engine.reasons import Refused

KEY_REUSED: Final = Refused(code="idempotency-key-reused")
_REFUSED_STATUS: Final = 409
_REFUSALS: Final = msgspec.json.Decoder(Refused)

Outcome = Answered | Refused


class Reply(Struct, frozen=True, kw_only=True):
    """What a call is answered; `repeated` where it was answered before."""

    body: bytes
    status: int = 200
    repeated: bool = False


async def once(
    memory: Memory,
    programme_id: str,
    call: KeyedCall,
    run: Callable[[Connection], Awaitable[Reply]],
    *,
    now: datetime,
) -> Reply | Refused:
    """Do something that must not happen twice, in the transaction that uses up the call's key.

    A second call with the key waits for the first, and is given the first one's reply.
    """
    key = _client_key(programme_id, call)
    async with memory.pool.transaction() as connection:
        if await idempotency.claim(connection, key, fingerprint=call.fingerprint, at=now):
            reply = await run(connection)
            await idempotency.answer(connection, key, status=reply.status, body=reply.body.decode())
            return reply
    return await _kept(memory, key, call)


async def remembered(
    memory: Memory, programme_id: str, call: KeyedCall, run: Callable[[], Awaitable[Reply]], *, now: datetime
) -> Reply | Refused:
    """Do something that is harmless to do twice, unless the call was answered before; then keep the reply."""
    key = _client_key(programme_id, call)
    async with memory.pool.connection() as connection:
        before = await idempotency.find(connection, key)
    if before is not None:
        return _reply(before, call)
    reply = await run()
    async with memory.pool.transaction() as connection:
        if await idempotency.claim(connection, key, fingerprint=call.fingerprint, at=now):
            await idempotency.answer(connection, key, status=reply.status, body=reply.body.decode())
            return reply
    return await _kept(memory, key, call)


async def _kept(memory: Memory, key: ClientKey, call: KeyedCall) -> Reply | Refused:
    async with memory.pool.connection() as connection:
        kept = await idempotency.find(connection, key)
    assert kept is not None, "who could not claim the key waited for its answer"
    return _reply(kept, call)


def _reply(kept: idempotency.Answered, call: KeyedCall) -> Reply | Refused:
    if kept.fingerprint != call.fingerprint:
        return KEY_REUSED
    return Reply(body=kept.body.encode(), status=kept.status, repeated=True)


async def reconcile(
    memory: Memory, programme_id: str, told: Sequence[Told], outcomes: Sequence[Outcome], *, now: datetime
) -> list[Outcome]:
    """Return the outcomes of keyed events in line with what the keys were answered before, and keep them.

    A freshly recorded event used its key up already. A refusal is kept, so that the same call is refused
    again even if it would be welcome by then; so is that a key was answered with what another one had
    recorded. A key that comes with something else is refused.
    """
    found = list(outcomes)
    for place, (one, outcome) in enumerate(zip(told, outcomes, strict=True)):
        if one.call is not None and not (isinstance(outcome, Answered) and not outcome.repeated):
            found[place] = await _reconciled(memory, _client_key(programme_id, one.call), one.call, outcome, now)
    return found


async def _reconciled(memory: Memory, key: ClientKey, call: KeyedCall, outcome: Outcome, now: datetime) -> Outcome:
    async with memory.pool.transaction() as connection:
        before = await idempotency.find(connection, key)
        if before is None:
            if await idempotency.claim(connection, key, fingerprint=call.fingerprint, at=now):
                await _keep(connection, key, outcome)
                return outcome
            before = await idempotency.find(connection, key)
    assert before is not None, "who could not claim the key waited for its answer"
    if before.fingerprint != call.fingerprint:
        return KEY_REUSED
    return _REFUSALS.decode(before.body) if before.status == _REFUSED_STATUS else outcome


async def _keep(connection: Connection, key: ClientKey, outcome: Outcome) -> None:
    match outcome:
        case Refused():
            body = msgspec.json.encode(outcome).decode()
            await idempotency.answer(connection, key, status=_REFUSED_STATUS, body=body)
        case Answered():
            await idempotency.answer_with(connection, key, outcome.event_id, of=outcome.member_id)


def _client_key(programme_id: str, call: KeyedCall) -> ClientKey:
    return ClientKey(programme_id=programme_id, client=call.client, key=call.key)
