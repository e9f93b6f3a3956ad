"""Codes of vouchers: made from the voucher whenever they are shown, found by their hash, and kept nowhere."""

from collections.abc import Iterable, Iterator

from regulars.actions.memory import Memory
from regulars.db import codes as stored
from regulars.db.changes import CodeClaim
from regulars.db.codes import Found, PoolCode
from regulars.db.connection import Connection
from regulars.db.sealing import Keyring
from regulars.engine import codes
from regulars.engine.effects import Effect, VoucherKept
from regulars.engine.events import Event
from regulars.engine.rewards import Reward
from regulars.engine.vouchers import Voucher


def code_of(keyring: Keyring, voucher: Voucher) -> str:
    """Return a voucher's code, without groups."""
    length = codes.HIGH_VALUE if voucher.high_value else codes.USUAL
    return codes.spell(keyring.code_of(voucher.id), length=length)


def code_claims(keyring: Keyring, programme_id: str, event: Event, effects: Iterable[Effect]) -> Iterator[CodeClaim]:
    """Yield what lets the codes of the vouchers that an event brings about lead to them."""
    new = {
        effect.voucher.id: effect.voucher
        for effect in effects
        if isinstance(effect, VoucherKept) and effect.voucher.event_id == event.id
    }
    for voucher in new.values():
        yield CodeClaim(key_hash=_hash(keyring, programme_id, code_of(keyring, voucher)), voucher_id=voucher.id)


async def find_code(memory: Memory, programme_id: str, text: str) -> Found | None:
    """Return the voucher that a code is for, however somebody wrote it."""
    try:
        code = codes.normal(text)
    except codes.BadCode:
        return None
    async with memory.pool.connection() as connection:
        return await stored.find(connection, programme_id, _hash(memory.keyring, programme_id, code))


async def partner_code(
    connection: Connection, keyring: Keyring, programme_id: str, reward: Reward | None, voucher: Voucher
) -> str | None:
    """Return the code of somebody else that a voucher brought, where it brought one."""
    pool = reward.drawn_from() if reward is not None else None
    if pool is None or voucher.number is None:
        return None
    sealed = await stored.code(connection, programme_id, pool, voucher.number)
    return None if sealed is None else keyring.open_code(programme_id, pool, sealed)


async def fill_pool(memory: Memory, programme_id: str, pool: str, texts: Iterable[str]) -> int:
    """Add somebody else's codes to a pool, and return how many of them were new.

    Raises: db.errors.NotUniqueError, when somebody else fills the pool at the same time: do it again.
    """
    keyring = memory.keyring
    sealed = (
        PoolCode(keyring.fingerprint("pool", programme_id, pool, text), keyring.seal_code(programme_id, pool, text))
        for text in texts
    )
    async with memory.pool.connection() as connection:
        added = await stored.fill(connection, programme_id, pool, sealed)
    memory.sharing.ask_again(programme_id)
    return added


def _hash(keyring: Keyring, programme_id: str, code: str) -> bytes:
    return keyring.fingerprint("code", programme_id, code)
