"""The committed picture of the schema is what the migrations make, whichever PostgreSQL runs."""

from regulars.db.schema import FILE, picture


async def test_the_committed_picture_is_what_the_migrations_make(database_url: str) -> None:
    made = await picture(database_url)

    assert made == FILE.read_text(), "run: make schema"


async def test_there_are_no_triggers_sequences_or_functions(database_url: str) -> None:
    made = await picture(database_url)

    assert not [line for line in made.splitlines() if line.startswith(("-- trigger", "-- sequence", "-- function"))]
