-- name: profile
-- Read a member's sealed profile.
SELECT wrapped_key, sealed, updated_at
FROM personal.profile
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1;

-- name: keep_profile
-- Write a member's sealed profile.
INSERT INTO personal.profile (bucket, member_id, programme_id, wrapped_key, sealed, updated_at)
VALUES ($2, $3, $1, $4, $5, $6)
ON CONFLICT (bucket, member_id) DO UPDATE
SET
  wrapped_key = excluded.wrapped_key,
  sealed = excluded.sealed,
  updated_at = excluded.updated_at;

-- name: contacts
-- Read a member's sealed identities, the oldest first.
SELECT key_hash, kind, sealed, created_at
FROM personal.contact
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1
ORDER BY created_at, key_hash;

-- name: keep_contact
-- Write a sealed identity.
INSERT INTO personal.contact (bucket, member_id, key_hash, programme_id, kind, sealed, created_at)
VALUES ($2, $3, $4, $1, $5, $6, $7)
ON CONFLICT (bucket, member_id, key_hash) DO UPDATE
SET sealed = excluded.sealed;

-- name: drop_contact
-- Delete a sealed identity.
DELETE FROM personal.contact
WHERE bucket = $2
  AND member_id = $3
  AND key_hash = $4
  AND programme_id = $1;

-- name: erase_contacts
-- Delete all that would show a member's identities.
DELETE FROM personal.contact
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1;

-- name: erase_profile
-- Delete a member's profile, and with its key the means to read a copy of it.
DELETE FROM personal.profile
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1;
