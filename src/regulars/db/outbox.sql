-- name: take
-- Take messages that are due, and let them be due again later unless they are dealt with by then.
UPDATE outbox
SET
  next_attempt_at = $3,
  attempts = outbox.attempts + 1
FROM (
  SELECT bucket, member_id, event_id, number
  FROM outbox
  WHERE bucket = ANY ($1::integer[])
    AND delivered_at IS NULL
    AND given_up_at IS NULL
    AND next_attempt_at <= $2
  ORDER BY next_attempt_at, event_id, number
  LIMIT $4
  FOR UPDATE SKIP LOCKED
) AS due
WHERE outbox.bucket = due.bucket
  AND outbox.member_id = due.member_id
  AND outbox.event_id = due.event_id
  AND outbox.number = due.number
RETURNING
  outbox.member_id, outbox.event_id, outbox.number, outbox.programme_id, outbox.topic, outbox.body,
  outbox.to_member, outbox.occurred_at, outbox.created_at, outbox.attempts;

-- name: take_of
-- Take the messages of one event that are due, and let them be due again later unless they are dealt with by then.
UPDATE outbox
SET
  next_attempt_at = $5,
  attempts = outbox.attempts + 1
WHERE bucket = $1
  AND member_id = $2
  AND event_id = $3
  AND delivered_at IS NULL
  AND given_up_at IS NULL
  AND next_attempt_at <= $4
RETURNING
  member_id, event_id, number, programme_id, topic, body, to_member, occurred_at, created_at, attempts;

-- name: delivered
-- Note that messages arrived.
UPDATE outbox
SET delivered_at = $2
FROM json_to_recordset($1::json) AS sent (bucket integer, member_id uuid, event_id uuid, number smallint)
WHERE outbox.bucket = sent.bucket
  AND outbox.member_id = sent.member_id
  AND outbox.event_id = sent.event_id
  AND outbox.number = sent.number
  AND outbox.given_up_at IS NULL;

-- name: failed
-- Note why a message did not arrive, and when to try again.
UPDATE outbox
SET
  next_attempt_at = $5,
  last_error = $6
WHERE bucket = $1
  AND member_id = $2
  AND event_id = $3
  AND number = $4
  AND delivered_at IS NULL;

-- name: given_up
-- Note why a message will not be tried again.
UPDATE outbox
SET
  given_up_at = $5,
  last_error = $6
WHERE bucket = $1
  AND member_id = $2
  AND event_id = $3
  AND number = $4
  AND delivered_at IS NULL;

-- name: waiting
-- Count the messages that wait, and tell since when the oldest does.
SELECT
  count(*) AS messages,
  min(created_at) AS oldest
FROM outbox
WHERE delivered_at IS NULL
  AND given_up_at IS NULL;

-- name: forget
-- Delete the messages of a bucket that arrived long ago.
DELETE FROM outbox
WHERE bucket = $1
  AND delivered_at < $2;
