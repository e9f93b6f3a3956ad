-- name: find
-- Read what a client was answered under a key.
SELECT fingerprint, status, body, event_bucket, event_id, created_at
FROM idempotency
WHERE bucket = $1
  AND programme_id = $2
  AND client = $3
  AND key = $4;

-- name: claim
-- Let a client use a key, unless it did before; who comes second waits until the first one is done.
INSERT INTO idempotency (bucket, programme_id, client, key, fingerprint, status, created_at)
VALUES ($1, $2, $3, $4, $5, 0, $6)
ON CONFLICT (bucket, programme_id, client, key) DO NOTHING
RETURNING status;

-- name: answer
-- Keep what the client is answered under the key it claimed.
UPDATE idempotency
SET
  status = $5,
  body = $6
WHERE bucket = $1
  AND programme_id = $2
  AND client = $3
  AND key = $4
  AND status = 0;

-- name: answer_with
-- Let a claimed key lead to an event that was recorded before, whose answer is the answer.
UPDATE idempotency
SET
  status = 200,
  event_bucket = $5,
  event_id = $6
WHERE bucket = $1
  AND programme_id = $2
  AND client = $3
  AND key = $4
  AND status = 0;

-- name: event_answer
-- Read the answer that an event holds.
SELECT answer
FROM event
WHERE bucket = $1
  AND event_id = $2;

-- name: forget
-- Delete the keys of a bucket that were used long ago.
DELETE FROM idempotency
WHERE bucket = $1
  AND created_at < $2;
