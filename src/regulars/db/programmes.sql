-- name: add
-- Make a programme, unless there is one of the name.
INSERT INTO programme (programme_id, name, created_at)
VALUES ($1, $2, $3)
ON CONFLICT (programme_id) DO NOTHING;

-- name: every
-- List the programmes.
SELECT programme_id, name, created_at
FROM programme
ORDER BY programme_id;

-- name: add_version
-- Add a version, unless somebody else was quicker.
INSERT INTO programme_version (programme_id, version, document, starts_at, applied_at, applied_by, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (programme_id, version) DO NOTHING
RETURNING version;

-- name: in_force
-- Read the version that counts for what happens at an instant.
SELECT programme_id, version, document, starts_at, applied_at, applied_by, sha256
FROM programme_version
WHERE programme_id = $1
  AND starts_at <= $2
ORDER BY starts_at DESC, version DESC
LIMIT 1;

-- name: next_to_start
-- Read the first version that comes into force after an instant; of several at once, the newest.
SELECT programme_id, version, document, starts_at, applied_at, applied_by, sha256
FROM programme_version
WHERE programme_id = $1
  AND starts_at > $2
ORDER BY starts_at, version DESC
LIMIT 1;

-- name: newest
-- Read the number of the newest version.
SELECT version
FROM programme_version
WHERE programme_id = $1
ORDER BY version DESC
LIMIT 1;

-- name: version
-- Read one version.
SELECT programme_id, version, document, starts_at, applied_at, applied_by, sha256
FROM programme_version
WHERE programme_id = $1
  AND version = $2;

-- name: history
-- Read all versions, the newest first.
SELECT programme_id, version, document, starts_at, applied_at, applied_by, sha256
FROM programme_version
WHERE programme_id = $1
ORDER BY version DESC;
