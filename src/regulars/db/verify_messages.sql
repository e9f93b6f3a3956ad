-- name: messages_hold_what_left
-- A message to another member holds the points and debts that its event posted into transit.
SELECT
  member_id,
  event_id,
  wallet,
  sum(amount) FILTER (WHERE posted) AS posted,
  -sum(amount) FILTER (WHERE NOT posted) AS in_the_message
FROM (
  SELECT
    posting.bucket, posting.member_id, posting.event_id, posting.wallet, true AS posted,
    CASE WHEN posting.target = 'transit' THEN posting.amount ELSE -posting.amount END AS amount
  FROM posting
  JOIN outbox
    ON outbox.bucket = posting.bucket
    AND outbox.member_id = posting.member_id
    AND outbox.event_id = posting.event_id
  WHERE posting.kind = 'transfer'
    AND outbox.to_member IS NOT NULL
  UNION ALL
  SELECT outbox.bucket, outbox.member_id, outbox.event_id, part.wallet, false, -part.amount
  FROM outbox
  CROSS JOIN LATERAL jsonb_to_recordset(outbox.body -> 'parcels') AS part (wallet text, amount bigint)
  WHERE outbox.to_member IS NOT NULL
  UNION ALL
  SELECT outbox.bucket, outbox.member_id, outbox.event_id, owed.key, false, owed.value::bigint
  FROM outbox
  CROSS JOIN LATERAL jsonb_each_text(outbox.body -> 'debts') AS owed
  WHERE outbox.to_member IS NOT NULL
) AS entry
GROUP BY bucket, member_id, event_id, wallet
HAVING sum(amount) <> 0;

-- name: arrivals_hold_what_they_brought
-- What an event took out of transit is what it brought along.
SELECT
  member_id,
  event_id,
  wallet,
  sum(amount) FILTER (WHERE posted) AS posted,
  -sum(amount) FILTER (WHERE NOT posted) AS brought
FROM (
  SELECT
    bucket, member_id, event_id, wallet, true AS posted,
    CASE WHEN source = 'transit' THEN amount ELSE -amount END AS amount
  FROM posting
  WHERE kind = 'receive'
    AND 'transit' IN (source, target)
  UNION ALL
  SELECT event.bucket, event.member_id, event.event_id, part.wallet, false, -part.amount
  FROM event
  CROSS JOIN LATERAL json_to_recordset(event.body -> 'parcels') AS part (wallet text, amount bigint)
  WHERE event.type IN ('points.received', 'member.absorbed')
  UNION ALL
  SELECT event.bucket, event.member_id, event.event_id, owed.key, false, owed.value::bigint
  FROM event
  CROSS JOIN LATERAL json_each_text(event.body -> 'debts') AS owed
  WHERE event.type IN ('points.received', 'member.absorbed')
) AS entry
GROUP BY bucket, member_id, event_id, wallet
HAVING sum(amount) <> 0;

-- name: messages_arrive_once
-- What one member's event sent to another arrived once, as it was sent, where it is said to have arrived.
SELECT programme_id, message, sum(sent) AS sent, sum(delivered) AS delivered, count(*) - sum(sent) AS arrived
FROM (
  SELECT
    programme_id, replace(event_id::text, '-', '') || '/' || number AS message, 1 AS sent,
    (delivered_at IS NOT NULL)::integer AS delivered, md5(body::text) AS body
  FROM outbox
  WHERE to_member IS NOT NULL
  UNION ALL
  SELECT programme_id, source_id, 0, 0, md5(body::jsonb::text)
  FROM event
  WHERE source = 'regulars'
    AND type IN ('points.received', 'member.absorbed')
) AS entry
GROUP BY programme_id, message
HAVING count(*) - sum(sent) > 1
  OR count(*) - sum(sent) < sum(delivered)
  OR min(body) <> max(body);

-- name: points_under_way_are_in_messages
-- Points that left one member and have not reached another are in messages that wait, and none was given up.
SELECT programme_id, wallet, sum(posted) AS in_transit, sum(waiting) AS in_messages
FROM (
  SELECT
    programme_id, wallet,
    amount * ((target = 'transit')::integer - (source = 'transit')::integer) AS posted, 0 AS waiting
  FROM posting
  WHERE 'transit' IN (source, target)
  UNION ALL
  SELECT programme_id, wallet, 0, CASE WHEN bool_or(arrived) THEN 0 ELSE sum(amount) END
  FROM (
    SELECT
      outbox.programme_id, replace(outbox.event_id::text, '-', '') || '/' || outbox.number AS message,
      parcel.wallet, parcel.amount, false AS arrived
    FROM outbox
    CROSS JOIN LATERAL (
      SELECT part.wallet, part.amount
      FROM jsonb_to_recordset(outbox.body -> 'parcels') AS part (wallet text, amount bigint)
      UNION ALL
      SELECT owed.key, -owed.value::bigint
      FROM jsonb_each_text(outbox.body -> 'debts') AS owed
    ) AS parcel
    WHERE outbox.to_member IS NOT NULL
      AND outbox.given_up_at IS NULL
    UNION ALL
    SELECT event.programme_id, event.source_id, arrival.wallet, 0, true
    FROM event
    CROSS JOIN LATERAL (
      SELECT part.wallet
      FROM json_to_recordset(event.body -> 'parcels') AS part (wallet text)
      UNION ALL
      SELECT owed.key
      FROM json_each_text(event.body -> 'debts') AS owed
    ) AS arrival
    WHERE event.source = 'regulars'
      AND event.type IN ('points.received', 'member.absorbed')
  ) AS message
  GROUP BY programme_id, message, wallet
) AS entry
GROUP BY programme_id, wallet
HAVING sum(posted) <> sum(waiting);
