-- name: shared_things_are_used_as_claimed
-- What is used of budgets, stock, seats and pools is what events claimed of them, less what they gave back.
SELECT programme_id, name, sum(used) AS used, sum(claimed) AS claimed
FROM (
  SELECT programme_id, name, used, 0 AS claimed
  FROM shared_counter
  WHERE name NOT LIKE 'pool/%/size'
  UNION ALL
  SELECT event.programme_id, claim.key, 0, claim.value::bigint
  FROM event
  CROSS JOIN LATERAL jsonb_each_text(event.claimed) AS claim
  WHERE event.claimed IS NOT NULL
) AS entry
GROUP BY programme_id, name
HAVING sum(used) <> sum(claimed);

-- name: pools_are_numbered_without_a_gap
-- The codes of a pool are numbered from zero without a gap, in one bucket, and decisions count on no more of them.
SELECT programme_id, pool, count(number) AS codes, max(number) AS last, max(known) AS known
FROM (
  SELECT bucket, programme_id, pool, number, NULL::bigint AS known
  FROM pool_code
  UNION ALL
  SELECT NULL, programme_id, substring(name FROM '^pool/(.*)/size$'), NULL, used
  FROM shared_counter
  WHERE name LIKE 'pool/%/size'
) AS entry
GROUP BY programme_id, pool
HAVING count(number) <> coalesce(max(number) + 1, 0)
  OR count(DISTINCT bucket) > 1
  OR max(known) > count(number);

-- name: codes_of_pools_are_given_once
-- Each code of a pool is in one voucher at most.
SELECT programme_id, pool, number, array_agg(voucher_id) AS vouchers
FROM (
  SELECT
    voucher.programme_id, split_part(claim.name, '/', 2) AS pool, voucher.record ->> 'number' AS number,
    voucher.voucher_id
  FROM voucher
  CROSS JOIN LATERAL jsonb_object_keys(voucher.record -> 'claims') AS claim (name)
  WHERE voucher.record ->> 'number' IS NOT NULL
    AND claim.name LIKE 'pool/%'
    AND voucher.state <> 'moved'
) AS given
GROUP BY programme_id, pool, number
HAVING count(DISTINCT voucher_id) > 1;

-- name: codes_lead_to_vouchers
-- A code leads to a voucher that its member has, or had before a merge.
SELECT member_id, voucher_id, sum(codes) AS codes
FROM (
  SELECT member_bucket, member_id, voucher_id, 1 AS codes, 0 AS vouchers
  FROM code_claim
  UNION ALL
  SELECT bucket, member_id, voucher_id, 0, 1
  FROM voucher
) AS entry
GROUP BY member_bucket, member_id, voucher_id
HAVING sum(codes) > 0
  AND sum(vouchers) <> 1;
