-- name: used
-- Read how much is used of all that a programme's members share.
SELECT name, used
FROM shared_counter
WHERE programme_id = $1
ORDER BY name;

-- name: used_of
-- Read how much is used of what is named.
SELECT
  shared_counter.programme_id,
  shared_counter.name,
  shared_counter.used
FROM json_to_recordset($1::json) AS wanted (bucket integer, programme_id text, name text)
JOIN shared_counter
  ON shared_counter.bucket = wanted.bucket
  AND shared_counter.programme_id = wanted.programme_id
  AND shared_counter.name = wanted.name
WHERE wanted.bucket BETWEEN 0 AND 9999;
