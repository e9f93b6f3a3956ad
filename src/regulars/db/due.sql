-- name: by_lots
-- Name members with points that mature or expire by their own date, the longest overdue first.
SELECT DISTINCT programme_id, member_id
FROM (
  SELECT programme_id, member_id
  FROM lot
  WHERE due_at IS NOT NULL
    AND due_at <= $1
  ORDER BY due_at
  LIMIT $2
) AS due;

-- name: by_holds
-- Name members with reservations that lapse, the longest overdue first.
SELECT DISTINCT programme_id, member_id
FROM (
  SELECT programme_id, member_id
  FROM hold
  WHERE state = 'open'
    AND expires_at <= $1
  ORDER BY expires_at
  LIMIT $2
) AS due;

-- name: by_inactivity
-- Name members whose inactivity ended in a span and who have points that expire by it.
SELECT DISTINCT programme_id, member_id
FROM (
  SELECT wallet_state.programme_id, wallet_state.member_id
  FROM wallet_state
  WHERE wallet_state.active_until > $3
    AND wallet_state.active_until <= $1
    AND EXISTS (
      SELECT
      FROM lot
      WHERE lot.bucket = wallet_state.bucket
        AND lot.member_id = wallet_state.member_id
        AND lot.is_open
        AND lot.wallet = wallet_state.wallet
        AND lot.expires_at IS NULL
        AND lot.remaining > lot.held
    )
  ORDER BY wallet_state.active_until
  LIMIT $2
) AS due;

-- name: by_tiers
-- Name members of whose level there is something to tell: its end, or the warning before it.
SELECT DISTINCT programme_id, member_id
FROM (
  SELECT programme_id, member_id
  FROM member_tier
  WHERE next_at <= $1
  ORDER BY next_at
  LIMIT $2
) AS due;

-- name: by_vouchers
-- Name members with vouchers or reservations of vouchers that end, the longest overdue first.
SELECT DISTINCT programme_id, member_id
FROM (
  SELECT programme_id, member_id
  FROM voucher
  WHERE due_at <= $1
  ORDER BY due_at
  LIMIT $2
) AS due;
