-- name: identities
-- Read every identity with whom it leads to.
SELECT key_hash, kind, member_id, event_id, created_at
FROM identity
WHERE programme_id = $1
ORDER BY bucket, programme_id, key_hash;

-- name: profiles
-- Read every member's wrapped key and sealed profile.
SELECT member_id, wrapped_key, sealed, updated_at
FROM personal.profile
WHERE programme_id = $1
ORDER BY bucket, member_id;

-- name: contacts
-- Read every sealed identity.
SELECT member_id, key_hash, kind, sealed, created_at
FROM personal.contact
WHERE programme_id = $1
ORDER BY bucket, member_id, key_hash;

-- name: codes
-- Read to which voucher every code leads.
SELECT key_hash, member_id, voucher_id, created_at
FROM code_claim
WHERE programme_id = $1
ORDER BY bucket, programme_id, key_hash;

-- name: pool_codes
-- Read the codes of all pools, in their order.
SELECT pool, number, key_hash, sealed
FROM pool_code
WHERE programme_id = $1
ORDER BY pool, number;

-- name: audit
-- Read who did what, each entry with its link in the chain where it has one.
SELECT
  audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.action, audit_entry.subject,
  audit_entry.detail, audit_seal.number, audit_seal.previous_hash, audit_seal.hash, audit_seal.sealed_at
FROM audit_entry
LEFT JOIN audit_seal ON audit_seal.entry_id = audit_entry.entry_id
WHERE audit_entry.programme_id = $1
ORDER BY audit_entry.entry_id;
