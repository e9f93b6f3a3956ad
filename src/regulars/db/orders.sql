-- name: owners
-- Name the members by whose events orders were claimed.
SELECT
  order_claim.key_hash,
  order_claim.member_id
FROM json_to_recordset($2::json) AS wanted (bucket integer, key_hash bytea)
JOIN order_claim
  ON order_claim.bucket = wanted.bucket
  AND order_claim.programme_id = $1
  AND order_claim.key_hash = wanted.key_hash
WHERE wanted.bucket BETWEEN 0 AND 9999;
