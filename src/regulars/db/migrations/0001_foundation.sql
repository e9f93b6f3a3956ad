-- The foundation: programmes and keys, members with their points, the event log, claims, outbox and audit.
--
-- Every table of members starts with (bucket, member_id) and has the bucket first in its keys, so that it
-- can be distributed by bucket (docs/decisions/0003). There are no foreign keys between them, and no CHECK
-- that a bucket is the one of the member's id: `regulars verify` checks both. A foreign key costs the hot path
-- a look-up a row, and PostgreSQL reads a CHECK with 256 numbers anew for each statement, which was a third of
-- the cost of an event.
-- Points are whole numbers of the wallet's smallest unit, and no number of them passes 2^53 - 1, the
-- largest that every JSON reader takes exactly.

-- Buckets, versions of a programme and numbers within an event are few by design.
-- squawk-ignore-file prefer-bigint-over-int, prefer-bigint-over-smallint

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- What a brand runs --------------------------------------------------------------------------------------

CREATE TABLE programme (
  programme_id text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT programme_pk PRIMARY KEY (programme_id),
  CONSTRAINT programme_id_is_a_name CHECK (programme_id ~ '^[a-z][a-z0-9_-]{0,62}$')
);

-- One document as it was applied. In force for what happened from `starts_at` on, until a later version.
CREATE TABLE programme_version (
  programme_id text NOT NULL,
  version integer NOT NULL,
  document text NOT NULL,
  starts_at timestamptz NOT NULL,
  applied_at timestamptz NOT NULL,
  applied_by text NOT NULL,
  sha256 bytea NOT NULL,
  CONSTRAINT programme_version_pk PRIMARY KEY (programme_id, version),
  CONSTRAINT programme_version_of_programme FOREIGN KEY (programme_id) REFERENCES programme (programme_id),
  CONSTRAINT programme_version_counts_from_one CHECK (version >= 1),
  CONSTRAINT programme_version_sha256_is_whole CHECK (octet_length(sha256) = 32)
);

-- What lets a system in. The secret itself is never kept.
CREATE TABLE api_key (
  key_id uuid NOT NULL,
  programme_id text NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT api_key_pk PRIMARY KEY (key_id),
  CONSTRAINT api_key_secret_once UNIQUE (secret_hash),
  CONSTRAINT api_key_of_programme FOREIGN KEY (programme_id) REFERENCES programme (programme_id),
  CONSTRAINT api_key_expires_later CHECK (expires_at > created_at)
);

-- Who did what. Entries are only ever added; the sealer chains them afterwards, in the order of `number`.
CREATE TABLE audit_entry (
  entry_id uuid NOT NULL,
  programme_id text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL,
  CONSTRAINT audit_entry_pk PRIMARY KEY (entry_id)
);

CREATE TABLE audit_seal (
  number bigint NOT NULL,
  entry_id uuid NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  CONSTRAINT audit_seal_pk PRIMARY KEY (number),
  CONSTRAINT audit_seal_entry_once UNIQUE (entry_id),
  CONSTRAINT audit_seal_of_entry FOREIGN KEY (entry_id) REFERENCES audit_entry (entry_id),
  CONSTRAINT audit_seal_counts_from_one CHECK (number >= 1)
);

-- Members and their points -------------------------------------------------------------------------------

-- `version` counts the events of the member. `absorbed` are the memberships that were merged into this one.
CREATE TABLE member (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  programme_id text NOT NULL,
  version bigint NOT NULL,
  standing text NOT NULL,
  merged_into uuid,
  absorbed uuid[] NOT NULL DEFAULT '{}',
  enrolled_at timestamptz NOT NULL,
  channel text NOT NULL,
  shop text NOT NULL,
  enrolled_by text NOT NULL,
  attributes jsonb NOT NULL,
  CONSTRAINT member_pk PRIMARY KEY (bucket, member_id),
  CONSTRAINT member_version_counts_from_one CHECK (version >= 1),
  CONSTRAINT member_standing_known CHECK (standing IN ('active', 'merged')),
  CONSTRAINT member_merged_into_another CHECK ((standing = 'merged') = (merged_into IS NOT NULL)),
  CONSTRAINT member_not_merged_into_itself CHECK (merged_into <> member_id)
) WITH (fillfactor = 80);

CREATE TABLE wallet_state (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  wallet text NOT NULL,
  programme_id text NOT NULL,
  debt bigint NOT NULL,
  active_until timestamptz,
  CONSTRAINT wallet_state_pk PRIMARY KEY (bucket, member_id, wallet),
  CONSTRAINT wallet_state_debt_in_range CHECK (debt BETWEEN 0 AND 9007199254740991)
) WITH (fillfactor = 80);

CREATE INDEX wallet_state_due ON wallet_state (active_until) WHERE active_until IS NOT NULL;

