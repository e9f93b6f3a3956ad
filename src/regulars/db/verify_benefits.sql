-- name: records_are_found_by_what_they_say
-- The columns by which vouchers and tiers are found say what their records say.
SELECT member_id, voucher_id::text AS thing
FROM voucher
WHERE voucher_id::text <> record ->> 'id'
  OR reward <> record ->> 'reward'
  OR state <> record ->> 'state'
  OR event_id::text <> record ->> 'event_id'
  OR order_id IS DISTINCT FROM record ->> 'order_id'
  OR valid_until IS DISTINCT FROM (record ->> 'valid_until')::timestamptz
  OR due_at IS DISTINCT FROM CASE state
    WHEN 'reserved' THEN LEAST(valid_until, (record ->> 'reserved_until')::timestamptz)
    WHEN 'issued' THEN valid_until
  END
UNION ALL
SELECT member_id, tier_set
FROM member_tier
WHERE level <> record ->> 'level'
  OR until IS DISTINCT FROM (record ->> 'until')::timestamptz
  OR next_at IS DISTINCT FROM (record ->> 'next_at')::timestamptz;

-- name: reserved_vouchers_have_their_hold
-- The points of a reserved voucher are held, by the hold that it names and by no other voucher's.
SELECT member_id, hold_id, sum(vouchers) AS vouchers
FROM (
  SELECT bucket, member_id, record ->> 'hold_id' AS hold_id, 1 AS vouchers, false AS held
  FROM voucher
  WHERE state = 'reserved'
    AND record ->> 'hold_id' IS NOT NULL
  UNION ALL
  SELECT bucket, member_id, hold_id::text, 0, true
  FROM hold
  WHERE state = 'open'
) AS entry
GROUP BY bucket, member_id, hold_id
HAVING sum(vouchers) > 1
  OR (sum(vouchers) = 1 AND NOT bool_or(held));

-- name: vouchers_are_in_one_hand
-- A voucher is one member's: where memberships were merged, it has moved from the one that closed to the other.
SELECT voucher_id, array_agg(member_id) AS members
FROM voucher
GROUP BY voucher_id
HAVING count(*) FILTER (WHERE state <> 'moved') > 1;

-- name: those_with_benefits_are_known
-- Who has a tier, a voucher or a list is known to have some, so that loading looks for them.
SELECT member_id, array_agg(DISTINCT place) AS places
FROM (
  SELECT bucket, member_id, 'member' AS place FROM member WHERE NOT has_benefits
  UNION ALL SELECT bucket, member_id, 'member_tier' FROM member_tier
  UNION ALL SELECT bucket, member_id, 'voucher' FROM voucher
  UNION ALL SELECT bucket, member_id, 'member_list' FROM member_list
) AS entry
GROUP BY bucket, member_id
HAVING bool_or(place = 'member')
  AND bool_or(place <> 'member');

-- name: days_add_up_to_purchases
-- The purchases of a member's days are those that its counter has.
SELECT member_id, sum(purchases) AS days_beside_counter
FROM (
  SELECT bucket, member_id, (facts ->> 'purchases')::bigint AS purchases
  FROM member_day
  WHERE facts ->> 'purchases' IS NOT NULL
  UNION ALL
  SELECT bucket, member_id, -value
  FROM counter
  WHERE name = 'purchases'
) AS entry
GROUP BY bucket, member_id
HAVING sum(purchases) <> 0;
