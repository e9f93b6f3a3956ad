-- Made by `python -m regulars.db.schema`: what the migrations add up to. Do not edit.

CREATE SCHEMA personal;

CREATE TABLE api_key (
  key_id uuid NOT NULL,
  programme_id text NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  CONSTRAINT api_key_pk PRIMARY KEY (key_id),
  CONSTRAINT api_key_expires_later CHECK ((expires_at > created_at)),
  CONSTRAINT api_key_of_programme FOREIGN KEY (programme_id) REFERENCES programme(programme_id),
  CONSTRAINT api_key_secret_once UNIQUE (secret_hash)
);
GRANT INSERT, SELECT, UPDATE ON api_key TO regulars_app;

CREATE TABLE audit_entry (
  entry_id uuid NOT NULL,
  programme_id text NOT NULL,
  at timestamp with time zone NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL,
  CONSTRAINT audit_entry_pk PRIMARY KEY (entry_id)
);
GRANT INSERT, SELECT ON audit_entry TO regulars_app;
GRANT SELECT ON audit_entry TO regulars_reader;

CREATE TABLE audit_seal (
  number bigint NOT NULL,
  entry_id uuid NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamp with time zone NOT NULL,
  CONSTRAINT audit_seal_pk PRIMARY KEY (number),
  CONSTRAINT audit_seal_counts_from_one CHECK ((number >= 1)),
  CONSTRAINT audit_seal_of_entry FOREIGN KEY (entry_id) REFERENCES audit_entry(entry_id),
  CONSTRAINT audit_seal_entry_once UNIQUE (entry_id)
);
GRANT INSERT, SELECT ON audit_seal TO regulars_app;
GRANT SELECT ON audit_seal TO regulars_reader;

CREATE TABLE code_claim (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  voucher_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT code_claim_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT code_claim_hash_is_long CHECK (((octet_length(key_hash) >= 16) AND (octet_length(key_hash) <= 64)))
);
GRANT INSERT, SELECT ON code_claim TO regulars_app;
GRANT SELECT ON code_claim TO regulars_reader;

CREATE TABLE counter (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  name text NOT NULL,
  programme_id text NOT NULL,
  value bigint NOT NULL,
  until date,
  CONSTRAINT counter_pk PRIMARY KEY (bucket, member_id, name)
) WITH (fillfactor=80);
GRANT DELETE, INSERT, SELECT, UPDATE ON counter TO regulars_app;
GRANT SELECT ON counter TO regulars_reader;

CREATE TABLE event (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  programme_id text NOT NULL,
  type text NOT NULL,
  source text NOT NULL,
  source_id text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  channel text NOT NULL,
  shop text NOT NULL,
  associate text NOT NULL,
  member_version bigint NOT NULL,
  programme_version integer NOT NULL,
  body json NOT NULL,
  answer text NOT NULL,
  seen jsonb,
  claimed jsonb,
  CONSTRAINT event_pk PRIMARY KEY (bucket, event_id),
  CONSTRAINT event_version_counts_from_one CHECK ((member_version >= 1)),
  CONSTRAINT event_follows_its_predecessor UNIQUE (bucket, member_id, member_version),
  CONSTRAINT event_told_once UNIQUE (bucket, member_id, source, source_id, type)
);
CREATE INDEX event_timeline ON public.event USING btree (bucket, member_id, occurred_at, event_id);
GRANT INSERT, SELECT ON event TO regulars_app;
GRANT SELECT ON event TO regulars_reader;

