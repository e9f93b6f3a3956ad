"""What somebody with the owner's password could do to the database, and which checks find it."""

from typing import Final

# Numbers that say nothing of points: how often a message was tried, and what a call was answered with. What
# counters other than those of purchases should be only a replay can tell. Of what members share it is how much is
# used that counts; how much there was, and what the last claim took, the next claim says anew.
NUMBERS_NOT_OF_THE_LEDGER: Final = {
    "public.idempotency.bucket",
    "public.idempotency.status",
    "public.outbox.attempts",
    "public.schema_migration.number",
    "public.shared_counter.bucket",
    "public.shared_counter.most",
    "public.shared_counter.taken",
}

_ADA: Final = "(SELECT member_id FROM event WHERE source_id = 'ada-1')"
_OLD: Final = "(SELECT member_id FROM event WHERE source_id = 'old-1')"
_YOUNG: Final = "(SELECT member_id FROM event WHERE source_id = 'young-1')"
_DEBTOR: Final = "(SELECT member_id FROM event WHERE source_id = 'debtor-1')"
_FREE_LOT: Final = (
    f"(SELECT lot_id FROM lot WHERE member_id = {_ADA} AND wallet = 'points' AND is_open AND held = 0 LIMIT 1)"
)
_CLOSED: Final = "(SELECT bucket, member_id FROM member WHERE standing = 'merged' LIMIT 1)"
_SPENT_LOT: Final = f"(SELECT lot_id FROM posting WHERE member_id = {_ADA} AND kind = 'spend' LIMIT 1)"
_RESERVED: Final = "state = 'reserved'"
_NOBODY: Final = "00000000-0000-7000-8000-000000000000"


def _altered(table: str, path: str, value: str, which: str, *, column: str = "record") -> str:
    """Return how one value within a column of JSON is altered."""
    return f"UPDATE {table} SET {column} = jsonb_set({column}, '{path}', '{value}') WHERE {which}"


