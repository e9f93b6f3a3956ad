"""An identity leads to one member at a time."""

from regulars.db import identities, members
from regulars.db.changes import IdentityClaim
from regulars.db.pool import Pool
from tests.db.memories import PROGRAMME, event, joining, member_id

ADA, BEA = member_id(1), member_id(2)
MAIL, CARD = bytes(range(32)), bytes(range(1, 33))
CLAIMS = (IdentityClaim(key_hash=MAIL, kind="email"), IdentityClaim(key_hash=CARD, kind="card"))


async def test_the_identities_of_a_member_are_listed(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=CLAIMS), joining(2)])
        found = await identities.of_member(connection, PROGRAMME, ADA)
        others = await identities.of_member(connection, PROGRAMME, BEA)
        elsewhere = await identities.of_member(connection, "other", ADA)

    assert [(one.key_hash, one.kind, one.event_id) for one in found] == [
        (MAIL, "email", event(ADA, 1).id),
        (CARD, "card", event(ADA, 1).id),
    ]
    assert others == elsewhere == []


async def test_owners_are_told_of_those_that_have_one(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=CLAIMS)])
        found = await identities.owners(connection, PROGRAMME, [MAIL, bytes(32)])

    assert {key: one.member_id for key, one in found.items()} == {MAIL: ADA}


async def test_an_identity_that_was_let_go_can_be_claimed_by_another(pool: Pool) -> None:
    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=CLAIMS)])
        not_hers = await identities.release(connection, PROGRAMME, MAIL, BEA)
        hers = await identities.release(connection, PROGRAMME, MAIL, ADA)
        applied = await members.apply(connection, [joining(2, identities=CLAIMS[:1])])
        found = await members.resolve(connection, PROGRAMME, [MAIL, CARD])

    assert (not_hers, hers) == (False, True)
    assert applied.faults == ()
    assert found == {MAIL: BEA, CARD: ADA}
