-- name: resolve
-- Find the members that identities belong to.
SELECT
  identity.key_hash,
  identity.member_id
FROM json_to_recordset($2::json) AS wanted (bucket integer, key_hash bytea)
JOIN identity
  ON identity.bucket = wanted.bucket
  AND identity.programme_id = $1
  AND identity.key_hash = wanted.key_hash
-- The range lets the planner expect few rows, so that it looks each of them up instead of reading all there are.
WHERE wanted.bucket BETWEEN 0 AND 9999;

-- name: load
-- Read all that the engine needs of each member of a batch, as the JSON of `Loaded`; nothing of strangers.
SELECT json_build_object(
  'state', json_build_object(
    'member_id', wanted.member_id,
    'version', coalesce(member.version, 0),
    'standing', coalesce(member.standing, 'unknown'),
    'merged_into', member.merged_into,
    'enrolled_at', member.enrolled_at,
    'attributes', coalesce(member.attributes, '{}'),
    'lots', (
      SELECT coalesce(
        json_agg(
          json_build_object(
            'id', lot.lot_id,
            'origin_id', lot.origin_id,
            'event_id', lot.event_id,
            'wallet', lot.wallet,
            'amount', lot.amount,
            'remaining', lot.remaining,
            'held', lot.held,
            'lapsed', lot.lapsed,
            'lapsed_at', lot.lapsed_at,
            'matured', lot.matured,
            'earned_at', lot.earned_at,
            'available_at', lot.available_at,
            'expires_at', lot.expires_at
          )
          ORDER BY lot.lot_id
        ),
        '[]'
      )
      FROM lot
      WHERE lot.bucket = member.bucket
        AND lot.member_id = member.member_id
        AND lot.is_open
    ),
    'holds', (
      SELECT coalesce(
        json_agg(
          json_build_object(
            'id', hold.hold_id,
            'wallet', hold.wallet,
            'parts', hold.parts,
            'expires_at', hold.expires_at
          )
          ORDER BY hold.hold_id
        ),
        '[]'
      )
      FROM hold
      WHERE hold.bucket = member.bucket
        AND hold.member_id = member.member_id
        AND hold.state = 'open'
    ),
    'wallets', (
      SELECT coalesce(
        json_object_agg(
          wallet_state.wallet,
          json_build_object('debt', wallet_state.debt, 'active_until', wallet_state.active_until)
        ),
        '{}'
      )
      FROM wallet_state
      WHERE wallet_state.bucket = member.bucket
        AND wallet_state.member_id = member.member_id
    ),
    'counters', (
      SELECT coalesce(json_object_agg(counter.name, counter.value), '{}')
      FROM counter
      WHERE counter.bucket = member.bucket
        AND counter.member_id = member.member_id
        AND (counter.until IS NULL OR counter.until > wanted.since)
    ),
    'orders', (
      SELECT coalesce(json_object_agg(order_record.order_id, order_record.record), '{}')
      FROM order_record
      WHERE order_record.bucket = member.bucket
        AND order_record.member_id = member.member_id
        AND order_record.order_id = ANY (wanted.orders)
    ),
    'spends', (
      SELECT coalesce(json_object_agg(spend_record.event_id, spend_record.record), '{}')
      FROM spend_record
      WHERE spend_record.bucket = member.bucket
        AND spend_record.member_id = member.member_id
        AND spend_record.event_id = ANY (wanted.spends)
    ),
    'days', CASE
      WHEN wanted.days_from IS NULL THEN '{}'
      ELSE (
        SELECT coalesce(json_object_agg(member_day.day, member_day.facts), '{}')
        FROM member_day
        WHERE member_day.bucket = member.bucket
          AND member_day.member_id = member.member_id
          AND member_day.day >= wanted.days_from
      )
    END,
    'tiers', CASE
      WHEN NOT member.has_benefits THEN '{}'
      ELSE (
        SELECT coalesce(json_object_agg(member_tier.tier_set, member_tier.record), '{}')
        FROM member_tier
        WHERE member_tier.bucket = member.bucket
          AND member_tier.member_id = member.member_id
      )
    END,
    'vouchers', CASE
      WHEN NOT member.has_benefits THEN '{}'
      ELSE (
        SELECT coalesce(json_object_agg(voucher.voucher_id, voucher.record), '{}')
        FROM (
          SELECT voucher.voucher_id
          FROM voucher
          WHERE voucher.bucket = member.bucket
            AND voucher.member_id = member.member_id
            AND voucher.state IN ('reserved', 'issued')
          UNION
          SELECT voucher.voucher_id
          FROM voucher
          WHERE voucher.bucket = member.bucket
            AND voucher.member_id = member.member_id
            AND voucher.order_id = ANY (wanted.orders)
          UNION
          SELECT voucher.voucher_id
          FROM voucher
          WHERE voucher.bucket = member.bucket
            AND voucher.member_id = member.member_id
            AND wanted.all_vouchers
          UNION
          SELECT named.voucher_id
          FROM unnest(wanted.vouchers) AS named (voucher_id)
        ) AS asked
        CROSS JOIN LATERAL (
          SELECT voucher.voucher_id, voucher.record
          FROM voucher
          WHERE voucher.bucket = member.bucket
            AND voucher.member_id = member.member_id
            AND voucher.voucher_id = asked.voucher_id
          LIMIT 1
        ) AS voucher
      )
    END,
    'lists', CASE
      WHEN NOT member.has_benefits THEN '[]'
      ELSE (
        SELECT coalesce(json_agg(member_list.name ORDER BY member_list.name), '[]')
        FROM member_list
        WHERE member_list.bucket = member.bucket
          AND member_list.member_id = member.member_id
      )
    END
  ),
  'absorbed', to_json(coalesce(member.absorbed, '{}')),
  'closed_lots', (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'id', lot.lot_id,
          'origin_id', lot.origin_id,
          'event_id', lot.event_id,
          'wallet', lot.wallet,
          'amount', lot.amount,
          'remaining', lot.remaining,
          'held', lot.held,
          'lapsed', lot.lapsed,
          'lapsed_at', lot.lapsed_at,
          'matured', lot.matured,
          'earned_at', lot.earned_at,
          'available_at', lot.available_at,
          'expires_at', lot.expires_at
        )
        ORDER BY lot.lot_id
      ),
      '[]'
    )
    FROM (
      SELECT part.lot_id
      FROM spend_record
      CROSS JOIN LATERAL jsonb_to_recordset(spend_record.record -> 'parts') AS part (lot_id uuid)
      WHERE spend_record.bucket = member.bucket
        AND spend_record.member_id = member.member_id
        AND spend_record.event_id = ANY (wanted.spends)
      UNION
      SELECT lot.lot_id
      FROM lot
      WHERE lot.bucket = member.bucket
        AND lot.member_id = member.member_id
        AND lot.lapsed_at > wanted.lapsed_after
      UNION
      SELECT part.lot_id
      FROM voucher
      CROSS JOIN LATERAL jsonb_to_recordset(voucher.record -> 'parts') AS part (lot_id uuid)
      WHERE voucher.bucket = member.bucket
        AND voucher.member_id = member.member_id
        AND voucher.voucher_id = ANY (wanted.vouchers)
        AND member.has_benefits
      UNION
      SELECT part.lot_id
      FROM voucher
      CROSS JOIN LATERAL jsonb_to_recordset(voucher.record -> 'parts') AS part (lot_id uuid)
      WHERE voucher.bucket = member.bucket
        AND voucher.member_id = member.member_id
        AND voucher.order_id = ANY (wanted.orders)
        AND member.has_benefits
    ) AS closed
    CROSS JOIN LATERAL (
      SELECT
        lot.lot_id, lot.origin_id, lot.event_id, lot.wallet, lot.amount, lot.remaining, lot.held, lot.lapsed,
        lot.lapsed_at, lot.matured, lot.earned_at, lot.available_at, lot.expires_at
      FROM lot
      WHERE lot.bucket = member.bucket
        AND lot.member_id = member.member_id
        AND lot.lot_id = closed.lot_id
        AND NOT lot.is_open
      LIMIT 1
    ) AS lot
  ),
  'recorded', (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'event_id', event.event_id,
          'member_id', event.member_id,
          'source', event.source,
          'source_id', event.source_id,
          'type', event.type,
          'answer', event.answer
        )
      ),
      '[]'
    )
    FROM unnest(wanted.sources, wanted.source_ids, wanted.types) AS told (source, source_id, type)
    CROSS JOIN LATERAL (
      -- With LIMIT each key is looked up, whatever the planner thinks of reading all there is.
      SELECT event.event_id, event.member_id, event.source, event.source_id, event.type, event.answer
      FROM event
      WHERE event.bucket = member.bucket
        AND event.member_id = member.member_id
        AND event.source = told.source
        AND event.source_id = told.source_id
        AND event.type = told.type
      LIMIT 1
    ) AS event
  )
)
FROM json_to_recordset($2::json) AS wanted (
  bucket integer,
  member_id uuid,
  since date,
  lapsed_after timestamptz,
  orders text[],
  spends uuid[],
  days_from date,
  vouchers uuid[],
  all_vouchers boolean,
  sources text[],
  source_ids text[],
  types text[]
)
LEFT JOIN member
  ON member.bucket = wanted.bucket
  AND member.member_id = wanted.member_id
  AND member.programme_id = $1
