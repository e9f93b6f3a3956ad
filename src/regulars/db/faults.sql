-- name: stale
-- Name the members that moved on since they were loaded.
SELECT new.place
FROM json_to_recordset($1::json) AS new (place integer, bucket integer, member_id uuid, member_version bigint)
JOIN event
  ON event.bucket = new.bucket
  AND event.member_id = new.member_id
  AND event.member_version = new.member_version;

-- name: event_told
-- Name the events that are recorded already.
SELECT
  new.place,
  event.member_id,
  event.event_id
FROM json_to_recordset($1::json) AS new (
  place integer, bucket integer, member_id uuid, source text, source_id text, type text
)
JOIN event
  ON event.bucket = new.bucket
  AND event.member_id = new.member_id
  AND event.source = new.source
  AND event.source_id = new.source_id
  AND event.type = new.type;

-- name: identity_taken
-- Name the identities that belong to a member already.
SELECT
  new.place,
  identity.member_id,
  identity.event_id
FROM json_to_recordset($1::json) AS new (place integer, bucket integer, programme_id text, key_hash bytea)
JOIN identity
  ON identity.bucket = new.bucket
  AND identity.programme_id = new.programme_id
  AND identity.key_hash = new.key_hash;

-- name: order_taken
-- Name the orders that belong to a member already.
SELECT
  new.place,
  order_claim.member_id,
  order_claim.event_id
FROM json_to_recordset($1::json) AS new (place integer, bucket integer, programme_id text, key_hash bytea)
JOIN order_claim
  ON order_claim.bucket = new.bucket
  AND order_claim.programme_id = new.programme_id
  AND order_claim.key_hash = new.key_hash;

-- name: key_used
-- Name the idempotency keys that were used already.
SELECT
  new.place,
  NULL::uuid AS member_id,
  idempotency.event_id
FROM json_to_recordset($1::json) AS new (
  place integer, bucket integer, programme_id text, client uuid, key text
)
JOIN idempotency
  ON idempotency.bucket = new.bucket
  AND idempotency.programme_id = new.programme_id
  AND idempotency.client = new.client
  AND idempotency.key = new.key;
