-- name: find
-- Find the voucher that a code is for.
SELECT member_id, voucher_id
FROM code_claim
WHERE bucket = $1
  AND programme_id = $2
  AND key_hash = $3;

-- name: fill
-- Add the codes that a pool does not have yet, numbered on from those that it has.
INSERT INTO pool_code (bucket, programme_id, pool, number, key_hash, sealed)
SELECT $1, $2, $3, present.size + row_number() OVER (ORDER BY new.place) - 1, new.key_hash, new.sealed
FROM json_to_recordset($4::json) AS new (place integer, key_hash bytea, sealed bytea)
CROSS JOIN (
  SELECT coalesce(max(number) + 1, 0) AS size
  FROM pool_code
  WHERE bucket = $1
    AND programme_id = $2
    AND pool = $3
) AS present
WHERE NOT EXISTS (
  SELECT
  FROM pool_code
  WHERE pool_code.bucket = $1
    AND pool_code.programme_id = $2
    AND pool_code.pool = $3
    AND pool_code.key_hash = new.key_hash
)
RETURNING number;

-- name: size
-- Count the codes of a pool.
SELECT coalesce(max(number) + 1, 0)
FROM pool_code
WHERE bucket = $1
  AND programme_id = $2
  AND pool = $3;

-- name: grow
-- Say how many codes a pool has, where decisions ask for it; it never shrinks.
INSERT INTO shared_counter AS known (bucket, programme_id, name, used, taken)
VALUES ($1, $2, $3, $4, 0)
ON CONFLICT (bucket, programme_id, name) DO UPDATE
SET used = greatest(known.used, excluded.used);

-- name: code
-- Read a code of a pool by its number.
SELECT sealed
FROM pool_code
WHERE bucket = $1
  AND programme_id = $2
  AND pool = $3
  AND number = $4;

-- name: number
-- Read the number of a code in a pool.
SELECT number
FROM pool_code
WHERE bucket = $1
  AND programme_id = $2
  AND pool = $3
  AND key_hash = $4;
