-- name: claim_identities
-- Let identities belong to a member, unless they belong to somebody already.
INSERT INTO identity (
  bucket, key_hash, programme_id, kind, member_bucket, member_id, event_id, created_at
)
SELECT bucket, key_hash, programme_id, kind, member_bucket, member_id, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, kind text, member_bucket integer, member_id uuid,
  event_id uuid, created_at timestamptz
)
ON CONFLICT (bucket, programme_id, key_hash) DO NOTHING;

-- name: claim_orders
-- Let orders belong to a member, unless they belong to somebody already.
INSERT INTO order_claim (bucket, key_hash, programme_id, member_bucket, member_id, event_id, created_at)
SELECT bucket, key_hash, programme_id, member_bucket, member_id, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, member_bucket integer, member_id uuid, event_id uuid,
  created_at timestamptz
)
ON CONFLICT (bucket, programme_id, key_hash) DO NOTHING;

-- name: keep_answers
-- Remember which event a client was answered with under its key, unless it used the key already.
INSERT INTO idempotency (
  bucket, programme_id, client, key, fingerprint, status, event_bucket, event_id, created_at
)
SELECT bucket, programme_id, client, key, fingerprint, status, event_bucket, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, programme_id text, client uuid, key text, fingerprint bytea, status smallint,
  event_bucket integer, event_id uuid, created_at timestamptz
)
ON CONFLICT (bucket, programme_id, client, key) DO NOTHING;
