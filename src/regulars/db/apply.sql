-- name: record_events
-- Record what happened; the unique version makes a decision on a stale state fail, and the whole batch with it.
INSERT INTO event (
  bucket, member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop,
  associate, member_version, programme_version, body, answer, seen, claimed
)
SELECT
  bucket, member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop,
  associate, member_version, programme_version, body, answer, seen, claimed
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, event_id uuid, programme_id text, type text, source text, source_id text,
  occurred_at timestamptz, recorded_at timestamptz, channel text, shop text, associate text,
  member_version bigint, programme_version integer, body json, answer text, seen jsonb, claimed jsonb
);

-- name: begin_members
-- Begin memberships.
INSERT INTO member (
  bucket, member_id, programme_id, version, standing, merged_into, absorbed, enrolled_at, channel, shop,
  enrolled_by, attributes, has_benefits
)
SELECT
  bucket, member_id, programme_id, version, standing, merged_into, absorbed, enrolled_at, channel, shop,
  enrolled_by, attributes, has_benefits
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, programme_id text, version bigint, standing text, merged_into uuid,
  absorbed uuid[], enrolled_at timestamptz, channel text, shop text, enrolled_by text, attributes jsonb,
  has_benefits boolean
);

-- name: move_members
-- Move members on to their new version; what is null did not change.
UPDATE member
SET
  version = new.version,
  standing = new.standing,
  merged_into = new.merged_into,
  absorbed = CASE WHEN new.absorbed IS NULL THEN member.absorbed ELSE member.absorbed || new.absorbed END,
  enrolled_at = new.enrolled_at,
  attributes = coalesce(new.attributes, member.attributes),
  has_benefits = member.has_benefits OR new.has_benefits
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, version bigint, standing text, merged_into uuid, absorbed uuid[],
  enrolled_at timestamptz, attributes jsonb, has_benefits boolean
)
WHERE member.bucket = new.bucket
  AND member.member_id = new.member_id;

-- name: open_lots
-- Open lots, as the batch leaves them.
INSERT INTO lot (
  bucket, member_id, lot_id, programme_id, wallet, origin_id, event_id, amount, remaining, held, lapsed, lapsed_at,
  matured, earned_at, available_at, expires_at
)
SELECT
  bucket, member_id, lot_id, programme_id, wallet, origin_id, event_id, amount, remaining, held, lapsed, lapsed_at,
  matured, earned_at, available_at, expires_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, lot_id uuid, programme_id text, wallet text, origin_id uuid, event_id uuid,
  amount bigint, remaining bigint, held bigint, lapsed bigint, lapsed_at timestamptz, matured boolean,
  earned_at timestamptz, available_at timestamptz, expires_at timestamptz
);

-- name: move_lots
-- Write what is left of lots.
UPDATE lot
SET
  remaining = new.remaining,
  held = new.held,
  lapsed = new.lapsed,
  lapsed_at = new.lapsed_at,
  matured = new.matured
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, lot_id uuid, remaining bigint, held bigint, lapsed bigint, lapsed_at timestamptz,
  matured boolean
)
WHERE lot.bucket = new.bucket
  AND lot.member_id = new.member_id
  AND lot.lot_id = new.lot_id;

-- name: post
-- Write the ledger.
INSERT INTO posting (
  bucket, member_id, event_id, number, programme_id, wallet, kind, source, target, amount, lot_id, at,
  recorded_at
)
SELECT
  bucket, member_id, event_id, number, programme_id, wallet, kind, source, target, amount, lot_id, at,
  recorded_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, event_id uuid, number smallint, programme_id text, wallet text, kind text,
  source text, target text, amount bigint, lot_id uuid, at timestamptz, recorded_at timestamptz
);

-- name: count
-- Move counters by what was counted.
INSERT INTO counter AS known (bucket, member_id, name, programme_id, value, until)
SELECT bucket, member_id, name, programme_id, value, until
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, name text, programme_id text, value bigint, until date
)
ON CONFLICT (bucket, member_id, name) DO UPDATE
SET
  value = known.value + excluded.value,
  until = excluded.until;

-- name: keep_wallets
-- Write what wallets remember beside their lots.
INSERT INTO wallet_state (bucket, member_id, wallet, programme_id, debt, active_until)
SELECT bucket, member_id, wallet, programme_id, debt, active_until
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, wallet text, programme_id text, debt bigint, active_until timestamptz
)
ON CONFLICT (bucket, member_id, wallet) DO UPDATE
SET
  debt = excluded.debt,
  active_until = excluded.active_until;

