-- name: events_have_their_programme
-- Every event was decided by a version of its programme that had begun when it happened.
SELECT event.member_id, event.event_id, event.programme_version, event.occurred_at, programme_version.starts_at
FROM event
LEFT JOIN programme_version
  ON programme_version.programme_id = event.programme_id
  AND programme_version.version = event.programme_version
WHERE programme_version.starts_at IS NULL
  OR programme_version.starts_at > event.occurred_at;

-- name: documents_are_as_applied
-- A version's document is the one that was applied, by its SHA-256, and versions are numbered without a gap.
SELECT programme_id, version, applied_at
FROM (
  SELECT
    programme_id, version, applied_at, document, sha256,
    row_number() OVER (PARTITION BY programme_id ORDER BY version) AS place
  FROM programme_version
) AS applied
WHERE version <> place
  OR sha256(convert_to(document, 'UTF8')) <> sha256;

-- name: ledger_is_append_only
-- The application may neither change nor delete what is recorded.
SELECT ledger.name AS place, may.what
FROM unnest(ARRAY['posting', 'event', 'audit_entry', 'audit_seal', 'order_claim', 'programme_version']) AS ledger (name)
CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS may (what)
WHERE has_table_privilege('regulars_app', ledger.name, may.what);

-- name: commits_are_durable
-- PostgreSQL is set up so that what it acknowledged survives a crash.
SELECT name, setting
FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
  AND setting NOT IN ('on', 'remote_write', 'remote_apply');

-- name: audit_chain_is_whole
-- Every link of the audit chain follows from the one before, without a gap.
SELECT number, entry_id
FROM (
  SELECT number, entry_id, previous_hash, lag(number) OVER walk AS number_before, lag(hash) OVER walk AS hash_before
  FROM audit_seal
  WINDOW walk AS (ORDER BY number)
) AS link
WHERE number <> coalesce(number_before, 0) + 1
  OR (hash_before IS NOT NULL AND previous_hash <> hash_before);
