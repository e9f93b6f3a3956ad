"""Three roles: the owner of the tables connects, the application writes what it may, the reader looks."""

from contextlib import suppress
from typing import Final

import asyncpg

from regulars.db.connection import Row
from regulars.db.errors import DatabaseError

ROLES: Final = ("regulars_app", "regulars_reader")

_MAY_BECOME: Final = """
SELECT pg_has_role(
  $1, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END
)
"""


class MissingRoleError(DatabaseError):
    """A role is not there, and the owner may not create it."""


async def ensure_roles(connection: "asyncpg.Connection[Row]") -> None:
    """Create the roles that are missing, and let the user at hand become each of them.

    Roles belong to the whole server, so another database of it may have brought them already.

    Raises: MissingRoleError.
    """
    for role in ROLES:
        try:
            await _ensure(connection, role)
        except asyncpg.InsufficientPrivilegeError as error:
            user = await connection.fetchval("SELECT current_user")
            raise MissingRoleError(
                f"{user} may not create or become the role {role}. Let an administrator run: "
                f'CREATE ROLE {role} NOLOGIN; GRANT {role} TO "{user}";'
            ) from error


async def _ensure(connection: "asyncpg.Connection[Row]", role: str) -> None:
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role):
        # Another database of the server may be quicker.
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f"CREATE ROLE {role} NOLOGIN")
    if not await connection.fetchval(_MAY_BECOME, role):
        await connection.execute(f"GRANT {role} TO CURRENT_USER")