CORRUPTIONS: Final = [
    # Points
    (
        "accounts_equal_lots lots_equal_their_postings",
        f"UPDATE lot SET remaining = remaining - 1 WHERE lot_id = {_FREE_LOT}",
    ),
    ("lots_equal_their_postings", f"UPDATE lot SET amount = amount + 1 WHERE lot_id = {_FREE_LOT}"),
    (
        "lots_equal_their_postings",
        f"UPDATE lot SET lapsed = 1, lapsed_at = expires_at WHERE lot_id = {_SPENT_LOT}",
    ),
    ("accounts_equal_lots", f"UPDATE lot SET matured = false WHERE lot_id = {_FREE_LOT}"),
    (
        "accounts_equal_lots lots_equal_their_postings orders_remember_what_they_earned",
        f"UPDATE posting SET wallet = 'other' WHERE kind = 'earn' AND lot_id = {_FREE_LOT}",
    ),
    ("debt_equals_its_postings", "UPDATE wallet_state SET debt = debt + 1 WHERE debt > 0"),
    ("accounts_equal_lots held_points_have_their_hold", f"UPDATE lot SET held = 1 WHERE lot_id = {_FREE_LOT}"),
    (
        "held_points_have_their_hold reserved_vouchers_have_their_hold",
        "UPDATE hold SET state = 'closed' WHERE state = 'open'",
    ),
    ("holds_equal_their_parts", "UPDATE hold SET amount = amount + 1"),
    (
        "points_move_along_their_paths",
        f"UPDATE posting SET kind = 'adjust' WHERE kind = 'release' AND member_id = {_ADA}",
    ),
    ("points_move_within_their_time", "UPDATE posting SET at = '2020-01-01' WHERE kind = 'mature'"),
    ("points_move_within_their_time", "UPDATE posting SET at = '2040-01-01' WHERE kind = 'spend'"),
    ("lots_have_time_to_be_used", f"UPDATE lot SET earned_at = expires_at WHERE lot_id = {_FREE_LOT}"),
    (
        "debt_equals_its_postings debt_takes_what_is_free",
        f"UPDATE wallet_state SET debt = 1 WHERE member_id = {_OLD} AND wallet = 'stamps'",
    ),
    # Events
    ("versions_follow_each_other", f"UPDATE member SET version = version + 1 WHERE member_id = {_ADA}"),
    ("versions_follow_each_other", f"DELETE FROM event WHERE member_id = {_ADA} AND type = 'member.described'"),
    ("postings_have_their_event", "UPDATE posting SET number = number + 5 WHERE kind = 'spend'"),
    (
        "postings_have_their_event",
        "UPDATE posting SET recorded_at = '2030-01-01' WHERE number = 0 AND kind = 'hold'",
    ),
    (
        "answers_say_what_was_posted",
        "UPDATE event SET answer = replace(answer, '\"points\":20', '\"points\":21') WHERE source_id = 's1'",
    ),
    (
        "answers_say_what_was_posted",
        "UPDATE event SET answer = replace(answer, '\"points.held\"', '\"points.free\"')",
    ),
    (
        "spends_equal_their_postings",
        f"UPDATE spend_record SET record = jsonb_set(record, '{{inherited}}', 'true') WHERE member_id = {_ADA}",
    ),
    (
        "spends_equal_their_postings",
        f"UPDATE spend_record SET record = jsonb_set(record, '{{parts,0,amount}}', '1') WHERE member_id = {_ADA}",
    ),
    (
        "spends_equal_their_postings",
        (
            "UPDATE spend_record SET record = jsonb_set(record, '{restored}', 'false') "
            "WHERE (record ->> 'restored')::boolean"
        ),
    ),
    (
        "orders_remember_what_they_earned",
        (
            "UPDATE order_record SET record = jsonb_set(record::jsonb, '{awards,0,points}', '1000') "
            "WHERE order_id = 'bob-1'"
        ),
    ),
    ("orders_remember_what_they_earned", "DELETE FROM order_record WHERE order_id = 'bob-1'"),
    (
        "clawback_within_the_award",
        "UPDATE order_record SET record = jsonb_set(record::jsonb, '{reversed,base}', '1000') WHERE order_id = 'ada-1'",
    ),
    ("purchases_hold_their_claim", f"DELETE FROM order_claim WHERE member_id = {_ADA}"),
    ("purchases_hold_their_claim", "UPDATE order_claim SET event_id = gen_random_uuid()"),
    (
        "orders_earn_once",
        "UPDATE order_record SET order_id = 'ada-2' WHERE order_id = 'bob-2'",
    ),
    (
        "days_add_up_to_purchases purchases_are_counted",
        f"UPDATE counter SET value = 1 WHERE name = 'purchases' AND member_id = {_OLD}",
    ),
    ("keys_lead_to_their_answer", "UPDATE idempotency SET event_id = gen_random_uuid()"),
    # Messages
    (
        "messages_arrive_once messages_hold_what_left",
        (
            "UPDATE outbox SET body = jsonb_set(body, '{parcels,0,amount}', '1000') "
            f"WHERE topic = 'points.received' AND delivered_at IS NOT NULL AND member_id = {_ADA}"
        ),
    ),
    (
        "arrivals_hold_what_they_brought messages_arrive_once",
        "UPDATE event SET body = jsonb_set(body::jsonb, '{parcels,0,amount}', '1000') WHERE type = 'points.received'",
    ),
    (
        "messages_arrive_once",
        "UPDATE outbox SET delivered_at = created_at WHERE to_member IS NOT NULL AND delivered_at IS NULL",
    ),
    (
        "points_under_way_are_in_messages",
        "UPDATE outbox SET given_up_at = created_at WHERE to_member IS NOT NULL AND delivered_at IS NULL",
    ),
    # Rows
    (
        "rows_are_in_their_bucket rows_belong_to_members",
        "UPDATE wallet_state SET bucket = bucket + 5000 WHERE debt = 0",
    ),
    ("claims_are_in_their_bucket", "UPDATE identity SET bucket = bucket + 5000"),
    ("rows_belong_to_members", f"UPDATE personal.contact SET programme_id = 'other' WHERE member_id = {_ADA}"),
    (
        "rows_belong_to_members",
        (
            "INSERT INTO counter (bucket, member_id, name, programme_id, value) "
            "VALUES (354, '00000000-0000-7000-8000-000000000000', 'events', 'corner', 1)"
        ),
    ),
    ("things_have_their_event", "UPDATE spend_record SET event_id = gen_random_uuid()"),
    (
        "merged_members_are_empty identities_lead_to_survivors",
        f"UPDATE member SET standing = 'merged', merged_into = {_ADA} WHERE member_id = {_DEBTOR}",
    ),
    ("merges_lead_somewhere", "UPDATE member SET merged_into = gen_random_uuid() WHERE standing = 'merged'"),
    (
        "identities_lead_to_survivors",
        f"UPDATE identity SET (member_bucket, member_id) = {_CLOSED} WHERE member_id = {_OLD}",
    ),
    ("identities_stay_in_their_programme", f"UPDATE identity SET programme_id = 'x' WHERE member_id = {_OLD}"),
    (
        "identities_lead_to_members",
        "UPDATE identity SET member_bucket = 354, member_id = '00000000-0000-7000-8000-000000000000'",
    ),
    # What there is beside points
    (
        "records_are_found_by_what_they_say things_have_their_event",
        f"UPDATE voucher SET event_id = gen_random_uuid() WHERE member_id = {_ADA}",
    ),
    ("records_are_found_by_what_they_say", f"UPDATE voucher SET due_at = '2030-01-01' WHERE {_RESERVED}"),
    ("records_are_found_by_what_they_say", "UPDATE member_tier SET level = 'best'"),
    (
        "records_are_found_by_what_they_say merged_members_are_empty vouchers_are_in_one_hand",
        "UPDATE voucher SET state = 'issued' WHERE state = 'moved'",
    ),
    ("spends_equal_their_postings", _altered("voucher", "{parts,0,amount}", "6", f"member_id = {_ADA}")),
    ("reserved_vouchers_have_their_hold", _altered("voucher", "{hold_id}", f'"{_NOBODY}"', _RESERVED)),
    ("those_with_benefits_are_known", f"UPDATE member SET has_benefits = false WHERE member_id = {_ADA}"),
    ("days_add_up_to_purchases", _altered("member_day", "{purchases}", "7", f"member_id = {_ADA}", column="facts")),
    # What members share
    ("shared_things_are_used_as_claimed", "UPDATE shared_counter SET used = used - 1 WHERE name = 'reward/mug/stock'"),
    ("shared_things_are_used_as_claimed", "DELETE FROM shared_counter WHERE name = 'campaign/sale/points'"),
    ("shared_things_are_used_as_claimed", "UPDATE event SET claimed = NULL WHERE source_id = 'r1'"),
    ("pools_are_numbered_without_a_gap", "DELETE FROM pool_code WHERE number = 1"),
    ("pools_are_numbered_without_a_gap", "UPDATE shared_counter SET used = used + 1 WHERE name = 'pool/cinema/size'"),
    (
        "codes_of_pools_are_given_once",
        """
        UPDATE voucher SET record = record || '{"number": 0, "claims": {"pool/cinema/taken": 1}}' WHERE reward = 'mug'
        """,
    ),
    ("codes_lead_to_vouchers", "UPDATE code_claim SET voucher_id = gen_random_uuid()"),
    # The installation
    ("events_have_their_programme", "UPDATE programme_version SET starts_at = '2027-01-01' WHERE version = 2"),
    ("documents_are_as_applied", "UPDATE programme_version SET document = document || ' ' WHERE version = 2"),
    ("ledger_is_append_only", "GRANT DELETE ON posting TO regulars_app"),
    ("commits_are_durable", "SET LOCAL synchronous_commit = off"),
    ("audit_chain_is_whole audit_entries_are_as_sealed", "UPDATE audit_seal SET number = number + 1 WHERE number = 2"),
    ("audit_entries_are_as_sealed", "UPDATE audit_entry SET subject = 'somebody else'"),
]