CREATE TABLE hold (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  programme_id text NOT NULL,
  wallet text NOT NULL,
  amount bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  parts jsonb NOT NULL,
  state text NOT NULL,
  CONSTRAINT hold_pk PRIMARY KEY (bucket, member_id, hold_id),
  CONSTRAINT hold_amount_in_range CHECK (((amount >= 1) AND (amount <= '9007199254740991'::bigint))),
  CONSTRAINT hold_state_known CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE INDEX hold_due ON public.hold USING btree (expires_at) WHERE (state = 'open'::text);
CREATE INDEX hold_open ON public.hold USING btree (bucket, member_id) WHERE (state = 'open'::text);
GRANT INSERT, SELECT, UPDATE ON hold TO regulars_app;
GRANT SELECT ON hold TO regulars_reader;

CREATE TABLE idempotency (
  bucket integer NOT NULL,
  programme_id text NOT NULL,
  client uuid NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status smallint NOT NULL,
  body text,
  event_bucket integer,
  event_id uuid,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_pk PRIMARY KEY (bucket, programme_id, client, key),
  CONSTRAINT idempotency_event_has_a_bucket CHECK ((num_nulls(event_bucket, event_id) <> 1)),
  CONSTRAINT idempotency_has_one_answer CHECK ((num_nonnulls(body, event_id) = CASE WHEN (status = 0) THEN 0
    ELSE 1 END))
);
CREATE INDEX idempotency_age ON public.idempotency USING brin (created_at);
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency TO regulars_app;

CREATE TABLE identity (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  kind text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT identity_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT identity_hash_is_long CHECK (((octet_length(key_hash) >= 16) AND (octet_length(key_hash) <= 64)))
);
CREATE INDEX identity_of_member ON public.identity USING btree (member_id);
GRANT DELETE, INSERT, SELECT, UPDATE ON identity TO regulars_app;
GRANT SELECT ON identity TO regulars_reader;

CREATE TABLE lot (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  lot_id uuid NOT NULL,
  programme_id text NOT NULL,
  wallet text NOT NULL,
  origin_id uuid NOT NULL,
  event_id uuid NOT NULL,
  amount bigint NOT NULL,
  remaining bigint NOT NULL,
  held bigint NOT NULL,
  lapsed bigint NOT NULL,
  lapsed_at timestamp with time zone,
  matured boolean NOT NULL,
  earned_at timestamp with time zone NOT NULL,
  available_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  is_open boolean NOT NULL GENERATED ALWAYS AS ((remaining > 0)) STORED,
  due_at timestamp with time zone GENERATED ALWAYS AS (CASE WHEN (remaining = 0) THEN NULL::timestamp with time zone WHEN (NOT matured) THEN LEAST(available_at, expires_at) WHEN (remaining > held) THEN expires_at ELSE NULL::timestamp with time zone END) STORED,
  CONSTRAINT lot_pk PRIMARY KEY (bucket, member_id, lot_id),
  CONSTRAINT lot_amount_in_range CHECK (((amount >= 1) AND (amount <= '9007199254740991'::bigint))),
  CONSTRAINT lot_held_in_range CHECK (((held >= 0) AND (held <= remaining))),
  CONSTRAINT lot_lapsed_at_an_instant CHECK (((lapsed > 0) = (lapsed_at IS NOT NULL))),
  CONSTRAINT lot_lapsed_in_range CHECK (((lapsed >= 0) AND (lapsed <= (amount - remaining)))),
  CONSTRAINT lot_remaining_in_range CHECK (((remaining >= 0) AND (remaining <= amount)))
) WITH (fillfactor=80);
CREATE INDEX lot_due ON public.lot USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX lot_lapsed ON public.lot USING btree (bucket, member_id, lapsed_at) WHERE (lapsed_at IS NOT NULL);
CREATE INDEX lot_open ON public.lot USING btree (bucket, member_id) WHERE is_open;
GRANT INSERT, SELECT, UPDATE ON lot TO regulars_app;
GRANT SELECT ON lot TO regulars_reader;

CREATE TABLE member (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  programme_id text NOT NULL,
  version bigint NOT NULL,
  standing text NOT NULL,
  merged_into uuid,
  absorbed uuid[] NOT NULL DEFAULT '{}'::uuid[],
  enrolled_at timestamp with time zone NOT NULL,
  channel text NOT NULL,
  shop text NOT NULL,
  enrolled_by text NOT NULL,
  attributes jsonb NOT NULL,
  has_benefits boolean NOT NULL DEFAULT false,
  CONSTRAINT member_pk PRIMARY KEY (bucket, member_id),
  CONSTRAINT member_merged_into_another CHECK (((standing = 'merged'::text) = (merged_into IS NOT NULL))),
  CONSTRAINT member_not_merged_into_itself CHECK ((merged_into <> member_id)),
  CONSTRAINT member_standing_known CHECK ((standing = ANY (ARRAY['active'::text, 'merged'::text]))),
  CONSTRAINT member_version_counts_from_one CHECK ((version >= 1))
) WITH (fillfactor=80);
GRANT INSERT, SELECT, UPDATE ON member TO regulars_app;
GRANT SELECT ON member TO regulars_reader;

CREATE TABLE member_day (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  day date NOT NULL,
  programme_id text NOT NULL,
  facts jsonb NOT NULL,
  CONSTRAINT member_day_pk PRIMARY KEY (bucket, member_id, day)
) WITH (fillfactor=80);
GRANT INSERT, SELECT, UPDATE ON member_day TO regulars_app;
GRANT SELECT ON member_day TO regulars_reader;

CREATE TABLE member_list (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  name text NOT NULL,
  programme_id text NOT NULL,
  CONSTRAINT member_list_pk PRIMARY KEY (bucket, member_id, name)
);
GRANT DELETE, INSERT, SELECT ON member_list TO regulars_app;
GRANT SELECT ON member_list TO regulars_reader;

CREATE TABLE member_tier (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  tier_set text NOT NULL,
  programme_id text NOT NULL,
  level text NOT NULL,
  until timestamp with time zone,
  next_at timestamp with time zone,
  record jsonb NOT NULL,
  CONSTRAINT member_tier_pk PRIMARY KEY (bucket, member_id, tier_set)
) WITH (fillfactor=80);
CREATE INDEX member_tier_due ON public.member_tier USING btree (next_at) WHERE (next_at IS NOT NULL);
GRANT INSERT, SELECT, UPDATE ON member_tier TO regulars_app;
GRANT SELECT ON member_tier TO regulars_reader;

CREATE TABLE order_claim (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT order_claim_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT order_claim_hash_is_long CHECK (((octet_length(key_hash) >= 16) AND (octet_length(key_hash) <=
    64)))
);
GRANT INSERT, SELECT ON order_claim TO regulars_app;
GRANT SELECT ON order_claim TO regulars_reader;

CREATE TABLE order_record (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  order_id text NOT NULL,
  programme_id text NOT NULL,
  event_id uuid,
  record json NOT NULL,
  CONSTRAINT order_record_pk PRIMARY KEY (bucket, member_id, order_id)
);
GRANT INSERT, SELECT, UPDATE ON order_record TO regulars_app;
GRANT SELECT ON order_record TO regulars_reader;

CREATE TABLE outbox (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  number smallint NOT NULL,
  programme_id text NOT NULL,
  topic text NOT NULL,
  body jsonb NOT NULL,
  to_member uuid,
  occurred_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL,
  last_error text,
  delivered_at timestamp with time zone,
  given_up_at timestamp with time zone,
  CONSTRAINT outbox_pk PRIMARY KEY (bucket, member_id, event_id, number),
  CONSTRAINT outbox_ends_once CHECK (((delivered_at IS NULL) OR (given_up_at IS NULL)))
) WITH (fillfactor=80);
CREATE INDEX outbox_waiting ON public.outbox USING btree (next_attempt_at) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));
GRANT DELETE, INSERT, SELECT, UPDATE ON outbox TO regulars_app;
GRANT SELECT ON outbox TO regulars_reader;

