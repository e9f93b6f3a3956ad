"""Personal data is kept sealed, and goes without a trace."""

from msgspec.structs import replace

from regulars.db import members, personal
from regulars.db.changes import IdentityClaim, SealedProfile
from regulars.db.personal import Contact, Profile
from regulars.db.pool import Pool
from tests.db.memories import NOON, PROGRAMME, event, joining, member_id

ADA = member_id(1)
MAIL, CARD = bytes(range(32)), bytes(range(1, 33))
PROFILE = Profile(wrapped_key=b"key", sealed=None, updated_at=NOON)
BY_MAIL = Contact(key_hash=MAIL, kind="email", sealed=b"mail", created_at=NOON)


async def test_what_comes_with_the_first_event_is_kept_with_it(pool: Pool) -> None:
    claim = IdentityClaim(key_hash=MAIL, kind="email", sealed=b"\x00sealed\xff")
    sealed = SealedProfile(wrapped_key=b"\x00key\xff", sealed=b"profile")

    async with pool.connection() as connection:
        await members.apply(connection, [joining(1, identities=(claim,), profile=sealed)])
        profile = await personal.profile(connection, PROGRAMME, ADA)
        contacts = await personal.contacts(connection, PROGRAMME, ADA)

    at = event(ADA, 1).recorded_at
    assert profile == Profile(wrapped_key=b"\x00key\xff", sealed=b"profile", updated_at=at)
    assert contacts == [Contact(key_hash=MAIL, kind="email", sealed=b"\x00sealed\xff", created_at=at)]


async def test_a_profile_takes_the_place_of_the_one_before(pool: Pool) -> None:
    after = replace(PROFILE, sealed=b"more")

    async with pool.connection() as connection:
        await personal.keep_profile(connection, PROGRAMME, ADA, PROFILE)
        await personal.keep_profile(connection, PROGRAMME, ADA, after)
        found = await personal.profile(connection, PROGRAMME, ADA)
        elsewhere = await personal.profile(connection, "other", ADA)

    assert found == after
    assert elsewhere is None


async def test_contacts_come_and_go(pool: Pool) -> None:
    card = Contact(key_hash=CARD, kind="card", sealed=b"card", created_at=NOON)

    async with pool.connection() as connection:
        for contact in (BY_MAIL, card, replace(card, sealed=b"another seal")):
            await personal.keep_contact(connection, PROGRAMME, ADA, contact)
        both = await personal.contacts(connection, PROGRAMME, ADA)
        await personal.drop_contact(connection, PROGRAMME, ADA, MAIL)
        one = await personal.contacts(connection, PROGRAMME, ADA)

    assert both == [BY_MAIL, replace(card, sealed=b"another seal")]
    assert one == both[1:]


async def test_nothing_of_an_erased_member_is_left(pool: Pool) -> None:
    async with pool.transaction() as connection:
        await personal.keep_profile(
            connection, PROGRAMME, ADA, Profile(wrapped_key=b"key", sealed=None, updated_at=NOON)
        )
        await personal.keep_contact(
            connection, PROGRAMME, ADA, Contact(key_hash=MAIL, kind="email", sealed=b"mail", created_at=NOON)
        )
        await personal.erase(connection, PROGRAMME, ADA)
        profile = await personal.profile(connection, PROGRAMME, ADA)
        contacts = await personal.contacts(connection, PROGRAMME, ADA)

    assert profile is None
    assert contacts == []
