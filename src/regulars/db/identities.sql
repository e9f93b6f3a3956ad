-- name: of_member
-- List the identities that lead to a member.
SELECT key_hash, kind, member_id, event_id, created_at
FROM identity
WHERE member_id = $2
  AND programme_id = $1
ORDER BY created_at, key_hash;

-- name: owners
-- Name who has identities, and by which event.
SELECT
  identity.key_hash,
  identity.kind,
  identity.member_id,
  identity.event_id,
  identity.created_at
FROM json_to_recordset($2::json) AS wanted (bucket integer, key_hash bytea)
JOIN identity
  ON identity.bucket = wanted.bucket
  AND identity.programme_id = $1
  AND identity.key_hash = wanted.key_hash
WHERE wanted.bucket BETWEEN 0 AND 9999;

-- name: release
-- Let an identity belong to nobody.
DELETE FROM identity
WHERE bucket = $1
  AND programme_id = $2
  AND key_hash = $3
  AND member_id = $4
RETURNING key_hash;
