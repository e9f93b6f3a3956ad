-- name: versions_follow_each_other
-- A member's version is the number of its events, and they are numbered without a gap.
SELECT member_id, sum(version) AS version, count(number) AS events, max(number) AS last
FROM (
  SELECT bucket, member_id, version, NULL::bigint AS number
  FROM member
  UNION ALL
  SELECT bucket, member_id, 0, member_version
  FROM event
) AS entry
GROUP BY bucket, member_id
HAVING count(number) <> sum(version)
  OR max(number) IS DISTINCT FROM sum(version);

-- name: postings_have_their_event
-- Every posting belongs to an event of the member, was recorded with it, and none of the event's is missing.
SELECT
  member_id,
  event_id,
  count(number) AS postings,
  max(number) + 1 AS numbered,
  count(DISTINCT recorded_at) AS times_of_recording
FROM (
  SELECT bucket, member_id, event_id, NULL::smallint AS number, recorded_at
  FROM event
  UNION ALL
  SELECT bucket, member_id, event_id, number, recorded_at
  FROM posting
) AS entry
GROUP BY bucket, member_id, event_id
HAVING count(*) - count(number) <> 1
  OR count(number) <> coalesce(max(number) + 1, 0)
  OR min(recorded_at) <> max(recorded_at);

-- name: answers_say_what_was_posted
-- What the sender was told is what happened: its own event, the points that came, and those that were taken.
SELECT
  member_id,
  event_id,
  bool_and(own) AS own,
  sum(earned) AS earned_beside_answer,
  sum(reversed) AS reversed_beside_answer,
  sum(taken) AS taken_beside_answer
FROM (
  SELECT
    bucket, member_id, event_id, true AS own,
    CASE WHEN kind = 'earn' THEN amount ELSE 0 END AS earned,
    CASE WHEN kind = 'reverse' THEN amount ELSE 0 END AS reversed,
    CASE WHEN kind IN ('spend', 'hold', 'capture') OR source = 'spent' THEN amount ELSE 0 END AS taken
  FROM posting
  UNION ALL
  SELECT
    event.bucket, event.member_id, event.event_id,
    told.event = 'evt_' || replace(event.event_id::text, '-', '')
      AND told.decision = 'dec_' || replace(event.event_id::text, '-', '')
      AND told.member = 'mem_' || replace(event.member_id::text, '-', '')
      AND told.type = event.type
      AND told.programme_version = event.programme_version,
    -coalesce((SELECT sum(lot.points) FROM jsonb_to_recordset(told.lots) AS lot (points bigint)), 0),
    -coalesce(
      (
        SELECT sum(one.taken + one.lapsed + one.owed)
        FROM jsonb_to_recordset(told.reversed) AS one (taken bigint, lapsed bigint, owed bigint)
      ),
      0
    ),
    -coalesce((SELECT sum(part.points) FROM jsonb_to_recordset(told.taken) AS part (points bigint)), 0)
  FROM event
  CROSS JOIN LATERAL jsonb_to_record(event.answer::jsonb) AS told (
    event text, decision text, member text, type text, programme_version integer, lots jsonb, reversed jsonb,
    taken jsonb
  )
) AS entry
GROUP BY bucket, member_id, event_id
HAVING sum(earned) <> 0
  OR sum(reversed) <> 0
  OR sum(taken) <> 0
  OR bool_and(own) IS DISTINCT FROM true;

-- name: spends_equal_their_postings
-- What is remembered of a spend, or of a voucher's price, is what was posted, and what was undone came back once.
SELECT
  member_id,
  lot_id,
  array_agg(DISTINCT event_id) AS events,
  sum(spent) AS spent_beside_records,
  sum(undone) AS undone_beside_records
FROM (
  SELECT
    bucket, member_id, lot_id, event_id,
    CASE WHEN target = 'spent' THEN amount ELSE 0 END AS spent,
    CASE WHEN source = 'spent' THEN amount ELSE 0 END AS undone
  FROM posting
  WHERE 'spent' IN (source, target)
  UNION ALL
  SELECT
    spend_record.bucket, spend_record.member_id, part.lot_id, spend_record.event_id,
    CASE WHEN (spend_record.record ->> 'inherited')::boolean THEN 0 ELSE -part.amount END,
    CASE WHEN (spend_record.record ->> 'restored')::boolean THEN -part.amount ELSE 0 END
  FROM spend_record
  CROSS JOIN LATERAL jsonb_to_recordset(spend_record.record -> 'parts') AS part (lot_id uuid, amount bigint)
  UNION ALL
  SELECT
    voucher.bucket, voucher.member_id, part.lot_id, voucher.event_id,
    CASE WHEN (voucher.record ->> 'inherited')::boolean THEN 0 ELSE -part.amount END,
    CASE WHEN voucher.state = 'returned' THEN -part.amount ELSE 0 END
  FROM voucher
  CROSS JOIN LATERAL jsonb_to_recordset(voucher.record -> 'parts') AS part (lot_id uuid, amount bigint)
  WHERE voucher.state IN ('issued', 'redeemed', 'returned', 'expired', 'moved')
) AS entry
GROUP BY bucket, member_id, lot_id
HAVING sum(spent) <> 0
  OR sum(undone) <> 0;

