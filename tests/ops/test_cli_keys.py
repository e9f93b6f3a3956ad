from __future__ import annotations

import asyncio
from pathlib import Path

from regulars.db import keys
from regulars.db.keys import ApiKey
from regulars.db.pool import Pool
from regulars.db.sealing import secret_hash
from tests.ops.shell import PROGRAMME, applied, regulars


def kept(url: str, secret: str) -> ApiKey | None:
    async def find() -> ApiKey | None:
        pool = Pool(url)
        try:
            async with pool.connection() as connection:
                return await keys.find(connection, secret_hash(secret))
        finally:
            await pool.close()

    return asyncio.run(find())


def test_a_key_is_printed_once_and_kept_as_a_hash(shop: Path, database_url: str) -> None:
    applied(shop)

    ran = regulars("keys", "create", "till", "--scope", "events:write", "--scope", "members:read")

    secret = ran.out.strip()
    found = kept(database_url, secret)
    assert ran.status == 0
    assert secret.startswith("rk_")
    assert secret not in ran.err
    assert found is not None
    assert (found.name, found.scopes, found.expires_at) == ("till", ("events:write", "members:read"), None)


def test_a_key_may_open_for_some_days_only(shop: Path, database_url: str) -> None:
    applied(shop)

    ran = regulars("keys", "create", "till", "--scope", "all", "--days", "30")

    found = kept(database_url, ran.out.strip())
    assert found is not None
    assert found.expires_at is not None
    assert (found.expires_at - found.created_at).days == 30


def test_an_unknown_scope_is_answered_with_those_there_are(shop: Path) -> None:
    applied(shop)

    ran = regulars("keys", "create", "till", "--scope", "everything")

    assert ran.status == 2
    assert "events:write" in ran.err


def test_beside_several_programmes_one_has_to_be_named(shop: Path, database_url: str) -> None:
    applied(shop)
    applied(shop, PROGRAMME.replace("id: corner", "id: other"))

    unsaid = regulars("keys", "create", "till", "--scope", "all")
    unknown = regulars("keys", "create", "till", "--scope", "all", "--programme", "third")
    named = regulars("keys", "create", "till", "--scope", "all", "--programme", "other")

    assert unsaid.status == unknown.status == 2
    assert "corner, other" in unsaid.err
    assert "corner, other" in unknown.err
    found = kept(database_url, named.out.strip())
    assert found is not None
    assert found.programme_id == "other"
