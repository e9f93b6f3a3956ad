-- name: accounts_equal_lots
-- What a member's accounts hold by the postings is what the lots hold: available, pending and held.
SELECT
  member_id,
  wallet,
  sum(available) FILTER (WHERE posted) AS posted_available,
  -sum(available) FILTER (WHERE NOT posted) AS available_in_lots,
  sum(pending) FILTER (WHERE posted) AS posted_pending,
  -sum(pending) FILTER (WHERE NOT posted) AS pending_in_lots,
  sum(held) FILTER (WHERE posted) AS posted_held,
  -sum(held) FILTER (WHERE NOT posted) AS held_in_lots
FROM (
  SELECT
    bucket, member_id, wallet, true AS posted,
    amount * ((target = 'available')::integer - (source = 'available')::integer) AS available,
    amount * ((target = 'pending')::integer - (source = 'pending')::integer) AS pending,
    amount * ((target = 'held')::integer - (source = 'held')::integer) AS held
  FROM posting
  UNION ALL
  SELECT
    bucket, member_id, wallet, false,
    CASE WHEN matured THEN held - remaining ELSE 0 END,
    CASE WHEN matured THEN 0 ELSE held - remaining END,
    -held
  FROM lot
) AS entry
GROUP BY bucket, member_id, wallet
HAVING sum(available) <> 0
  OR sum(pending) <> 0
  OR sum(held) <> 0;

-- name: debt_equals_its_postings
-- What a member owes is what the postings say.
SELECT
  member_id,
  wallet,
  sum(debt) FILTER (WHERE posted) AS posted_debt,
  -sum(debt) FILTER (WHERE NOT posted) AS debt
FROM (
  SELECT
    bucket, member_id, wallet, true AS posted,
    amount * ((source = 'debt')::integer - (target = 'debt')::integer) AS debt
  FROM posting
  WHERE 'debt' IN (source, target)
  UNION ALL
  SELECT bucket, member_id, wallet, false, -debt
  FROM wallet_state
) AS entry
GROUP BY bucket, member_id, wallet
HAVING sum(debt) <> 0;

-- name: lots_equal_their_postings
-- A lot's amount is what opened it, what remains came in and did not go out, and what lapsed did not come back.
SELECT
  member_id,
  lot_id,
  max(amount) AS amount,
  sum(opened) FILTER (WHERE posted) AS posted_amount,
  -sum(remaining) FILTER (WHERE NOT posted) AS remaining,
  sum(remaining) FILTER (WHERE posted) AS posted_remaining,
  -sum(lapsed) FILTER (WHERE NOT posted) AS lapsed,
  sum(lapsed) FILTER (WHERE posted) AS posted_lapsed,
  array_agg(DISTINCT wallet) AS wallets
FROM (
  SELECT
    bucket, member_id, lot_id, wallet, true AS posted, NULL::bigint AS amount,
    CASE
      WHEN kind IN ('earn', 'receive', 'adjust') AND source NOT IN ('available', 'pending', 'held') THEN amount
      ELSE 0
    END AS opened,
    amount * (
      (source NOT IN ('available', 'pending', 'held'))::integer
      - (target NOT IN ('available', 'pending', 'held'))::integer
    ) AS remaining,
    amount * ((target = 'expired')::integer - (source = 'expired')::integer) AS lapsed
  FROM posting
  WHERE lot_id IS NOT NULL
  UNION ALL
  SELECT bucket, member_id, lot_id, wallet, false, amount, -amount, -remaining, -lapsed
  FROM lot
) AS entry
GROUP BY bucket, member_id, lot_id
HAVING sum(opened) <> 0
  OR sum(remaining) <> 0
  OR sum(lapsed) <> 0
  OR min(wallet) <> max(wallet)
  OR count(amount) <> 1;

