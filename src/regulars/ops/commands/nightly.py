"""`regulars nightly`: write down all that time has done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from regulars.ops.speaking import say

if TYPE_CHECKING:
    from regulars.actions.memory import Memory
    from regulars.actions.nightly import Night
    from regulars.ops.settings import Settings

EXAMPLE: Final = "Example: regulars nightly"


def nightly() -> None:
    """Settle all that is due: points that mature and expire, levels that end, vouchers and reservations that lapse.

    The worker does the same all the time; this does it at once, and says what it did. It can be stopped at any time
    and begun again, and changes nothing of what anybody sees: balances and levels follow from the clock anyway.
    """
    from regulars.actions.nightly import due_members, night
    from regulars.engine.zones import EPOCH
    from regulars.ops.installation import now, with_memory
    from regulars.ops.progress import progress

    async def work(_: Settings, memory: Memory) -> Night:
        at = now()
        with progress("settling", await due_members(memory, now=at), unit="members") as advance:
            return await night(memory, now=at, inactive_since=EPOCH, on_progress=advance)

    found = with_memory(work)
    settled = found.settled
    say(f"settled: {settled.members} members together, {found.swept} one by one")
    say(f"lots: {settled.activated} activated, {settled.expired} expired")
    say(f"levels: {settled.changed} changed, {settled.warned} warned of")
