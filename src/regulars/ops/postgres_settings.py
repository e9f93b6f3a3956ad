"""The settings of the embedded PostgreSQL, and the three that a ledger must never run without."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from regulars.ops.postgres_process import PostgresError

# Without these, a loss of power or a `kill -9` loses work that was acknowledged, and no query can tell.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")

# Rows: what is not as DURABLE demands, for the server and for any database or role with its own mind.
LOSSY_SQL = """
SELECT name || ' = ' || setting
  FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting NOT IN ('on', 'remote_apply')
 UNION ALL
SELECT own || coalesce(' for database ' || datname, '') || coalesce(' for role ' || rolname, '')
  FROM pg_db_role_setting
 CROSS JOIN unnest(setconfig) AS own
  LEFT JOIN pg_database ON pg_database.oid = setdatabase
  LEFT JOIN pg_roles ON pg_roles.oid = setrole
 WHERE own LIKE 'synchronous_commit=%' AND split_part(own, '=', 2) NOT IN ('on', 'remote_apply')
"""

_MEGABYTE = 1024 * 1024
_SHARED_BUFFERS_MEGABYTES_MIN = 128
_SHARED_BUFFERS_MEGABYTES_MAX = 1024  # what our measurements used; more showed nothing on a small machine


class DataLossSettingsError(PostgresError):
    """Settings under which acknowledged work can vanish were asked for or found."""


def refuse_lossy(settings: Mapping[str, str]) -> None:
    """Refuse to start with a durability setting that is not plainly on.

    Raises:
        DataLossSettingsError: naming them.
    """
    refuse_found([f"{name} = {settings[name]}" for name in DURABLE if settings.get(name, "on") != "on"])


def refuse_found(lossy: Sequence[str]) -> None:
    """Refuse when the list of lossy settings is not empty.

    Raises:
        DataLossSettingsError: naming them.
    """
    if lossy:
        raise DataLossSettingsError(
            f"With {', '.join(lossy)} a crash loses points that members were told they have. Set "
            f"{', '.join(DURABLE)} to on (ALTER ROLE or ALTER DATABASE … RESET for a setting of its own)."
        )


def server_settings(own: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a server: ours, for many small durable transactions, under the caller's."""
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{_shared_buffers_megabytes()}MB",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # Bounds the log that a crash has to replay, and with it the time of the next start.
        "max_wal_size": "1GB",
        "checkpoint_timeout": "10min",
        "random_page_cost": "1.1",
        # Compiling a statement takes longer than any of ours runs, and the wheel has no compiler.
        "jit": "off",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        # Statements and the values of a violated key are personal data: they stay out of the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        **own,
    }


def _shared_buffers_megabytes() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")  # what a container may use
    if limit.exists():
        text = limit.read_text().strip()
        memory = min(memory, int(text)) if text.isdigit() else memory
    quarter = memory // 4 // _MEGABYTE
    return max(_SHARED_BUFFERS_MEGABYTES_MIN, min(quarter, _SHARED_BUFFERS_MEGABYTES_MAX))
