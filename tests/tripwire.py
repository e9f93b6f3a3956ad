"""The two-bucket tripwire: test-only triggers that abort a transaction which writes two buckets.

On Citus such a transaction needs a two-phase commit over two machines. Arm a database with `arm`, and run
what is to run there with REGULARS_ONE_BUCKET.
"""

import asyncpg

_BUCKETED = """
SELECT pg_namespace.nspname || '.' || pg_class.relname
FROM pg_attribute
JOIN pg_class ON pg_class.oid = pg_attribute.attrelid
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_attribute.attname = 'bucket'
  AND pg_class.relkind = 'r'
  AND pg_namespace.nspname IN ('public', 'personal')
ORDER BY 1
"""

# The bucket that a transaction has written is kept in a setting that ends with the transaction.
_FUNCTION = """
CREATE OR REPLACE FUNCTION public.tripwire() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $function$
DECLARE
  written text;
  known text := current_setting('tripwire.bucket', true);
BEGIN
  FOR written IN SELECT DISTINCT rows.bucket::text FROM rows LOOP
    IF known <> '' AND known <> written THEN
      RAISE EXCEPTION 'transaction writes buckets % and %', known, written;
    END IF;
    known := written;
    PERFORM set_config('tripwire.bucket', written, true);
  END LOOP;
  RETURN NULL;
END
$function$
"""


async def arm(url: str) -> None:
    """Set the tripwire in a migrated database; `url` is the owner's."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_FUNCTION)
        for row in await connection.fetch(_BUCKETED):
            for act, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                await connection.execute(
                    f"CREATE TRIGGER tripwire_{act.lower()} AFTER {act} ON {row[0]} "
                    f"REFERENCING {rows} TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION public.tripwire()"
                )
    finally:
        await connection.close()
