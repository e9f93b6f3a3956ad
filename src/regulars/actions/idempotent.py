"""The same key is the same call: whoever asks twice is answered once, to the letter, and refused alike."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from regulars.actions.deciding import Answered, Verdict
from regulars.actions.memory import Memory
from regulars.actions.telling import KeyedCall, Told
from regulars.db import idempotency
from regulars.db.connection import Connection
from regulars.db.idempotency import ClientKey
from regulars.engine.reasons import Refused

KEY_REUSED: Final = Refused(code="idempotency-key-reused")
_REFUSED_STATUS: Final = 409
_REFUSALS: Final = msgspec.json.Decoder(Refused)


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
    memory: Memory, programme_id: str, told: Sequence[Told], verdicts: dict[int, Verdict], *, now: datetime
) -> None:
    """Bring the verdicts on keyed events into line with what the keys were answered before, and keep refusals.

    A freshly recorded event used its key up already. A refusal is kept, so that the same call is refused
    again even if it would be welcome by then; and a key that comes with something else is refused.
    """
    for place, verdict in verdicts.items():
        call = told[place].call
        if call is not None and not (isinstance(verdict, Answered) and not verdict.repeated):
            verdicts[place] = await _reconciled(memory, _client_key(programme_id, call), call, verdict, now)


async def _reconciled(memory: Memory, key: ClientKey, call: KeyedCall, verdict: Verdict, now: datetime) -> Verdict:
    async with memory.pool.transaction() as connection:
        before = await idempotency.find(connection, key)
        if before is None and isinstance(verdict, Refused):
            if await idempotency.claim(connection, key, fingerprint=call.fingerprint, at=now):
                body = msgspec.json.encode(verdict).decode()
                await idempotency.answer(connection, key, status=_REFUSED_STATUS, body=body)
                return verdict
            before = await idempotency.find(connection, key)
    if before is None:
        return verdict
    if before.fingerprint != call.fingerprint:
        return KEY_REUSED
    return _REFUSALS.decode(before.body) if before.status == _REFUSED_STATUS else verdict


def _client_key(programme_id: str, call: KeyedCall) -> ClientKey:
    return ClientKey(programme_id=programme_id, client=call.client, key=call.key)