WHERE wanted.bucket BETWEEN 0 AND 9999;

-- name: load_recorded
-- Read the events that were told of a merged member before.
SELECT
  event.event_id,
  event.member_id,
  event.source,
  event.source_id,
  event.type,
  event.answer
FROM json_to_recordset($2::json) AS wanted (
  bucket integer, member_id uuid, source text, source_id text, type text
)
JOIN event
  ON event.bucket = wanted.bucket
  AND event.member_id = wanted.member_id
  AND event.source = wanted.source
  AND event.source_id = wanted.source_id
  AND event.type = wanted.type
WHERE event.programme_id = $1
  AND wanted.bucket BETWEEN 0 AND 9999;

-- name: load_orders
-- Read the records of orders that a merged member left behind.
SELECT
  order_record.member_id,
  order_record.record
FROM json_to_recordset($2::json) AS wanted (bucket integer, member_id uuid, orders text[])
JOIN order_record
  ON order_record.bucket = wanted.bucket
  AND order_record.member_id = wanted.member_id
WHERE order_record.programme_id = $1
  AND wanted.bucket BETWEEN 0 AND 9999
  AND order_record.order_id = ANY (wanted.orders);

-- name: load_spends
-- Read the records of spends that a merged member left behind.
SELECT
  spend_record.record