-- name: points_move_along_their_paths
-- Each kind of movement goes between the accounts that it is for: pending points are never spent.
SELECT member_id, event_id, number, kind, source, target, amount
FROM posting
WHERE (kind, source, target) NOT IN (
  ('earn', 'issued', 'available'), ('earn', 'issued', 'pending'),
  ('mature', 'pending', 'available'),
  ('expire', 'available', 'expired'), ('expire', 'pending', 'expired'),
  ('revive', 'expired', 'available'), ('revive', 'expired', 'pending'),
  ('spend', 'available', 'spent'), ('restore', 'spent', 'available'),
  ('receive', 'spent', 'available'), ('receive', 'spent', 'pending'),
  ('hold', 'available', 'held'), ('capture', 'held', 'spent'),
  ('release', 'held', 'available'), ('lapse', 'held', 'available'),
  ('reverse', 'available', 'issued'), ('reverse', 'pending', 'issued'), ('reverse', 'debt', 'issued'),
  ('reverse', 'expired', 'issued'),
  ('repay', 'available', 'debt'),
  ('adjust', 'adjusted', 'available'), ('adjust', 'available', 'adjusted'),
  ('transfer', 'available', 'transit'), ('transfer', 'pending', 'transit'), ('transfer', 'transit', 'debt'),
  ('transfer', 'expired', 'transit'),
  ('receive', 'transit', 'available'), ('receive', 'transit', 'pending'), ('receive', 'debt', 'transit')
);

-- name: points_move_within_their_time
-- Points become available and are used from their first instant on and before their last; they expire after it.
SELECT
  posting.member_id, posting.event_id, posting.number, posting.kind, posting.at,
  lot.lot_id, lot.available_at, lot.expires_at
FROM posting
JOIN lot
  ON lot.bucket = posting.bucket
  AND lot.member_id = posting.member_id
  AND lot.lot_id = posting.lot_id
WHERE (posting.kind IN ('mature', 'spend', 'hold') AND posting.at < lot.available_at)
  OR (posting.kind IN ('earn', 'receive', 'adjust') AND posting.target = 'available' AND posting.at < lot.available_at)
  OR (posting.kind IN ('earn', 'receive') AND posting.target = 'pending' AND posting.at >= lot.available_at)
  OR (posting.kind IN ('spend', 'hold') AND posting.at >= lot.expires_at)
  OR (posting.kind IN ('expire', 'revive') AND posting.at < lot.expires_at);

-- name: lots_have_time_to_be_used
-- Points are earned before they become available, and become available before they expire.
SELECT member_id, lot_id, earned_at, available_at, expires_at
FROM lot
WHERE earned_at > available_at
  OR available_at >= expires_at;

-- name: held_points_have_their_hold
-- What lots hold back is what the open holds reserve, lot by lot.
SELECT
  member_id,
  lot_id,
  sum(held) FILTER (WHERE held > 0) AS held,
  -sum(held) FILTER (WHERE held < 0) AS reserved
FROM (
  SELECT bucket, member_id, lot_id, held
  FROM lot
  UNION ALL
  SELECT hold.bucket, hold.member_id, part.lot_id, -part.amount
  FROM hold
  CROSS JOIN LATERAL jsonb_to_recordset(hold.parts) AS part (lot_id uuid, amount bigint)
  WHERE hold.state = 'open'
) AS entry
GROUP BY bucket, member_id, lot_id
HAVING sum(held) <> 0;

-- name: holds_equal_their_parts
-- A hold reserves what its parts add up to.
SELECT member_id, hold_id, amount, parts
FROM hold
WHERE amount <> (SELECT sum(part.amount) FROM jsonb_to_recordset(hold.parts) AS part (amount bigint));

-- name: debt_takes_what_is_free
-- Who owes points has none that are free: whatever becomes available pays the debt first.
SELECT lot.member_id, lot.wallet, wallet_state.debt, lot.lot_id, lot.remaining, lot.held
FROM wallet_state
JOIN lot
  ON lot.bucket = wallet_state.bucket
  AND lot.member_id = wallet_state.member_id
  AND lot.wallet = wallet_state.wallet
WHERE wallet_state.debt > 0
  AND lot.matured
  AND lot.remaining > lot.held
  AND coalesce(lot.expires_at, wallet_state.active_until, 'infinity') > (
    SELECT max(event.occurred_at)
    FROM event
    WHERE event.bucket = lot.bucket
      AND event.member_id = lot.member_id
  );
