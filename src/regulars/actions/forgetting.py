"""What is kept for a while only: answers by the keys that clients chose, and messages that have arrived."""

from datetime import datetime

from regulars.actions.memory import Memory
from regulars.db import idempotency, outbox
from regulars.engine.ids import BUCKETS


async def forget(memory: Memory, *, keys_before: datetime, messages_before: datetime) -> None:
    """Forget keys that were used, and messages that were delivered, before an instant (exclusive).

    Bucket by bucket, so that no transaction is large. An event told again under a forgotten key is still the
    same event: its business key never lapses.
    """
    for bucket in BUCKETS:
        async with memory.pool.connection() as connection:
            await idempotency.forget(connection, bucket, before=keys_before)
            await outbox.forget(connection, bucket, before=messages_before)
