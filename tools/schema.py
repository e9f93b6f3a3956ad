"""Write src/regulars/db/schema.sql anew: the migrations, applied to an empty database that is thrown away."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from regulars.db.migrate import migrate
from regulars.db.schema import FILE, picture
from regulars.ops.postgres import embedded


async def made(url: str) -> str:
    """Return what the migrations add up to."""
    await migrate(url)
    return await picture(url)


if __name__ == "__main__":
    with TemporaryDirectory(prefix="regulars-schema-") as folder, embedded(Path(folder) / "postgres") as server:
        server.create_database("schema")
        FILE.write_text(asyncio.run(made(server.url("schema"))), encoding="utf-8")
    print(FILE)
