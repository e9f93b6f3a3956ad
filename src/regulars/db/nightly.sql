-- name: by_lots
-- Name members of a programme with points that mature or expire by their own date, the longest overdue first.
SELECT DISTINCT bucket, member_id
FROM (
  SELECT bucket, member_id
  FROM lot
  WHERE due_at IS NOT NULL
    AND due_at <= $2
    AND programme_id = $1
  ORDER BY due_at
  LIMIT $3
) AS due
ORDER BY bucket, member_id;

-- name: by_tiers
-- Name members of a programme of whose level there is something to tell, the longest overdue first.
SELECT DISTINCT bucket, member_id
FROM (
  SELECT bucket, member_id
  FROM member_tier
  WHERE next_at <= $2
    AND programme_id = $1
  ORDER BY next_at
  LIMIT $3
) AS due
ORDER BY bucket, member_id;

-- name: count
-- Count the members of all programmes of whom lots or levels are due.
SELECT count(*)
FROM (
  SELECT member_id
  FROM lot
  WHERE due_at IS NOT NULL
    AND due_at <= $1
  UNION
  SELECT member_id
  FROM member_tier
  WHERE next_at <= $1
) AS due;

-- name: settle
-- Write what time did to points and levels of members who have nothing else to settle, as the engine would.
WITH asked AS (
  SELECT bucket, member_id, event_id
  FROM unnest($1::integer[], $2::uuid[], $3::uuid[]) AS asked (bucket, member_id, event_id)
),
tier_set AS (
  SELECT id, place, levels
  FROM json_to_recordset($10::json) AS tier_set (id text, place integer, levels text[])
),
plain AS MATERIALIZED (
  SELECT member.bucket, member.member_id, asked.event_id, member.version
  FROM asked
  JOIN member
    ON member.bucket = asked.bucket
    AND member.member_id = asked.member_id
  WHERE asked.bucket BETWEEN 0 AND 9999
    AND member.programme_id = $4
    AND member.standing = 'active'
    AND NOT EXISTS (
      SELECT
      FROM hold
      WHERE hold.bucket = member.bucket
        AND hold.member_id = member.member_id
        AND hold.state = 'open'
    )
    AND NOT EXISTS (
      SELECT
      FROM wallet_state
      WHERE wallet_state.bucket = member.bucket
        AND wallet_state.member_id = member.member_id
        AND (wallet_state.debt > 0 OR wallet_state.active_until <= $5)
    )
    AND NOT EXISTS (
      SELECT
      FROM voucher
      WHERE voucher.bucket = member.bucket
        AND voucher.member_id = member.member_id
        AND voucher.state IN ('reserved', 'issued')
        AND voucher.due_at <= $5
    )
    AND NOT EXISTS (
      SELECT
      FROM member_tier
      WHERE member_tier.bucket = member.bucket
        AND member_tier.member_id = member.member_id
        AND member_tier.next_at <= $5
        AND member_tier.tier_set NOT IN (SELECT id FROM tier_set)
    )
),
open_lot AS MATERIALIZED (
  SELECT
    plain.bucket, plain.member_id, plain.event_id, lot.lot_id, lot.wallet, lot.remaining, lot.matured, lot.earned_at,
    lot.available_at, lot.expires_at,
    NOT lot.matured AND lot.available_at <= $5 AND coalesce(lot.expires_at > lot.available_at, true) AS matures,
    coalesce(lot.expires_at <= $5, false) AS dies
  FROM plain
  JOIN lot
    ON lot.bucket = plain.bucket
    AND lot.member_id = plain.member_id
  WHERE lot.is_open
    AND lot.due_at <= $5
),
movement AS MATERIALIZED (
  SELECT
    bucket, member_id, event_id, lot_id, wallet, remaining, earned_at, available_at AS at, 1 AS rank,
    'mature' AS kind, 'pending' AS source, 'available' AS target
  FROM open_lot
  WHERE matures
  UNION ALL
  SELECT
    bucket, member_id, event_id, lot_id, wallet, remaining, earned_at, expires_at, 0,
    'expire', CASE WHEN matured OR matures THEN 'available' ELSE 'pending' END, 'expired'
  FROM open_lot
  WHERE dies
),
due_tier AS MATERIALIZED (
  SELECT
    plain.bucket, plain.member_id, plain.event_id, tier_set.id, tier_set.place, tier_set.levels, member_tier.record
  FROM plain
  JOIN member_tier
    ON member_tier.bucket = plain.bucket
    AND member_tier.member_id = plain.member_id
  JOIN tier_set
    ON tier_set.id = member_tier.tier_set
  WHERE member_tier.next_at <= $5
),
told AS MATERIALIZED (
  SELECT
    due_tier.bucket, due_tier.member_id, due_tier.event_id, due_tier.id, due_tier.place, due_tier.levels,
    due_tier.record, now_at.level, now_at.since_text, now_at.until_text,
    coalesce(now_at.next_text::timestamptz <= $5, false) AS warned,
    CASE WHEN now_at.next_text::timestamptz <= $5 THEN now_at.until_text ELSE now_at.next_text END AS next_text
  FROM due_tier
  CROSS JOIN LATERAL (
    SELECT
      step.value ->> 'level' AS level,
      step.value ->> 'since' AS since_text,
      step.value ->> 'until' AS until_text,
      coalesce(step.value ->> 'warn_at', step.value ->> 'until') AS next_text,
      step.number
    FROM jsonb_array_elements(due_tier.record -> 'steps') WITH ORDINALITY AS step (value, number)
    WHERE (step.value ->> 'since')::timestamptz > (due_tier.record ->> 'since')::timestamptz
      AND (step.value ->> 'since')::timestamptz <= $5
    UNION ALL
    SELECT
      due_tier.record ->> 'level', due_tier.record ->> 'since', due_tier.record ->> 'until',
      due_tier.record ->> 'next_at', 0
    ORDER BY number DESC
    LIMIT 1
  ) AS now_at
),
message AS MATERIALIZED (
  SELECT
    told.bucket, told.member_id, told.event_id, told.place, passed.number,
    CASE
      WHEN coalesce(array_position(told.levels, passed.level), 0)
        > coalesce(array_position(told.levels, passed.left_level), 0)
      THEN 'member.tier.upgraded'
      ELSE 'member.tier.downgraded'
    END AS topic,
    jsonb_build_object(
      'tier_set', told.id, 'level', passed.level, 'from', passed.left_level, 'until', passed.until_text
    ) AS body
  FROM told
  CROSS JOIN LATERAL (
    SELECT
      step.number,
      step.value ->> 'level' AS level,
      step.value ->> 'until' AS until_text,
      coalesce(lag(step.value ->> 'level') OVER (ORDER BY step.number), told.record ->> 'level') AS left_level
    FROM jsonb_array_elements(told.record -> 'steps') WITH ORDINALITY AS step (value, number)
    WHERE (step.value ->> 'since')::timestamptz > (told.record ->> 'since')::timestamptz
      AND (step.value ->> 'since')::timestamptz <= $5
  ) AS passed
  UNION ALL
  SELECT
    told.bucket, told.member_id, told.event_id, told.place, 32767, 'member.tier.will_downgrade',
    jsonb_build_object('tier_set', told.id, 'level', told.level, 'until', told.until_text, 'to', next.value ->> 'level')
  FROM told
  CROSS JOIN LATERAL jsonb_array_elements(told.record -> 'steps') AS next (value)
  WHERE told.warned
    AND next.value ->> 'since' = told.until_text
),
settled AS MATERIALIZED (
  SELECT plain.bucket, plain.member_id, plain.event_id, plain.version + 1 AS version, alive.balances
  FROM plain
  CROSS JOIN LATERAL (
    SELECT
      jsonb_object_agg(by_wallet.wallet, jsonb_build_array(by_wallet.available, by_wallet.pending)) AS balances,
      bool_or(by_wallet.is_due) AS is_due
    FROM (
      SELECT
        lot.wallet,
        coalesce(sum(lot.remaining) FILTER (WHERE lot.available_at <= $5 AND NOT dies), 0) AS available,
        coalesce(sum(lot.remaining) FILTER (WHERE lot.available_at > $5 AND NOT dies), 0) AS pending,
        bool_or(lot.due_at <= $5) AS is_due
      FROM lot
      CROSS JOIN LATERAL (SELECT coalesce(lot.expires_at <= $5, false) AS dies) AS fate
      WHERE lot.bucket = plain.bucket
        AND lot.member_id = plain.member_id
        AND lot.is_open
      GROUP BY lot.wallet
    ) AS by_wallet
  ) AS alive
  -- A value rather than EXISTS, which would be answered by reading all levels that are due for every group.
  WHERE alive.is_due
    OR (
      SELECT bool_or(member_tier.next_at <= $5)
      FROM member_tier
      WHERE member_tier.bucket = plain.bucket
        AND member_tier.member_id = plain.member_id
    )
),
moved_members AS (
  UPDATE member
  SET version = settled.version
  FROM settled
  WHERE member.bucket = settled.bucket
    AND member.member_id = settled.member_id
),
moved_lots AS (
  UPDATE lot
  SET
    matured = open_lot.matured OR open_lot.matures,
    remaining = CASE WHEN open_lot.dies THEN 0 ELSE lot.remaining END,
    lapsed = CASE WHEN open_lot.dies THEN lot.lapsed + lot.remaining ELSE lot.lapsed END,
    lapsed_at = CASE WHEN open_lot.dies THEN lot.expires_at ELSE lot.lapsed_at END
  FROM open_lot
  WHERE lot.bucket = open_lot.bucket
    AND lot.member_id = open_lot.member_id
    AND lot.lot_id = open_lot.lot_id
),
posted AS (
  INSERT INTO posting (
    bucket, member_id, event_id, number, programme_id, wallet, kind, source, target, amount, lot_id, at, recorded_at
  )
  SELECT
    bucket, member_id, event_id,
    row_number() OVER (PARTITION BY bucket, member_id ORDER BY at, rank, earned_at, lot_id) - 1,
    $4, wallet, kind, source, target, remaining, lot_id, at, $5
  FROM movement
),
kept_tiers AS (
  UPDATE member_tier
  SET
    level = told.level,
    until = told.until_text::timestamptz,
    next_at = told.next_text::timestamptz,
    record = told.record || jsonb_build_object(
      'level', told.level,
      'since', told.since_text,
      'until', told.until_text,
      'next_at', told.next_text
    )
  FROM told
  WHERE member_tier.bucket = told.bucket
    AND member_tier.member_id = told.member_id
    AND member_tier.tier_set = told.id
),
sent AS (
  INSERT INTO outbox (
    bucket, member_id, event_id, number, programme_id, topic, body, occurred_at, created_at, next_attempt_at
  )
  SELECT
    bucket, member_id, event_id,
    row_number() OVER (PARTITION BY bucket, member_id ORDER BY place, number) - 1,
    $4, topic, body, $5, $5, $5
  FROM message
),
recorded AS (
  INSERT INTO event (
    bucket, member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop,
    associate, member_version, programme_version, body, answer
  )
  SELECT
    settled.bucket, settled.member_id, settled.event_id, $4, $11, $12,
    replace(settled.member_id::text, '-', '') || $13, $5, $5, '', '', '', settled.version, $6, $14::json,
    format(
      $7, replace(settled.event_id::text, '-', ''), replace(settled.event_id::text, '-', ''),
      replace(settled.member_id::text, '-', ''),
      (
        SELECT
          string_agg(
            format(
              $9, wallet.name, coalesce(settled.balances -> wallet.name ->> 0, '0'),
              coalesce(settled.balances -> wallet.name ->> 1, '0')
            ),
            ','
            ORDER BY wallet.number
          )
        FROM unnest($8::text[]) WITH ORDINALITY AS wallet (name, number)
      )
    )
  FROM settled
)
SELECT
  (SELECT count(*) FROM settled) AS members,
  (SELECT count(*) FROM movement WHERE kind = 'mature') AS activated,
  (SELECT count(*) FROM movement WHERE kind = 'expire') AS expired,
  (SELECT count(*) FROM message WHERE number < 32767) AS changed,
  (SELECT count(*) FROM message WHERE number = 32767) AS warned;
