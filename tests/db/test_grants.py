"""The application adds to the ledger and never changes it; the reader looks, but not at personal data."""

from typing import TYPE_CHECKING

import asyncpg
import pytest

if TYPE_CHECKING:
    Session = asyncpg.Connection[asyncpg.Record]

APPEND_ONLY = ("posting", "event", "audit_entry", "audit_seal", "order_claim", "programme_version")


async def session(url: str, role: str) -> "Session":
    return await asyncpg.connect(url, server_settings={"role": role})


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {} SET programme_id = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_application_cannot_change_what_is_only_added_to(database_url: str, table: str, act: str) -> None:
    act = act.replace("programme_id = 'x'", "hash = ''") if table == "audit_seal" else act
    application = await session(database_url, "regulars_app")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"denied for table {table}"):
        await application.execute(act.format(table))
    await application.close()


@pytest.mark.parametrize("table", ["personal.profile", "personal.contact", "api_key", "idempotency"])
async def test_the_reader_sees_neither_personal_data_nor_secrets(database_url: str, table: str) -> None:
    reader = await session(database_url, "regulars_reader")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(f"SELECT FROM {table}")
    await reader.close()


async def test_the_reader_cannot_write(database_url: str) -> None:
    reader = await session(database_url, "regulars_reader")

    await reader.execute("SELECT FROM member")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("DELETE FROM member")
    await reader.close()


@pytest.mark.parametrize("role", ["regulars_app", "regulars_reader"])
async def test_neither_makes_tables(database_url: str, role: str) -> None:
    connection = await session(database_url, role)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE more (number integer)")
    await connection.close()