-- `is_open` and `due_at` are there for the indexes: they stay as they are while a lot is spent in part,
-- so that PostgreSQL can update the row without touching an index. `due_at` is the next instant at which
-- the clock alone moves the lot's points. `lapsed` has expired, at `lapsed_at`: returns and activities that are
-- heard of late ask for it.
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
  lapsed_at timestamptz,
  matured boolean NOT NULL,
  earned_at timestamptz NOT NULL,
  available_at timestamptz NOT NULL,
  expires_at timestamptz,
  is_open boolean NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED,
  due_at timestamptz GENERATED ALWAYS AS (
    CASE
      WHEN remaining = 0 THEN NULL
      WHEN NOT matured THEN LEAST(available_at, expires_at)
      WHEN remaining > held THEN expires_at
    END
  ) STORED,
  CONSTRAINT lot_pk PRIMARY KEY (bucket, member_id, lot_id),
  CONSTRAINT lot_amount_in_range CHECK (amount BETWEEN 1 AND 9007199254740991),
  CONSTRAINT lot_remaining_in_range CHECK (remaining BETWEEN 0 AND amount),
  CONSTRAINT lot_held_in_range CHECK (held BETWEEN 0 AND remaining),
  CONSTRAINT lot_lapsed_in_range CHECK (lapsed BETWEEN 0 AND amount - remaining),
  CONSTRAINT lot_lapsed_at_an_instant CHECK ((lapsed > 0) = (lapsed_at IS NOT NULL))
) WITH (fillfactor = 80);

CREATE INDEX lot_open ON lot (bucket, member_id) WHERE is_open;
CREATE INDEX lot_lapsed ON lot (bucket, member_id, lapsed_at) WHERE lapsed_at IS NOT NULL;
CREATE INDEX lot_due ON lot (due_at) WHERE due_at IS NOT NULL;

-- The ledger: what one account loses another gains. Nothing in it is changed or deleted.
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
  at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT posting_pk PRIMARY KEY (bucket, member_id, event_id, number),
  CONSTRAINT posting_amount_in_range CHECK (amount BETWEEN 1 AND 9007199254740991),
  CONSTRAINT posting_between_two_accounts CHECK (source <> target),
  CONSTRAINT posting_accounts_known CHECK (
    source IN ('available', 'pending', 'held', 'debt', 'issued', 'spent', 'expired', 'adjusted', 'transit')
    AND target IN ('available', 'pending', 'held', 'debt', 'issued', 'spent', 'expired', 'adjusted', 'transit')
  ),
  CONSTRAINT posting_without_lot_is_debt CHECK (lot_id IS NOT NULL OR 'debt' IN (source, target))
);

-- Everything that happened, in the order in which it was decided. `member_version` is the member's version
-- after it: it is unique, so of two decisions on the same state only one can be recorded.
-- `answer` is what the sender was told, byte for byte. `body` stays the text that it is: taking it apart would
-- cost more than all the rest of the row, and nobody looks into it while a member waits.
CREATE TABLE event (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  programme_id text NOT NULL,
  type text NOT NULL,
  source text NOT NULL,
  source_id text NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  channel text NOT NULL,
  shop text NOT NULL,
  associate text NOT NULL,
  member_version bigint NOT NULL,
  programme_version integer NOT NULL,
  body json NOT NULL,
  answer text NOT NULL,
  CONSTRAINT event_pk PRIMARY KEY (bucket, event_id),
  CONSTRAINT event_follows_its_predecessor UNIQUE (bucket, member_id, member_version),
  CONSTRAINT event_told_once UNIQUE (bucket, member_id, source, source_id, type),
  CONSTRAINT event_version_counts_from_one CHECK (member_version >= 1)
);

CREATE INDEX event_timeline ON event (bucket, member_id, occurred_at, event_id);

-- How often, or how much; from the day `until` on nobody asks any more.
CREATE TABLE counter (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  name text NOT NULL,
  programme_id text NOT NULL,
  value bigint NOT NULL,
  until date,
  CONSTRAINT counter_pk PRIMARY KEY (bucket, member_id, name)
) WITH (fillfactor = 80);

-- What returns of an order need to know.
CREATE TABLE order_record (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  order_id text NOT NULL,
  programme_id text NOT NULL,
  event_id uuid,
  record json NOT NULL,
  CONSTRAINT order_record_pk PRIMARY KEY (bucket, member_id, order_id)
);

-- What undoing a spend needs to know.
CREATE TABLE spend_record (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  programme_id text NOT NULL,
  record jsonb NOT NULL,
  CONSTRAINT spend_record_pk PRIMARY KEY (bucket, member_id, event_id)
);

-- Reserved points. `parts` says how much of which lot.
CREATE TABLE hold (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  programme_id text NOT NULL,
  wallet text NOT NULL,
  amount bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  parts jsonb NOT NULL,
  state text NOT NULL,
  CONSTRAINT hold_pk PRIMARY KEY (bucket, member_id, hold_id),
  CONSTRAINT hold_amount_in_range CHECK (amount BETWEEN 1 AND 9007199254740991),
  CONSTRAINT hold_state_known CHECK (state IN ('open', 'closed'))
);

