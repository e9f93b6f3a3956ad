-- name: of_member
-- List a member's lots with anything remaining, the soonest to expire first.
SELECT
  lot_id AS id, origin_id, event_id, wallet, amount, remaining, held, lapsed, lapsed_at, matured,
  earned_at, available_at, expires_at
FROM lot
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1
  AND is_open
ORDER BY expires_at NULLS LAST, earned_at, lot_id;

-- name: all_of_member
-- List all lots that a member ever had, the oldest first.
SELECT
  lot_id AS id, origin_id, event_id, wallet, amount, remaining, held, lapsed, lapsed_at, matured,
  earned_at, available_at, expires_at
FROM lot
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1
ORDER BY earned_at, lot_id;

-- name: statement
-- Read a page of the movements of a member's points, the latest decision first.
SELECT
  event.member_version,
  posting.number,
  posting.event_id,
  event.type,
  posting.wallet,
  posting.kind,
  posting.source,
  posting.target,
  posting.amount,
  posting.lot_id,
  posting.at,
  posting.recorded_at
FROM event
JOIN posting
  ON posting.bucket = event.bucket
  AND posting.member_id = event.member_id
  AND posting.event_id = event.event_id
WHERE event.bucket = $2
  AND event.member_id = $3
  AND event.programme_id = $1
  AND event.member_version <= $4
  AND (event.member_version, posting.number::integer) < ($4::bigint, $5::integer)
ORDER BY event.member_version DESC, posting.number DESC
LIMIT $6;
