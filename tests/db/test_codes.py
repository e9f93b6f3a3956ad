"""Codes lead to vouchers by their hashes, and wait in pools, sealed and numbered."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256

from regulars.db import codes, export, members, shared
from regulars.db.changes import CodeClaim
from regulars.db.codes import Found, PoolCode
from regulars.db.errors import NotUniqueError
from regulars.db.pool import Pool
from regulars.engine.ids import derive
from tests.db.memories import PROGRAMME, event, joining, member_id

ADA, BEA = member_id(1), member_id(2)


def hash_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def made(*texts: str) -> Sequence[PoolCode]:
    return [PoolCode(hash_of(text), f"sealed {text}".encode()) for text in texts]


async def test_a_code_leads_to_its_voucher(pool: Pool) -> None:
    voucher = derive(event(ADA, 1).id, "voucher", 0)

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, codes=(CodeClaim(hash_of("7QXM"), voucher),))])

        assert await codes.find(connection, PROGRAMME, hash_of("7QXM")) == Found(ADA, voucher)
        assert await codes.find(connection, PROGRAMME, hash_of("7QXN")) is None
        assert await codes.find(connection, "other", hash_of("7QXM")) is None


async def test_a_code_stays_with_the_voucher_that_had_it_first(pool: Pool) -> None:
    first, second = (derive(event(whose, 1).id, "voucher", 0) for whose in (ADA, BEA))

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, codes=(CodeClaim(hash_of("7QXM"), first),))])
        applied = await members.apply(connection, [joining(2, codes=(CodeClaim(hash_of("7QXM"), second),))])

        assert applied.faults == ()
        assert await codes.find(connection, PROGRAMME, hash_of("7QXM")) == Found(ADA, first)


async def test_a_pool_gives_its_codes_by_number_in_the_order_in_which_they_came(pool: Pool) -> None:
    async with pool.connection() as connection:
        added = await codes.fill(connection, PROGRAMME, "cinema", made("b", "a", "c"))
        more = await codes.fill(connection, PROGRAMME, "cinema", made("d"))
        sealed = [await codes.code(connection, PROGRAMME, "cinema", number) for number in range(5)]

    assert (added, more) == (3, 1)
    assert sealed == [b"sealed b", b"sealed a", b"sealed c", b"sealed d", None]


async def test_a_code_is_in_a_pool_once(pool: Pool) -> None:
    async with pool.connection() as connection:
        first = await codes.fill(connection, PROGRAMME, "cinema", made("a", "b", "a"))
        again = await codes.fill(connection, PROGRAMME, "cinema", made("c", "b", "a"))
        elsewhere = await codes.fill(connection, PROGRAMME, "theatre", made("a"))
        numbers = [await codes.number(connection, PROGRAMME, "cinema", hash_of(text)) for text in "abcd"]

    assert (first, again, elsewhere) == (2, 1, 1)
    assert numbers == [0, 1, 2, None]


async def test_decisions_know_how_many_codes_a_pool_has(pool: Pool) -> None:
    async with pool.connection() as connection:
        await codes.fill(connection, PROGRAMME, "cinema", made(*(str(number) for number in range(2_500))))
        await codes.fill(connection, PROGRAMME, "cinema", made("0", "one more"))
        await codes.fill(connection, PROGRAMME, "empty", [])

        assert await shared.used(connection, PROGRAMME) == {"pool/cinema/size": 2_501, "pool/empty/size": 0}


async def test_two_who_fill_a_pool_at_once_leave_no_gap_and_no_double(pool: Pool) -> None:
    async def fill(*texts: str) -> None:
        for _ in range(10):
            try:
                async with pool.connection() as connection:
                    await codes.fill(connection, PROGRAMME, "cinema", made(*texts))
                return
            except NotUniqueError:
                await asyncio.sleep(0)

    await asyncio.gather(fill("a", "b", "c"), fill("c", "d", "e"))

    async with pool.connection() as connection:
        numbers = [await codes.number(connection, PROGRAMME, "cinema", hash_of(text)) for text in "abcde"]
        assert sorted(number for number in numbers if number is not None) == [0, 1, 2, 3, 4]
        assert await shared.used(connection, PROGRAMME) == {"pool/cinema/size": 5}


async def test_codes_are_exported_in_their_order_and_stay_sealed(pool: Pool) -> None:
    voucher = derive(event(ADA, 1).id, "voucher", 0)

    async with pool.connection() as connection:
        await codes.fill(connection, PROGRAMME, "cinema", made("b", "a"))
        await members.apply(connection, [joining(1, codes=(CodeClaim(hash_of("7QXM"), voucher),))])
    async with pool.snapshot() as connection:
        pools = [row async for row in export.pool_codes(connection, PROGRAMME)]
        claims = [row async for row in export.codes(connection, PROGRAMME)]

    assert [(row.pool, row.number, row.sealed) for row in pools] == [
        ("cinema", 0, b"sealed b"),
        ("cinema", 1, b"sealed a"),
    ]
    assert [(row.key_hash, row.member_id, row.voucher_id) for row in claims] == [(hash_of("7QXM"), ADA, voucher)]