-- name: keep_orders
-- Write what returns of orders will need.
INSERT INTO order_record (bucket, member_id, order_id, programme_id, event_id, record)
SELECT bucket, member_id, order_id, programme_id, event_id, record
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, order_id text, programme_id text, event_id uuid, record json
)
ON CONFLICT (bucket, member_id, order_id) DO UPDATE
SET
  event_id = excluded.event_id,
  record = excluded.record;

-- name: keep_spends
-- Write what undoing spends will need.
INSERT INTO spend_record (bucket, member_id, event_id, programme_id, record)
SELECT bucket, member_id, event_id, programme_id, record
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, event_id uuid, programme_id text, record jsonb
)
ON CONFLICT (bucket, member_id, event_id) DO UPDATE
SET record = excluded.record;

-- name: open_holds
-- Reserve points, as the batch leaves them.
INSERT INTO hold (bucket, member_id, hold_id, programme_id, wallet, amount, expires_at, parts, state)
SELECT bucket, member_id, hold_id, programme_id, wallet, amount, expires_at, parts, state
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, hold_id uuid, programme_id text, wallet text, amount bigint,
  expires_at timestamptz, parts jsonb, state text
);

-- name: close_holds
-- End reservations.
UPDATE hold
SET state = 'closed'
FROM json_to_recordset($1::json) AS new (bucket integer, member_id uuid, hold_id uuid)
WHERE hold.bucket = new.bucket
  AND hold.member_id = new.member_id
  AND hold.hold_id = new.hold_id;

-- name: count_days
-- Add what was counted to the days it was counted on; whoever counts for the same member meanwhile is stale.
INSERT INTO member_day (bucket, member_id, day, programme_id, facts)
SELECT bucket, member_id, day, programme_id, jsonb_object_agg(name, value)
FROM (
  SELECT new.bucket, new.member_id, new.day, new.programme_id, fact.name, sum(fact.value::bigint) AS value
  FROM json_to_recordset($1::json) AS new (bucket integer, member_id uuid, day date, programme_id text, facts jsonb)
  LEFT JOIN member_day AS known
    ON known.bucket = new.bucket
    AND known.member_id = new.member_id
    AND known.day = new.day
  CROSS JOIN LATERAL (
    SELECT key, value
    FROM jsonb_each_text(new.facts)
    UNION ALL
    SELECT key, value
    FROM jsonb_each_text(known.facts)
  ) AS fact (name, value)
  GROUP BY new.bucket, new.member_id, new.day, new.programme_id, fact.name
) AS counted
GROUP BY bucket, member_id, day, programme_id
ON CONFLICT (bucket, member_id, day) DO UPDATE
SET facts = excluded.facts;

-- name: keep_tiers
-- Write where members stand in sets of tiers.
INSERT INTO member_tier (bucket, member_id, tier_set, programme_id, level, until, next_at, record)
SELECT bucket, member_id, tier_set, programme_id, level, until, next_at, record
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, tier_set text, programme_id text, level text, until timestamptz,
  next_at timestamptz, record jsonb
)
ON CONFLICT (bucket, member_id, tier_set) DO UPDATE
SET
  level = excluded.level,
  until = excluded.until,
  next_at = excluded.next_at,
  record = excluded.record;

-- name: keep_vouchers
-- Write vouchers, as the batch leaves them.
INSERT INTO voucher (
  bucket, member_id, voucher_id, programme_id, reward, state, event_id, order_id, valid_until, due_at, record
)
SELECT bucket, member_id, voucher_id, programme_id, reward, state, event_id, order_id, valid_until, due_at, record
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, voucher_id uuid, programme_id text, reward text, state text, event_id uuid,
  order_id text, valid_until timestamptz, due_at timestamptz, record jsonb
)
ON CONFLICT (bucket, member_id, voucher_id) DO UPDATE
SET
  state = excluded.state,
  order_id = excluded.order_id,
  valid_until = excluded.valid_until,
  due_at = excluded.due_at,
  record = excluded.record;

-- name: put_on_lists
-- Put members on lists.
INSERT INTO member_list (bucket, member_id, name, programme_id)
SELECT bucket, member_id, name, programme_id
FROM json_to_recordset($1::json) AS new (bucket integer, member_id uuid, name text, programme_id text)
ON CONFLICT (bucket, member_id, name) DO NOTHING;

-- name: take_off_lists
-- Take members off lists.
DELETE FROM member_list
USING json_to_recordset($1::json) AS new (bucket integer, member_id uuid, name text)
WHERE member_list.bucket = new.bucket
  AND member_list.member_id = new.member_id
  AND member_list.name = new.name;

