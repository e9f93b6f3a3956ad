"""After a test that wrote something, everything must still be true: no check of verify finds a row."""

from collections.abc import Sequence

from regulars.actions.memory import Memory
from regulars.actions.verifying import CHECKS, verify


async def assert_intact(memory: Memory, *, checks: Sequence[str] = CHECKS) -> None:
    """Fail with the rows that break a promise; the memory may be closed already."""
    broken = await verify(memory, checks=checks)
    told = "\n".join(f"{one.check}: {one.promise}\n" + "\n".join(f"  {row}" for row in one.rows) for one in broken)
    assert not broken, told
