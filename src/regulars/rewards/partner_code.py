"""A code of a partner: a cinema ticket, a subscription, out of a pool that was loaded from a file."""

from datetime import datetime

from regulars.engine.programme import Name, Text
from regulars.engine.reasons import Reason
from regulars.engine.rewards import Reward


class PartnerCode(Reward, frozen=True, kw_only=True, tag="partner_code"):
    """Hand out the next code of a `pool`, each once, as long as there are any.

    `partner` is who honours it. A code that somebody has seen cannot be taken back, so that such a reward has
    no refund, but for what somebody with the right to reverse it decides; the code stays used.
    """

    pool: Name
    partner: Text = ""

    def drawn_from(self) -> str | None:
        return self.pool

    def back_at(self, at: datetime) -> Reason | None:
        return Reason(code="code-already-shown")