-- name: send_out
-- Leave messages to be sent.
INSERT INTO outbox (
  bucket, member_id, event_id, number, programme_id, topic, body, to_member, occurred_at, created_at,
  next_attempt_at
)
SELECT
  bucket, member_id, event_id, number, programme_id, topic, body, to_member, occurred_at, created_at,
  created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, event_id uuid, number smallint, programme_id text, topic text, body jsonb,
  to_member uuid, occurred_at timestamptz, created_at timestamptz
);

-- name: claim_identities
-- Let identities belong to members.
INSERT INTO identity (
  bucket, key_hash, programme_id, kind, member_bucket, member_id, event_id, created_at
)
SELECT bucket, key_hash, programme_id, kind, member_bucket, member_id, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, kind text, member_bucket integer, member_id uuid,
  event_id uuid, created_at timestamptz
);

-- name: claim_orders
-- Let orders belong to members.
INSERT INTO order_claim (bucket, key_hash, programme_id, member_bucket, member_id, event_id, created_at)
SELECT bucket, key_hash, programme_id, member_bucket, member_id, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, member_bucket integer, member_id uuid, event_id uuid,
  created_at timestamptz
);

-- name: claim_codes
-- Let codes lead to vouchers.
INSERT INTO code_claim (bucket, key_hash, programme_id, member_bucket, member_id, voucher_id, created_at)
SELECT bucket, key_hash, programme_id, member_bucket, member_id, voucher_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, member_bucket integer, member_id uuid, voucher_id uuid,
  created_at timestamptz
)
ON CONFLICT (bucket, programme_id, key_hash) DO NOTHING;

-- name: move_identities
-- Let identities that lead to closed memberships lead to the survivors; who led them on already is left alone.
UPDATE identity
SET
  member_bucket = new.member_bucket,
  member_id = new.member_id
FROM json_to_recordset($1::json) AS new (
  bucket integer, key_hash bytea, programme_id text, member_bucket integer, member_id uuid, closed uuid[]
)
WHERE identity.bucket = new.bucket
  AND identity.programme_id = new.programme_id
  AND identity.key_hash = new.key_hash
  AND identity.member_id = ANY (new.closed);

-- name: keep_profiles
-- Write sealed profiles.
INSERT INTO personal.profile (bucket, member_id, programme_id, wrapped_key, sealed, updated_at)
SELECT bucket, member_id, programme_id, wrapped_key, sealed, updated_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, programme_id text, wrapped_key bytea, sealed bytea, updated_at timestamptz
)
ON CONFLICT (bucket, member_id) DO UPDATE
SET
  wrapped_key = excluded.wrapped_key,
  sealed = excluded.sealed,
  updated_at = excluded.updated_at;

-- name: keep_contacts
-- Write sealed identities, so that they can be shown again.
INSERT INTO personal.contact (bucket, member_id, key_hash, programme_id, kind, sealed, created_at)
SELECT bucket, member_id, key_hash, programme_id, kind, sealed, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, member_id uuid, key_hash bytea, programme_id text, kind text, sealed bytea,
  created_at timestamptz
);

-- name: keep_answers
-- Keep what clients were answered under their idempotency keys.
INSERT INTO idempotency (
  bucket, programme_id, client, key, fingerprint, status, event_bucket, event_id, created_at
)
SELECT bucket, programme_id, client, key, fingerprint, status, event_bucket, event_id, created_at
FROM json_to_recordset($1::json) AS new (
  bucket integer, programme_id text, client uuid, key text, fingerprint bytea, status smallint,
  event_bucket integer, event_id uuid, created_at timestamptz
);

-- name: claim_shared
-- Take of what members share, or give back; constraints hold as long as there is enough of it, and numbers are next.
INSERT INTO shared_counter AS known (bucket, programme_id, name, used, most, taken, seen)
SELECT
  new.bucket, new.programme_id, new.name,
  -- A row has to keep the constraints even where it only brings another one up to date.
  CASE
    WHEN new.seen < 0 OR new.seen > 0 AND before.used IS NULL THEN -1
    ELSE greatest(coalesce(new.seen, 0) + new.taken, 0)
  END,
  CASE WHEN new.taken > 0 THEN new.most END,
  new.taken,
  new.seen
FROM json_to_recordset($1::json) AS new (
  bucket integer, programme_id text, name text, most bigint, taken bigint, seen bigint
)
LEFT JOIN shared_counter AS before
  ON before.bucket = new.bucket
  AND before.programme_id = new.programme_id
  AND before.name = new.name
ON CONFLICT (bucket, programme_id, name) DO UPDATE
SET
  used = known.used + excluded.taken,
  most = CASE WHEN excluded.taken > 0 THEN excluded.most ELSE known.most END,
  taken = excluded.taken,
  seen = excluded.seen;