CREATE TABLE pool_code (
  bucket integer NOT NULL,
  programme_id text NOT NULL,
  pool text NOT NULL,
  number bigint NOT NULL,
  key_hash bytea NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT pool_code_pk PRIMARY KEY (bucket, programme_id, pool, number),
  CONSTRAINT pool_code_counts_from_zero CHECK ((number >= 0)),
  CONSTRAINT pool_code_hash_is_long CHECK (((octet_length(key_hash) >= 16) AND (octet_length(key_hash) <= 64))),
  CONSTRAINT pool_code_once UNIQUE (bucket, programme_id, pool, key_hash)
);
GRANT INSERT, SELECT ON pool_code TO regulars_app;

CREATE TABLE posting (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  number smallint NOT NULL,
  programme_id text NOT NULL,
  wallet text NOT NULL,
  kind text NOT NULL,
  source text NOT NULL,
  target text NOT NULL,
  amount bigint NOT NULL,
  lot_id uuid,
  at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT posting_pk PRIMARY KEY (bucket, member_id, event_id, number),
  CONSTRAINT posting_accounts_known CHECK (((source = ANY (ARRAY['available'::text, 'pending'::text,
    'held'::text, 'debt'::text, 'issued'::text, 'spent'::text, 'expired'::text, 'adjusted'::text,
    'transit'::text])) AND (target = ANY (ARRAY['available'::text, 'pending'::text, 'held'::text,
    'debt'::text, 'issued'::text, 'spent'::text, 'expired'::text, 'adjusted'::text, 'transit'::text])))),
  CONSTRAINT posting_amount_in_range CHECK (((amount >= 1) AND (amount <= '9007199254740991'::bigint))),
  CONSTRAINT posting_between_two_accounts CHECK ((source <> target)),
  CONSTRAINT posting_without_lot_is_debt CHECK (((lot_id IS NOT NULL) OR (('debt'::text = source) OR
    ('debt'::text = target))))
);
GRANT INSERT, SELECT ON posting TO regulars_app;
GRANT SELECT ON posting TO regulars_reader;

