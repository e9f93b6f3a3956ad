-- name: rows_are_in_their_bucket
-- Every row of a member is in the bucket that the last byte of the member's id says.
SELECT place, member_id, bucket
FROM (
  SELECT bucket, member_id, 'member' AS place FROM member
  UNION ALL SELECT bucket, member_id, 'wallet_state' FROM wallet_state
  UNION ALL SELECT bucket, member_id, 'lot' FROM lot
  UNION ALL SELECT bucket, member_id, 'posting' FROM posting
  UNION ALL SELECT bucket, member_id, 'event' FROM event
  UNION ALL SELECT bucket, member_id, 'counter' FROM counter
  UNION ALL SELECT bucket, member_id, 'order_record' FROM order_record
  UNION ALL SELECT bucket, member_id, 'spend_record' FROM spend_record
  UNION ALL SELECT bucket, member_id, 'hold' FROM hold
  UNION ALL SELECT bucket, member_id, 'member_day' FROM member_day
  UNION ALL SELECT bucket, member_id, 'member_tier' FROM member_tier
  UNION ALL SELECT bucket, member_id, 'voucher' FROM voucher
  UNION ALL SELECT bucket, member_id, 'member_list' FROM member_list
  UNION ALL SELECT bucket, member_id, 'outbox' FROM outbox
  UNION ALL SELECT bucket, member_id, 'profile' FROM personal.profile
  UNION ALL SELECT bucket, member_id, 'contact' FROM personal.contact
  UNION ALL SELECT member_bucket AS bucket, member_id, 'identity' FROM identity
  UNION ALL SELECT member_bucket AS bucket, member_id, 'order_claim' FROM order_claim
  UNION ALL SELECT member_bucket AS bucket, member_id, 'code_claim' FROM code_claim
) AS owned
GROUP BY bucket, member_id, place
HAVING bucket <> ($1::integer[])[get_byte(uuid_send(member_id), 15) + 1];

-- name: claims_are_in_their_bucket
-- Every claim is in the bucket that the last byte of its key's hash says.
SELECT place, bucket, key_hash
FROM (
  SELECT bucket, key_hash, 'identity' AS place FROM identity
  UNION ALL SELECT bucket, key_hash, 'order_claim' FROM order_claim
  UNION ALL SELECT bucket, key_hash, 'code_claim' FROM code_claim
) AS claim
GROUP BY bucket, key_hash, place
HAVING bucket <> ($1::integer[])[get_byte(key_hash, octet_length(key_hash) - 1) + 1];

-- name: rows_belong_to_members
-- Every row of a member, personal data too, is of somebody who is there, and of the member's programme.
SELECT member_id, array_agg(DISTINCT place) AS places, array_agg(DISTINCT programme_id) AS programmes
FROM (
  SELECT bucket, member_id, programme_id, 'member' AS place FROM member
  UNION ALL SELECT bucket, member_id, programme_id, 'wallet_state' FROM wallet_state
  UNION ALL SELECT bucket, member_id, programme_id, 'lot' FROM lot
  UNION ALL SELECT bucket, member_id, programme_id, 'posting' FROM posting
  UNION ALL SELECT bucket, member_id, programme_id, 'event' FROM event
  UNION ALL SELECT bucket, member_id, programme_id, 'counter' FROM counter
  UNION ALL SELECT bucket, member_id, programme_id, 'order_record' FROM order_record
  UNION ALL SELECT bucket, member_id, programme_id, 'spend_record' FROM spend_record
  UNION ALL SELECT bucket, member_id, programme_id, 'hold' FROM hold
  UNION ALL SELECT bucket, member_id, programme_id, 'member_day' FROM member_day
  UNION ALL SELECT bucket, member_id, programme_id, 'member_tier' FROM member_tier
  UNION ALL SELECT bucket, member_id, programme_id, 'voucher' FROM voucher
  UNION ALL SELECT bucket, member_id, programme_id, 'member_list' FROM member_list
  UNION ALL SELECT bucket, member_id, programme_id, 'outbox' FROM outbox
  UNION ALL SELECT bucket, member_id, programme_id, 'profile' FROM personal.profile
  UNION ALL SELECT bucket, member_id, programme_id, 'contact' FROM personal.contact
) AS owned
GROUP BY bucket, member_id
HAVING count(*) FILTER (WHERE place = 'member') <> 1
  OR min(programme_id) <> max(programme_id);

