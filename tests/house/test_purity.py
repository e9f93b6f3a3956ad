import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.purity import (
    CORE,
    EDGES,
    Slip,
    chance_taken,
    clock_read,
    floats,
    impurity,
    part_of,
    sql_in_pieces,
)
from tests.house.repository import PACKAGE

Check = Callable[[ast.AST], Iterator[Slip]]

# Outside web/ and ops/, random bits are drawn for the keys that seal personal data, and so that those who
# wait for the database do not all come back at once.
MAY_TAKE_CHANCES = {PACKAGE / "db" / "sealing.py", PACKAGE / "db" / "pool.py"}
# CEL has doubles of its own, and the hints on a misspelt name measure likeness.
MAY_KNOW_FLOATS = PACKAGE / "engine" / "conditions"


def slips(check: Check, files: list[Path]) -> list[str]:
    found = []
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(PACKAGE)}:{slip.line} {slip.what}" for slip in check(tree)]
    return found


def files_where(belongs: Callable[[str], bool]) -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if belongs(part_of(path, PACKAGE))]


def test_only_the_edges_read_a_clock() -> None:
    inside = files_where(lambda part: part not in EDGES)

    found = slips(clock_read, inside)

    assert not found, "take `now` as a parameter"


def test_chance_is_taken_at_the_edges_and_where_keys_are_made() -> None:
    inside = [path for path in files_where(lambda part: part not in EDGES) if path not in MAY_TAKE_CHANCES]

    found = slips(chance_taken, inside)

    assert not found, "derive it from the cause, or take it as a parameter"


def test_the_core_touches_nothing_outside_itself() -> None:
    found = slips(impurity, files_where(lambda part: part in CORE))

    assert not found


def test_the_core_computes_without_floats() -> None:
    core = files_where(lambda part: part in CORE)

    found = slips(floats, [path for path in core if MAY_KNOW_FLOATS not in path.parents])

    assert not found, "points and money are int, rates are Decimal made from strings"


def test_only_db_puts_sql_together() -> None:
    found = slips(sql_in_pieces, files_where(lambda part: part != "db"))

    assert not found, "write the query in db/<noun>.sql with parameters"


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (clock_read, "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
        (clock_read, "import datetime\nnow = datetime.datetime.utcnow()"),
        (clock_read, "import datetime\nday = datetime.date.today()"),
        (clock_read, "import time\nnow = time.time()"),
        (clock_read, "field(default_factory=datetime.now)"),
        (chance_taken, "import random\npick = random.choice(entries)"),
        (chance_taken, "from uuid import uuid4\nid = uuid4()"),
        (chance_taken, "import os\nnonce = os.urandom(12)"),
        (chance_taken, "import secrets\nkey = secrets.token_bytes(32)"),
        (impurity, "bucket = hash(member_id) % 256"),
        (impurity, "text = open('programme.yaml').read()"),
        (floats, "points = float(amount) * rate"),
        (floats, "points = amount * 1.5"),
        (sql_in_pieces, "query = f'SELECT * FROM member WHERE id = {member_id}'"),
        (sql_in_pieces, "query = 'delete from lot where id = ' + lot_id"),
        (sql_in_pieces, "query = 'UPDATE member SET name = %s' % name"),
        (sql_in_pieces, "query = 'INSERT INTO {} VALUES (1)'.format(table)"),
    ],
)
def test_a_slip_is_seen(check: Check, source: str) -> None:
    assert list(check(ast.parse(source)))


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (clock_read, "def expire(lots: list[Lot], now: datetime) -> None: ..."),
        (clock_read, "started = clock.now"),
        (chance_taken, "from uuid import UUID, uuid5\nid = uuid5(cause, 'lot')"),
        (floats, "points = amount * Decimal('1.5')"),
        (sql_in_pieces, "label = f'Select a reward for {name}'[7:]"),
        (sql_in_pieces, "query = 'SELECT 1'"),
    ],
)
def test_what_is_allowed_passes(check: Check, source: str) -> None:
    assert not list(check(ast.parse(source)))