FROM json_to_recordset($2::json) AS wanted (bucket integer, member_id uuid, spends uuid[])
JOIN spend_record
  ON spend_record.bucket = wanted.bucket
  AND spend_record.member_id = wanted.member_id
WHERE spend_record.programme_id = $1
  AND wanted.bucket BETWEEN 0 AND 9999
  AND spend_record.event_id = ANY (wanted.spends);

-- name: absorbed
-- Name the members that were merged into members.
SELECT
  member.member_id,
  member.absorbed
FROM json_to_recordset($2::json) AS wanted (bucket integer, member_id uuid)
JOIN member
  ON member.bucket = wanted.bucket
  AND member.member_id = wanted.member_id
WHERE member.programme_id = $1
  AND wanted.bucket BETWEEN 0 AND 9999;

-- name: survivors
-- Name the members that members were merged into.
SELECT
  member.member_id,
  member.merged_into
FROM json_to_recordset($2::json) AS wanted (bucket integer, member_id uuid)
JOIN member
  ON member.bucket = wanted.bucket
  AND member.member_id = wanted.member_id
WHERE member.programme_id = $1
  AND wanted.bucket BETWEEN 0 AND 9999
  AND member.merged_into IS NOT NULL;

-- name: exists
-- Tell whether anything is recorded of a member.
SELECT 1
FROM member
WHERE bucket = $1
  AND member_id = $2
  AND programme_id = $3;