CREATE TABLE programme (
  programme_id text NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT programme_pk PRIMARY KEY (programme_id),
  CONSTRAINT programme_id_is_a_name CHECK ((programme_id ~ '^[a-z][a-z0-9_-]{0,62}$'::text))
);
GRANT INSERT, SELECT ON programme TO regulars_app;
GRANT SELECT ON programme TO regulars_reader;

CREATE TABLE programme_version (
  programme_id text NOT NULL,
  version integer NOT NULL,
  document text NOT NULL,
  starts_at timestamp with time zone NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  applied_by text NOT NULL,
  sha256 bytea NOT NULL,
  CONSTRAINT programme_version_pk PRIMARY KEY (programme_id, version),
  CONSTRAINT programme_version_counts_from_one CHECK ((version >= 1)),
  CONSTRAINT programme_version_sha256_is_whole CHECK ((octet_length(sha256) = 32)),
  CONSTRAINT programme_version_of_programme FOREIGN KEY (programme_id) REFERENCES programme(programme_id)
);
GRANT INSERT, SELECT ON programme_version TO regulars_app;
GRANT SELECT ON programme_version TO regulars_reader;

CREATE TABLE schema_migration (
  number integer NOT NULL,
  name text NOT NULL,
  sha256 bytea NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT schema_migration_pk PRIMARY KEY (number)
);

CREATE TABLE shared_counter (
  bucket integer NOT NULL,
  programme_id text NOT NULL,
  name text NOT NULL,
  used bigint NOT NULL,
  most bigint,
  taken bigint NOT NULL,
  seen bigint,
  CONSTRAINT shared_counter_pk PRIMARY KEY (bucket, programme_id, name),
  CONSTRAINT shared_counter_number_is_next CHECK (((seen + taken) = used)),
  CONSTRAINT shared_counter_used_in_range CHECK (((used >= 0) AND (used <= most)))
) WITH (fillfactor=50);
GRANT INSERT, SELECT, UPDATE ON shared_counter TO regulars_app;
GRANT SELECT ON shared_counter TO regulars_reader;

CREATE TABLE spend_record (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  programme_id text NOT NULL,
  record jsonb NOT NULL,
  CONSTRAINT spend_record_pk PRIMARY KEY (bucket, member_id, event_id)
);
GRANT INSERT, SELECT, UPDATE ON spend_record TO regulars_app;
GRANT SELECT ON spend_record TO regulars_reader;

CREATE TABLE voucher (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  voucher_id uuid NOT NULL,
  programme_id text NOT NULL,
  reward text NOT NULL,
  state text NOT NULL,
  event_id uuid NOT NULL,
  order_id text,
  valid_until timestamp with time zone,
  due_at timestamp with time zone,
  record jsonb NOT NULL,
  CONSTRAINT voucher_pk PRIMARY KEY (bucket, member_id, voucher_id),
  CONSTRAINT voucher_due_while_open CHECK (((due_at IS NULL) OR (state = ANY (ARRAY['reserved'::text,
    'issued'::text])))),
  CONSTRAINT voucher_state_known CHECK ((state = ANY (ARRAY['reserved'::text, 'issued'::text, 'redeemed'::text,
    'returned'::text, 'expired'::text, 'cancelled'::text, 'moved'::text])))
) WITH (fillfactor=80);
CREATE INDEX voucher_due ON public.voucher USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX voucher_of_order ON public.voucher USING btree (bucket, member_id, order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX voucher_open ON public.voucher USING btree (bucket, member_id) WHERE (state = ANY (ARRAY['reserved'::text, 'issued'::text]));
GRANT INSERT, SELECT, UPDATE ON voucher TO regulars_app;
GRANT SELECT ON voucher TO regulars_reader;

CREATE TABLE wallet_state (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  wallet text NOT NULL,
  programme_id text NOT NULL,
  debt bigint NOT NULL,
  active_until timestamp with time zone,
  CONSTRAINT wallet_state_pk PRIMARY KEY (bucket, member_id, wallet),
  CONSTRAINT wallet_state_debt_in_range CHECK (((debt >= 0) AND (debt <= '9007199254740991'::bigint)))
) WITH (fillfactor=80);
CREATE INDEX wallet_state_due ON public.wallet_state USING btree (active_until) WHERE (active_until IS NOT NULL);
GRANT INSERT, SELECT, UPDATE ON wallet_state TO regulars_app;
GRANT SELECT ON wallet_state TO regulars_reader;

CREATE TABLE personal.contact (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  kind text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT contact_pk PRIMARY KEY (bucket, member_id, key_hash)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON personal.contact TO regulars_app;

CREATE TABLE personal.profile (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  programme_id text NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT profile_pk PRIMARY KEY (bucket, member_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON personal.profile TO regulars_app;
