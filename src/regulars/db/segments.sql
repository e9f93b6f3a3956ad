-- name: plan_anew
-- Plan the statements of this transaction for their values.
SET LOCAL plan_cache_mode = force_custom_plan;

-- name: allow_scans
-- Let the statements of this transaction read tables from end to end.
SET LOCAL enable_seqscan = on;

-- name: allow_hashing
-- Let the statements of this transaction join by hashing.
SET LOCAL enable_hashjoin = on;

-- name: allow_merging
-- Let the statements of this transaction join by merging.
SET LOCAL enable_mergejoin = on;

-- name: members
-- Count the members who may be in segments; conditions and what they ask for are joined to this, see `segments.py`.
SELECT count(*) AS members
FROM member
WHERE member.programme_id = $1
  AND member.standing = 'active'
  AND member.bucket BETWEEN $2 AND $3;

-- name: purchases
-- Read how often members bought.
SELECT counter.bucket, counter.member_id, counter.value
FROM counter
WHERE counter.programme_id = $1
  AND counter.bucket BETWEEN $2 AND $3
  AND counter.name = 'purchases';

-- name: lists
-- Read the static lists that members are on; names with a colon are the platform's own.
SELECT member_list.bucket, member_list.member_id, array_agg(member_list.name ORDER BY member_list.name) AS value
FROM member_list
WHERE member_list.programme_id = $1
  AND member_list.bucket BETWEEN $2 AND $3
  AND strpos(member_list.name, ':') = 0
GROUP BY member_list.bucket, member_list.member_id;

-- name: tier
-- Read where members stand in a set of tiers at an instant, from the steps that time brings.
SELECT
  member_tier.bucket,
  member_tier.member_id,
  (
    SELECT step.part ->> 'level'
    FROM jsonb_array_elements(member_tier.record -> 'steps') WITH ORDINALITY AS step (part, number)
    WHERE (step.part ->> 'since')::timestamptz <= $4
    ORDER BY step.number DESC
    LIMIT 1
  ) AS value
FROM member_tier
WHERE member_tier.programme_id = $1
  AND member_tier.bucket BETWEEN $2 AND $3
  AND member_tier.tier_set = $5;

-- name: days
-- Read the days on which something was counted; what is asked of them is added to this, see `segments.py`.
SELECT member_day.bucket, member_day.member_id
FROM member_day
WHERE member_day.programme_id = $1
  AND member_day.bucket BETWEEN $2 AND $3
  AND member_day.day >= $4
  AND member_day.day < $5
GROUP BY member_day.bucket, member_day.member_id;

-- name: balance
-- Read what members can spend of a wallet at an instant, less what they owe, whether or not a sweeper has run.
-- A debt is paid by what becomes free, so that paying moves nothing but what dies afterwards, before anybody settles.
SELECT part.bucket, part.member_id, sum(part.points) AS value
FROM (
  SELECT lot.bucket, lot.member_id, lot.remaining - lot.held AS points
  FROM lot
  LEFT JOIN wallet_state
    ON wallet_state.bucket = lot.bucket
    AND wallet_state.member_id = lot.member_id
    AND wallet_state.wallet = lot.wallet
  WHERE lot.programme_id = $1
    AND lot.bucket BETWEEN $2 AND $3
    AND lot.wallet = $5
    AND lot.is_open
    AND lot.available_at <= $4
    AND coalesce(lot.expires_at, wallet_state.active_until, 'infinity') > $4
  UNION ALL
  SELECT wallet_state.bucket, wallet_state.member_id, -wallet_state.debt AS points
  FROM wallet_state
  WHERE wallet_state.programme_id = $1
    AND wallet_state.bucket BETWEEN $2 AND $3
    AND wallet_state.wallet = $5
    AND wallet_state.debt > 0
  UNION ALL
  SELECT hold.bucket, hold.member_id, held.amount AS points
  FROM hold
  CROSS JOIN LATERAL jsonb_to_recordset(hold.parts) AS held (lot_id uuid, amount bigint)
  JOIN lot
    ON lot.bucket = hold.bucket
    AND lot.member_id = hold.member_id
    AND lot.lot_id = held.lot_id
  LEFT JOIN wallet_state
    ON wallet_state.bucket = hold.bucket
    AND wallet_state.member_id = hold.member_id
    AND wallet_state.wallet = hold.wallet
  WHERE hold.programme_id = $1
    AND hold.bucket BETWEEN $2 AND $3
    AND hold.wallet = $5
    AND hold.state = 'open'
    AND hold.expires_at <= $4
    AND coalesce(lot.expires_at, wallet_state.active_until, 'infinity') > $4
  UNION ALL
  SELECT paid.bucket, paid.member_id, least(paid.points, greatest(0, paid.debt - paid.before)) AS points
  FROM (
    SELECT
      freed.bucket,
      freed.member_id,
      freed.points,
      freed.begins_at,
      freed.ends_at,
      wallet_state.debt,
      coalesce(sum(freed.points) OVER (
        PARTITION BY freed.bucket, freed.member_id
        ORDER BY freed.at, freed.kind, freed.of, freed.id, freed.number
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0) AS before
    FROM (
      SELECT
        lot.bucket, lot.member_id, lot.available_at AS at, 0 AS kind, lot.earned_at AS of, lot.lot_id AS id,
        1::bigint AS number, lot.remaining - lot.held AS points,
        lot.available_at AS begins_at, lot.expires_at AS ends_at
      FROM lot
      WHERE lot.programme_id = $1
        AND lot.bucket BETWEEN $2 AND $3
        AND lot.wallet = $5
        AND lot.is_open
        AND NOT lot.matured
        AND lot.available_at <= $4
      UNION ALL
      SELECT
        hold.bucket, hold.member_id, hold.expires_at AS at, 1 AS kind, hold.expires_at AS of, hold.hold_id AS id,
        held.number, (held.part ->> 'amount')::bigint AS points,
        lot.available_at AS begins_at, lot.expires_at AS ends_at
      FROM hold
      CROSS JOIN LATERAL jsonb_array_elements(hold.parts) WITH ORDINALITY AS held (part, number)
      JOIN lot
        ON lot.bucket = hold.bucket
        AND lot.member_id = hold.member_id
        AND lot.lot_id = (held.part ->> 'lot_id')::uuid
      WHERE hold.programme_id = $1
        AND hold.bucket BETWEEN $2 AND $3
        AND hold.wallet = $5
        AND hold.state = 'open'
        AND hold.expires_at <= $4
    ) AS freed
    JOIN wallet_state
      ON wallet_state.bucket = freed.bucket
      AND wallet_state.member_id = freed.member_id
      AND wallet_state.wallet = $5
      AND wallet_state.debt > 0
    WHERE coalesce(freed.ends_at, wallet_state.active_until, 'infinity') > freed.at
  ) AS paid
  LEFT JOIN wallet_state
    ON wallet_state.bucket = paid.bucket
    AND wallet_state.member_id = paid.member_id
    AND wallet_state.wallet = $5
  WHERE paid.begins_at > $4
    OR coalesce(paid.ends_at, wallet_state.active_until, 'infinity') <= $4
) AS part
GROUP BY part.bucket, part.member_id;
