"""On Citus a transaction writes one bucket: a member's change goes apart from the claims in other buckets.

The claims go first, then the member, then what only remembers or leads on. A crash between them leaves
nothing that another try does not complete: a claim without its event is this member's already, and an event
without its key is found by its business key. What was taken of what members share goes back where the member could
not be written; a crash in between leaves it taken, so that there may be less of it then, and never more.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final

from msgspec import structs
from msgspec.structs import replace

from regulars.db import events, members
from regulars.db.changes import Change, Fault
from regulars.db.claims import claimed_by
from regulars.db.connection import Connection
from regulars.db.errors import NotLeftError, NotUniqueError, TransientError
from regulars.db.faults import faults
from regulars.db.members import Applied
from regulars.db.queries import Query, queries
from regulars.db.rows import encoded, rows_of
from regulars.db.tables import SharedRow

_CLAIM: Final = queries("apply")["claim_shared"]
_APART: Final = queries("apart")
_BEFORE: Final = {
    **{name: _APART[name] for name in ("claim_identities", "claim_orders")},
    "claim_codes": queries("apply")["claim_codes"],
}
_AFTER: Final = {"move_identities": queries("apply")["move_identities"], "keep_answers": _APART["keep_answers"]}


async def apply_apart(connection: Connection, changes: Sequence[Change]) -> Applied:
    """Write what was decided on members of one bucket, each bucket in a transaction of its own; see `members.apply`."""
    rows = structs.asdict(rows_of(changes))
    # Looked at before anything is claimed, so that only a crash or a close race leaves a claim behind.
    late = await _faults(connection, changes)
    if not late:
        await _each_bucket(connection, rows, _BEFORE)
        late = await _faults(connection, changes)
    if late:
        return Applied(late)
    own = {name: part for name, part in rows.items() if name not in _BEFORE and name not in _AFTER}
    # Numbers come last, since they cannot always go back.
    shared: Sequence[SharedRow] = sorted(own.pop("claim_shared"), key=lambda row: row.seen is not None)
    taken: list[SharedRow] = []
    try:
        for row in shared:
            await connection.rows(_CLAIM, encoded([row]))
            taken.append(row)
        await members.write_rows(connection, own)
    except NotLeftError:
        await _give_back(connection, taken)
        # What was gone may be there again, since others give back too: whoever claims anything looks again.
        return Applied(await _faults(connection, changes) or _claiming(changes))
    except NotUniqueError as error:
        await _give_back(connection, taken)
        late = await _faults(connection, changes)
        if not late:
            raise TransientError(f"{error}, and what stood in the way is gone again") from error
        return Applied(late)
    await _each_bucket(connection, rows, _AFTER)
    return Applied()


async def _give_back(connection: Connection, taken: Iterable[SharedRow]) -> None:
    """Give back what was taken in vain; a number stays taken, by nobody, where somebody has taken the next already."""
    for row in taken:
        after = None if row.seen is None else row.seen + row.taken
        with suppress(NotLeftError):
            await connection.rows(_CLAIM, encoded([replace(row, taken=-row.taken, seen=after)]))


def _claiming(changes: Sequence[Change]) -> tuple[Fault, ...]:
    return tuple(
        Fault(place=place, kind="claim", decided=number, member_id=change.before.member_id)
        for place, change in enumerate(changes)
        for number, decided in enumerate(change.decided)
        if claimed_by(decided.effects)
    )


async def _each_bucket(connection: Connection, rows: dict[str, Sequence[Any]], parts: dict[str, Query]) -> None:
    for name, query in parts.items():
        for _, group in groupby(rows[name], key=lambda row: row.bucket):
            await connection.rows(query, encoded(list(group)))


async def _faults(connection: Connection, changes: Sequence[Change]) -> tuple[Fault, ...]:
    """Return which changes came too late; what a member itself claimed before is no reason."""
    found = await faults(connection, changes)
    return tuple([one for one in found if not await _own(connection, one, changes[one.place])])


async def _own(connection: Connection, fault: Fault, change: Change) -> bool:
    """Whether a claim is the member's, or that of one who was merged into it before the order could be recorded."""
    if fault.kind not in ("identity-taken", "order-taken") or fault.member_id is None:
        return False
    if fault.member_id == change.before.member_id:
        return True
    if fault.kind != "order-taken" or fault.event_id is None:
        return False
    if await members.survivor(connection, change.programme_id, fault.member_id) != change.before.member_id:
        return False
    return await events.by_id(connection, change.programme_id, fault.event_id) is None