-- name: orders_remember_what_they_earned
-- Every purchase has its order's record, and the awards that returns go by are what the purchase was given.
SELECT
  member_id,
  event_id,
  wallet,
  sum(points) FILTER (WHERE posted) AS posted,
  -sum(points) FILTER (WHERE NOT posted) AS awarded
FROM (
  SELECT event.bucket, event.member_id, event.event_id, '' AS wallet, true AS posted, 1 AS points
  FROM event
  WHERE event.type = 'purchase'
  UNION ALL
  SELECT posting.bucket, posting.member_id, posting.event_id, posting.wallet, true, posting.amount
  FROM posting
  JOIN event
    ON event.bucket = posting.bucket
    AND event.event_id = posting.event_id
  WHERE posting.kind = 'earn'
    AND event.type = 'purchase'
  UNION ALL
  -- Store credit that was bought with an order is no award.
  SELECT lot.bucket, lot.member_id, lot.event_id, lot.wallet, true, -lot.amount
  FROM voucher
  JOIN lot
    ON lot.bucket = voucher.bucket
    AND lot.member_id = voucher.member_id
    AND lot.lot_id = (voucher.record ->> 'lot_id')::uuid
  JOIN event
    ON event.bucket = lot.bucket
    AND event.event_id = lot.event_id
  WHERE event.type = 'purchase'
  UNION ALL
  SELECT event.bucket, event.member_id, event.event_id, entry.wallet, false, -entry.points
  FROM order_record
  JOIN event
    ON event.bucket = order_record.bucket
    AND event.member_id = order_record.member_id
    AND event.event_id = order_record.event_id
  CROSS JOIN LATERAL (
    SELECT '' AS wallet, 1 AS points
    UNION ALL
    SELECT award.wallet, award.points
    FROM json_to_recordset(order_record.record -> 'awards') AS award (wallet text, points bigint)
  ) AS entry
) AS entry
GROUP BY bucket, member_id, event_id, wallet
HAVING sum(points) <> 0;

-- name: clawback_within_the_award
-- A return never takes back more of a rule's award than the rule gave.
SELECT order_record.member_id, order_record.order_id, award.rule, award.points, reversed.points AS reversed
FROM order_record
CROSS JOIN LATERAL json_to_recordset(order_record.record -> 'awards') AS award (rule text, points bigint)
CROSS JOIN LATERAL (
  SELECT (order_record.record -> 'reversed' ->> award.rule)::bigint AS points
) AS reversed
WHERE reversed.points NOT BETWEEN 0 AND award.points;

-- name: orders_earn_once
-- An order is recorded by one purchase, whoever told of it and whichever members were merged since.
SELECT programme_id, order_id, array_agg(DISTINCT event_id) AS events
FROM order_record
WHERE event_id IS NOT NULL
GROUP BY programme_id, order_id
HAVING count(DISTINCT event_id) > 1;

-- name: purchases_hold_their_claim
-- Every purchase holds the claim of its order, and every claim is one purchase's.
SELECT event_id, sum(purchases) AS purchases, sum(claims) AS claims
FROM (
  SELECT bucket AS member_bucket, member_id, event_id, 1 AS purchases, 0 AS claims
  FROM event
  WHERE type = 'purchase'
  UNION ALL
  SELECT member_bucket, member_id, event_id, 0, 1
  FROM order_claim
) AS entry
GROUP BY member_bucket, member_id, event_id
HAVING sum(purchases) <> 1
  OR sum(claims) <> 1;

-- name: purchases_are_counted
-- A member's count of purchases is that of its purchase events, with what merged memberships brought along.
SELECT
  member_id,
  sum(purchases) FILTER (WHERE purchases > 0) AS purchases,
  -sum(purchases) FILTER (WHERE purchases < 0) AS counted
FROM (
  SELECT bucket, member_id, 1 AS purchases
  FROM event
  WHERE type = 'purchase'
  UNION ALL
  SELECT bucket, member_id, coalesce((body -> 'counters' ->> 'purchases')::bigint, 0)
  FROM event
  WHERE type = 'member.absorbed'
  UNION ALL
  SELECT bucket, member_id, -value
  FROM counter
  WHERE name = 'purchases'
) AS entry
GROUP BY bucket, member_id
HAVING sum(purchases) <> 0;

-- name: keys_lead_to_their_answer
-- An idempotency key that was used has an answer: its own, or that of an event which is there.
SELECT event_id, array_agg(key) FILTER (WHERE key IS NOT NULL) AS keys
FROM (
  SELECT bucket, event_id, programme_id, NULL AS key
  FROM event
  UNION ALL
  SELECT event_bucket, event_id, programme_id, key
  FROM idempotency
  WHERE event_id IS NOT NULL
    OR status = 0
) AS entry
GROUP BY bucket, event_id
HAVING count(*) - count(key) <> 1
  OR min(programme_id) <> max(programme_id);