CREATE INDEX hold_open ON hold (bucket, member_id) WHERE state = 'open';
CREATE INDEX hold_due ON hold (expires_at) WHERE state = 'open';

-- What is to be sent: to the world under a topic, or to another member as an event of the type `topic`.
-- Whoever takes a message moves `next_attempt_at` on, so that a taker that dies leaves it to the next one.
CREATE TABLE outbox (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  number smallint NOT NULL,
  programme_id text NOT NULL,
  topic text NOT NULL,
  body jsonb NOT NULL,
  to_member uuid,
  occurred_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  last_error text,
  delivered_at timestamptz,
  given_up_at timestamptz,
  CONSTRAINT outbox_pk PRIMARY KEY (bucket, member_id, event_id, number),
  CONSTRAINT outbox_ends_once CHECK (delivered_at IS NULL OR given_up_at IS NULL)
) WITH (fillfactor = 80);

CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- Claims: what must be unique over everybody, in the bucket of the key's hash ----------------------------

CREATE TABLE identity (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  kind text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT identity_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT identity_hash_is_long CHECK (octet_length(key_hash) BETWEEN 16 AND 64)
);

CREATE INDEX identity_of_member ON identity (member_id);

CREATE TABLE order_claim (
  bucket integer NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  member_bucket integer NOT NULL,
  member_id uuid NOT NULL,
  event_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT order_claim_pk PRIMARY KEY (bucket, programme_id, key_hash),
  CONSTRAINT order_claim_hash_is_long CHECK (octet_length(key_hash) BETWEEN 16 AND 64)
);

-- What a client was answered under an idempotency key: the answer itself, or the event that holds it. A key
-- is claimed before the work and answered after it, in one transaction: nobody else ever sees status 0.
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
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotency_pk PRIMARY KEY (bucket, programme_id, client, key),
  CONSTRAINT idempotency_has_one_answer CHECK (
    num_nonnulls(body, event_id) = CASE WHEN status = 0 THEN 0 ELSE 1 END
  ),
  CONSTRAINT idempotency_event_has_a_bucket CHECK (num_nulls(event_bucket, event_id) <> 1)
);

-- Rows come in the order of time, so a few pages of index find those that are old enough to go.
CREATE INDEX idempotency_age ON idempotency USING brin (created_at);

-- Personal data: sealed, and nowhere else ----------------------------------------------------------------

CREATE SCHEMA personal;

-- `wrapped_key` is the member's own key under the master key: without it nothing here can be read again.
CREATE TABLE personal.profile (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  programme_id text NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea,
  updated_at timestamptz NOT NULL,
  CONSTRAINT profile_pk PRIMARY KEY (bucket, member_id)
);

-- An identity so that it can be shown again, beside the hash by which it is found.
CREATE TABLE personal.contact (
  bucket integer NOT NULL,
  member_id uuid NOT NULL,
  key_hash bytea NOT NULL,
  programme_id text NOT NULL,
  kind text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT contact_pk PRIMARY KEY (bucket, member_id, key_hash)
);

-- What the planner must know: the member decides the bucket. It would multiply the two selectivities, think that
-- any index on (bucket, member_id) finds one row, and read all events of a member to find one by its key.

CREATE STATISTICS wallet_state_by_member (dependencies) ON bucket, member_id FROM wallet_state;
CREATE STATISTICS lot_by_member (dependencies) ON bucket, member_id FROM lot;
CREATE STATISTICS posting_by_member (dependencies) ON bucket, member_id FROM posting;
CREATE STATISTICS event_by_member (dependencies) ON bucket, member_id FROM event;
CREATE STATISTICS counter_by_member (dependencies) ON bucket, member_id FROM counter;
CREATE STATISTICS order_record_by_member (dependencies) ON bucket, member_id FROM order_record;
CREATE STATISTICS spend_record_by_member (dependencies) ON bucket, member_id FROM spend_record;
CREATE STATISTICS hold_by_member (dependencies) ON bucket, member_id FROM hold;
CREATE STATISTICS outbox_by_member (dependencies) ON bucket, member_id FROM outbox;

-- Who may do what ----------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA personal TO regulars_app;
GRANT SELECT, INSERT ON programme, programme_version TO regulars_app;
GRANT SELECT, INSERT ON audit_entry, audit_seal, posting, event, order_claim TO regulars_app;
GRANT SELECT, INSERT, UPDATE ON api_key, member, wallet_state, lot, order_record, spend_record, hold TO regulars_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON counter, outbox, identity, idempotency TO regulars_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON personal.profile, personal.contact TO regulars_app;
GRANT SELECT ON
  programme, programme_version, audit_entry, audit_seal, member, wallet_state, lot, posting, event, counter,
  order_record, spend_record, hold, outbox, identity, order_claim
  TO regulars_reader;