-- name: things_have_their_event
-- Lots, spends, vouchers and messages come from an event of the member; inherited spends and vouchers are another's.
SELECT member_id, event_id, array_agg(DISTINCT place) AS places
FROM (
  SELECT bucket, member_id, event_id, 'event' AS place FROM event
  UNION ALL SELECT bucket, member_id, event_id, 'lot' FROM lot
  UNION ALL SELECT bucket, member_id, event_id, 'spend_record'
  FROM spend_record
  WHERE NOT (record ->> 'inherited')::boolean
  UNION ALL SELECT bucket, member_id, event_id, 'voucher'
  FROM voucher
  WHERE NOT (record ->> 'inherited')::boolean
  UNION ALL SELECT bucket, member_id, event_id, 'outbox' FROM outbox
) AS entry
GROUP BY bucket, member_id, event_id
HAVING count(*) FILTER (WHERE place = 'event') <> 1;

-- name: merged_members_are_empty
-- Who was merged into another member has neither points nor holds nor debt, and no voucher to use.
SELECT member_id, array_agg(DISTINCT place) AS left_behind
FROM (
  SELECT bucket, member_id, 'member' AS place FROM member WHERE standing = 'merged'
  UNION ALL SELECT bucket, member_id, 'lot' FROM lot WHERE is_open
  UNION ALL SELECT bucket, member_id, 'hold' FROM hold WHERE state = 'open'
  UNION ALL SELECT bucket, member_id, 'debt' FROM wallet_state WHERE debt > 0
  UNION ALL SELECT bucket, member_id, 'voucher' FROM voucher WHERE state IN ('reserved', 'issued')
) AS entry
GROUP BY bucket, member_id
HAVING bool_or(place = 'member')
  AND bool_or(place <> 'member');

-- name: merges_lead_somewhere
-- Who was merged into another member was merged into one that is there and is older, so never in a circle.
SELECT member_id, array_agg(merged) FILTER (WHERE merged IS NOT NULL) AS merged
FROM (
  SELECT member_id, programme_id, NULL::uuid AS merged
  FROM member
  UNION ALL
  SELECT merged_into, programme_id, member_id
  FROM member
  WHERE standing = 'merged'
) AS entry
GROUP BY member_id
HAVING count(*) - count(merged) <> 1
  OR min(programme_id) <> max(programme_id)
  OR bool_or(merged < member_id);

-- name: identities_stay_in_their_programme
-- An identity leads to a member of its own programme.
SELECT member_id, array_agg(DISTINCT programme_id) AS programmes
FROM (
  SELECT bucket, member_id, programme_id
  FROM member
  UNION ALL
  SELECT member_bucket, member_id, programme_id
  FROM identity
) AS entry
GROUP BY bucket, member_id
HAVING min(programme_id) <> max(programme_id);

-- name: identities_lead_to_survivors
-- Once a membership that closed has arrived with its survivor, no identity leads to it.
SELECT member_id, array_agg(kind) FILTER (WHERE what = 'identity') AS kinds
FROM (
  SELECT bucket, member_id, 'closed' AS what, NULL AS kind
  FROM member
  WHERE standing = 'merged'
  UNION ALL
  SELECT member_bucket, member_id, 'identity', kind
  FROM identity
  UNION ALL
  SELECT bucket, member_id, 'under way', NULL
  FROM outbox
  WHERE topic = 'member.absorbed'
    AND delivered_at IS NULL
) AS entry
GROUP BY bucket, member_id
HAVING bool_or(what = 'closed')
  AND bool_or(what = 'identity')
  AND NOT bool_or(what = 'under way');

-- name: identities_lead_to_members
-- An identity leads to somebody who is there.
SELECT member_id, array_agg(kind) FILTER (WHERE kind IS NOT NULL) AS kinds
FROM (
  SELECT bucket, member_id, NULL AS kind
  FROM member
  UNION ALL
  SELECT member_bucket, member_id, kind
  FROM identity
) AS entry
GROUP BY bucket, member_id
HAVING count(*) - count(kind) <> 1;
