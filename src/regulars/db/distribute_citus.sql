-- Spread an installation over a Citus cluster: run once, on the coordinator, as the owner, after
-- `regulars` has migrated the database and before or after there is data in it.
--
--   psql --single-transaction --set=ON_ERROR_STOP=1 --file=distribute_citus.sql
--
-- Then set REGULARS_ONE_BUCKET=1 for every process, so that no transaction writes two buckets.
-- 64 shards are even for any number of workers that is a power of two up to 64 (docs/decisions/0003); shards can
-- be moved between workers later, but splitting them is more work, so have more of them than machines.
-- The audit trail and the list of migrations stay on the coordinator: they are small, and one chain.

-- What every machine reads and nobody writes often.
SELECT create_reference_table('programme');
SELECT create_reference_table('programme_version');
SELECT create_reference_table('api_key');

-- Members, and all that is theirs, beside them.
SELECT create_distributed_table('member', 'bucket', shard_count => 64, colocate_with => 'none');
SELECT create_distributed_table('wallet_state', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('lot', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('posting', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('event', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('counter', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('order_record', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('spend_record', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('hold', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('member_day', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('member_tier', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('voucher', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('member_list', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('outbox', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('personal.profile', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('personal.contact', 'bucket', colocate_with => 'member');

-- Claims, in the bucket of the key that is claimed.
SELECT create_distributed_table('identity', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('order_claim', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('idempotency', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('code_claim', 'bucket', colocate_with => 'member');

-- What members share, in the bucket of its name.
SELECT create_distributed_table('shared_counter', 'bucket', colocate_with => 'member');
SELECT create_distributed_table('pool_code', 'bucket', colocate_with => 'member');
