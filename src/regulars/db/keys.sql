-- name: add
-- Keep a key, by the hash of its secret.
INSERT INTO api_key (
  key_id, programme_id, name, prefix, secret_hash, scopes, created_at, expires_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find
-- Find a key by the hash of its secret.
SELECT key_id, programme_id, name, prefix, scopes, created_at, expires_at, revoked_at
FROM api_key
WHERE secret_hash = $1;

-- name: of_programme
-- List the keys of a programme.
SELECT key_id, programme_id, name, prefix, scopes, created_at, expires_at, revoked_at
FROM api_key
WHERE programme_id = $1
ORDER BY key_id;

-- name: revoke
-- Let a key open nothing any more.
UPDATE api_key
SET revoked_at = $3
WHERE programme_id = $1
  AND key_id = $2
  AND revoked_at IS NULL
RETURNING key_id;
