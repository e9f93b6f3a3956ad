-- name: append
-- Write down who did what.
INSERT INTO audit_entry (entry_id, programme_id, at, actor, action, subject, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: page
-- Read a page of who did what, the latest first.
SELECT entry_id, programme_id, at, actor, action, subject, detail
FROM audit_entry
WHERE programme_id = $1
  AND entry_id < $2
ORDER BY entry_id DESC
LIMIT $3;

-- name: unsealed
-- Read entries that are not in the chain yet, the oldest first.
SELECT
  audit_entry.entry_id, audit_entry.programme_id, audit_entry.at, audit_entry.actor, audit_entry.action,
  audit_entry.subject, audit_entry.detail
FROM audit_entry
WHERE NOT EXISTS (SELECT FROM audit_seal WHERE audit_seal.entry_id = audit_entry.entry_id)
ORDER BY audit_entry.entry_id
LIMIT $1;

-- name: head
-- Read the last link of the chain.
SELECT number, entry_id, previous_hash, hash, sealed_at
FROM audit_seal
ORDER BY number DESC
LIMIT 1;

-- name: seal
-- Add a link to the chain.
INSERT INTO audit_seal (number, entry_id, previous_hash, hash, sealed_at)
VALUES ($1, $2, $3, $4, $5);

-- name: chain
-- Read the chain with its entries from the first link on.
SELECT
  audit_seal.number, audit_seal.previous_hash, audit_seal.hash, audit_seal.sealed_at,
  audit_entry.entry_id, audit_entry.programme_id, audit_entry.at, audit_entry.actor, audit_entry.action,
  audit_entry.subject, audit_entry.detail
FROM audit_seal
JOIN audit_entry ON audit_entry.entry_id = audit_seal.entry_id
ORDER BY audit_seal.number;
