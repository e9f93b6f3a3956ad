-- name: member
-- Read members, of the members after one and up to another.
SELECT
  member_id, version, standing, merged_into, absorbed, enrolled_at, channel, shop, enrolled_by, attributes,
  has_benefits
FROM member
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: wallet_state
-- Read what wallets remember beside their lots, of the members after one and up to another.
SELECT
  member_id, wallet, debt, active_until
FROM wallet_state
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: lot
-- Read lots, of the members after one and up to another.
SELECT
  member_id, lot_id, wallet, origin_id, event_id, amount, remaining, held, lapsed, lapsed_at, matured,
  earned_at, available_at, expires_at
FROM lot
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: posting
-- Read the ledger, of the members after one and up to another.
SELECT
  member_id, event_id, number, wallet, kind, source, target, amount, lot_id, at, recorded_at
FROM posting
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: event
-- Read what happened and was answered, of the members after one and up to another.
SELECT
  member_id, event_id, type, source, source_id, occurred_at, recorded_at, channel, shop, associate, member_version,
  programme_version, body, answer, seen, claimed
FROM event
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: counter
-- Read counters, of the members after one and up to another.
SELECT
  member_id, name, value, until
FROM counter
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: order_record
-- Read what returns of orders need, of the members after one and up to another.
SELECT
  member_id, order_id, event_id, record
FROM order_record
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: spend_record
-- Read what undoing spends needs, of the members after one and up to another.
SELECT
  member_id, event_id, record
FROM spend_record
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: hold
-- Read reservations, of the members after one and up to another.
SELECT
  member_id, hold_id, wallet, amount, expires_at, parts, state
FROM hold
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: member_day
-- Read what was counted by the day, of the members after one and up to another.
SELECT
  member_id, day, facts
FROM member_day
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: member_tier
-- Read where members stand in sets of tiers, of the members after one and up to another.
SELECT
  member_id, tier_set, level, until, next_at, record
FROM member_tier
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: voucher
-- Read vouchers, of the members after one and up to another.
SELECT
  member_id, voucher_id, reward, state, event_id, order_id, valid_until, due_at, record
FROM voucher
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: member_list
-- Read the lists that members are on, of the members after one and up to another.
SELECT
  member_id, name
FROM member_list
WHERE programme_id = $1
  AND (bucket, member_id) > ($2, $3)
  AND (bucket, member_id) <= ($4, $5)
ORDER BY bucket, member_id;

-- name: balance
-- Add up what wallets hold by their lots, of the members after one and up to another.
SELECT
  member_id, wallet, sum(available)::bigint AS available, sum(pending)::bigint AS pending, sum(held)::bigint AS held,
  sum(debt)::bigint AS debt
FROM (
  SELECT
    bucket, member_id, wallet,
    CASE WHEN matured THEN remaining - held ELSE 0 END AS available,
    CASE WHEN matured THEN 0 ELSE remaining - held END AS pending,
    held,
    0 AS debt
  FROM lot
  WHERE programme_id = $1
    AND (bucket, member_id) > ($2, $3)
    AND (bucket, member_id) <= ($4, $5)
  UNION ALL
  SELECT bucket, member_id, wallet, 0, 0, 0, debt
  FROM wallet_state
  WHERE programme_id = $1
    AND (bucket, member_id) > ($2, $3)
    AND (bucket, member_id) <= ($4, $5)
) AS entry
GROUP BY bucket, member_id, wallet
ORDER BY bucket, member_id;
