"""What a batch takes of what members share, added up by name, so that each of them is locked once and last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from regulars.db import tables
from regulars.db.changes import Change
from regulars.engine.effects import Claimed, Effect
from regulars.engine.ids import bucket_of_key, key_hash

# What was used before a claim is never less than nothing, so that a row which says this is refused.
_NEVER: Final = -1


def bucket_of_name(programme_id: str, name: str) -> int:
    """Return the bucket that holds what a programme's members share under a name."""
    return bucket_of_key(key_hash(programme_id, name))


def claimed_by(effects: Iterable[Effect]) -> dict[str, int]:
    """Return what a decision takes of what members share, by name, less what it gives back."""
    claimed: dict[str, int] = {}
    for effect in effects:
        if isinstance(effect, Claimed):
            claimed[effect.name] = claimed.get(effect.name, 0) + effect.by
    return claimed


def shared_rows(changes: Iterable[Change]) -> list[tables.SharedRow]:
    """Return what a batch takes of each thing that members share, in the order in which they are locked."""
    claims: dict[tuple[str, str], list[Claimed]] = {}
    for change in changes:
        for claimed in _claims(change):
            claims.setdefault((change.programme_id, claimed.name), []).append(claimed)
    rows = [_row(programme_id, name, own) for (programme_id, name), own in claims.items()]
    return sorted((row for row in rows if row.taken), key=lambda row: (row.bucket, row.programme_id, row.name))


def _claims(change: Change) -> Iterator[Claimed]:
    return (effect for decided in change.decided for effect in decided.effects if isinstance(effect, Claimed))


def _row(programme_id: str, name: str, claims: Sequence[Claimed]) -> tables.SharedRow:
    ends = [claimed.most for claimed in claims if claimed.by > 0]
    return tables.SharedRow(
        bucket=bucket_of_name(programme_id, name),
        programme_id=programme_id,
        name=name,
        # Decisions of different versions may know of different ends; each of them kept to its own.
        most=None if None in ends else max((end for end in ends if end is not None), default=None),
        taken=sum(claimed.by for claimed in claims),
        seen=_first_number(claims) if any(claimed.exact for claimed in claims) else None,
    )


def _first_number(claims: Sequence[Claimed]) -> int:
    """Return the first of the numbers that are claimed, where each follows the one before."""
    in_order = sorted(claims, key=lambda claimed: claimed.seen)
    expected = first = in_order[0].seen
    for claimed in in_order:
        if not claimed.exact or claimed.seen != expected:
            return _NEVER
        expected += claimed.by
    return first


def overdrawn(changes: Sequence[Change], used: Mapping[tuple[str, str], int]) -> list[tuple[int, int]]:
    """Return the decisions whose claims do not hold by what is used, as the place of the change and in the change.

    Who comes first in the batch takes first; numbers are taken in their order.
    """
    left = dict(used)
    late: dict[tuple[int, int], None] = {}
    for place, number, programme_id, claimed in _in_turn(changes):
        key = (programme_id, claimed.name)
        before = left.get(key, 0)
        beyond = claimed.by > 0 and claimed.most is not None and before + claimed.by > claimed.most
        if beyond or (claimed.exact and claimed.seen != before):
            late[place, number] = None
        else:
            left[key] = before + claimed.by
    return list(late)


def _in_turn(changes: Sequence[Change]) -> list[tuple[int, int, str, Claimed]]:
    found = [
        (place, number, change.programme_id, effect)
        for place, change in enumerate(changes)
        for number, decided in enumerate(change.decided)
        for effect in decided.effects
        if isinstance(effect, Claimed)
    ]
    return sorted(found, key=lambda one: one[3].seen if one[3].exact else 0)
