"""`regulars migrate`: bring the schema of the database up to date."""

from typing import Final

from regulars.ops.speaking import counted, say, show

EXAMPLE: Final = "Example: REGULARS_DATABASE_URL=postgresql://regulars@db.example.com/regulars regulars migrate"


def migrate() -> None:
    """Bring the database up to date: what is missing is applied, in order, each step in a transaction."""
    import asyncio

    from regulars.db import migrate as migrations
    from regulars.ops import installation, settings

    with installation.database(settings.read()) as url:
        done = asyncio.run(migrations.migrate(url, on_progress=say))
    show(f"{counted(len(done), 'migration')} applied" if done else "the database is up to date")
