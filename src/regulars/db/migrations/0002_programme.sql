-- What a programme gives beside points, what it counts by the day, and what its members share.

-- Buckets are few by design.
-- squawk-ignore-file prefer-bigint-over-int, prefer-bigint-over-smallint

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Members ------------------------------------------------------------------------------------------------

-- Whether there ever were vouchers, tiers or lists of the member: only then does loading it look for them.
ALTER TABLE member ADD COLUMN has_benefits boolean NOT NULL DEFAULT false;

-- What the decision saw of what members share, so that it can be made again, and what it claimed, so that the
-- claims can be added up; both by name, and null where there is nothing.
ALTER TABLE event ADD COLUMN seen jsonb;
ALTER TABLE event ADD COLUMN claimed jsonb;

-- What happened on a local day, by name: purchases, money spent, points earned.
CREATE TABLE member_day (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  day date NOT NULL,
  programme_id text NOT NULL,
  facts jsonb NOT NULL,
  CONSTRAINT member_day_pk PRIMARY KEY (bucket, member_id, day)
) WITH (fillfactor = 80);

-- Where a member stands in a set of tiers: `level` until `until` (exclusive, null for ever), empty before the first
-- one. At `next_at` the clock has something to tell. `record` is all that the engine remembers of it.
CREATE TABLE member_tier (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  tier_set text NOT NULL,
  programme_id text NOT NULL,
  level text NOT NULL,
  until timestamptz,
  next_at timestamptz,
  record jsonb NOT NULL,
  CONSTRAINT member_tier_pk PRIMARY KEY (bucket, member_id, tier_set)
) WITH (fillfactor = 80);

CREATE INDEX member_tier_due ON member_tier (next_at) WHERE next_at IS NOT NULL;

-- Rewards in members' hands. At `due_at` the clock ends the voucher or its reservation. `record` is all that the
-- engine remembers of it: what was paid, and what was taken of what members share, so that both can go back.
CREATE TABLE voucher (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  voucher_id uuid NOT NULL,
  programme_id text NOT NULL,
  reward text NOT NULL,
  state text NOT NULL,
  event_id uuid NOT NULL,
  order_id text,
  valid_until timestamptz,
  due_at timestamptz,
  record jsonb NOT NULL,
  CONSTRAINT voucher_pk PRIMARY KEY (bucket, member_id, voucher_id),
  CONSTRAINT voucher_state_known CHECK (
    state IN ('reserved', 'issued', 'redeemed', 'returned', 'expired', 'cancelled', 'moved')
  ),
  CONSTRAINT voucher_due_while_open CHECK (due_at IS NULL OR state IN ('reserved', 'issued'))
) WITH (fillfactor = 80);

CREATE INDEX voucher_open ON voucher (bucket, member_id) WHERE state IN ('reserved', 'issued');
CREATE INDEX voucher_of_order ON voucher (bucket, member_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX voucher_due ON voucher (due_at) WHERE due_at IS NOT NULL;

-- The static lists that a member is on.
CREATE TABLE member_list (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  name text NOT NULL,
  programme_id text NOT NULL,
  CONSTRAINT member_list_pk PRIMARY KEY (bucket, member_id, name)
);

-- What members share, in the bucket of the name's hash ---------------------------------------------------

-- How much of a budget, of stock, of seats or of a pool is used, and how much there was when something was last
-- taken of it; null where there is no end. Two processes may each want the last piece: the one that comes second
-- breaks a constraint, and with it everything that it would have written. `taken` is what the last claim took, and
-- `seen` what it thought was used before, where it had to be right: who takes a number takes that very one.
CREATE TABLE shared_counter (
  bucket integer NOT NULL,
  programme_id text NOT NULL,
  name text NOT NULL,
  used bigint NOT NULL,
  most bigint,
  taken bigint NOT NULL,
  seen bigint,
  CONSTRAINT shared_counter_pk PRIMARY KEY (bucket, programme_id, name),
  CONSTRAINT shared_counter_used_in_range CHECK (used >= 0 AND used <= most),
  CONSTRAINT shared_counter_number_is_next CHECK (seen + taken = used)
) WITH (fillfactor = 50);

-- Whose voucher a code is. The code itself is kept nowhere: it follows from the voucher, or is in its pool.
CREATE TABLE code_claim (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  voucher_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT code_claim_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT code_claim_hash_is_long CHECK (octet_length(key_hash) BETWEEN 16 AND 64)
);

-- Codes that others made, sealed, numbered from zero in the bucket of the pool's name, and each of them once.
CREATE TABLE pool_code (
  bucket integer NOT NULL,
  programme_id text NOT NULL,
  pool text NOT NULL,
  number bigint NOT NULL,
  key_hash bytea NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT pool_code_pk PRIMARY KEY (bucket, programme_id, pool, number),
  CONSTRAINT pool_code_once UNIQUE (bucket, programme_id, pool, key_hash),
  CONSTRAINT pool_code_counts_from_zero CHECK (number >= 0),
  CONSTRAINT pool_code_hash_is_long CHECK (octet_length(key_hash) BETWEEN 16 AND 64)
);

-- What the planner must know -----------------------------------------------------------------------------

CREATE STATISTICS member_day_by_member (dependencies) ON bucket, member_id FROM member_day;
CREATE STATISTICS member_tier_by_member (dependencies) ON bucket, member_id FROM member_tier;
CREATE STATISTICS voucher_by_member (dependencies) ON bucket, member_id FROM voucher;
CREATE STATISTICS member_list_by_member (dependencies) ON bucket, member_id FROM member_list;

-- Who may do what ----------------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON member_day, member_tier, voucher, shared_counter TO regulars_app;
GRANT SELECT, INSERT, DELETE ON member_list TO regulars_app;
GRANT SELECT, INSERT ON code_claim, pool_code TO regulars_app;
GRANT SELECT ON member_day, member_tier, voucher, member_list, shared_counter, code_claim TO regulars_reader;
