"""Something that is done for the member: a consultation, an alteration, a seat in the lounge."""

from regulars.engine.programme import Name
from regulars.engine.rewards import Reward


class TierService(Reward, frozen=True, kw_only=True, tag="tier_service"):
    """Give a `service` by its name, once for each voucher: the one who renders it marks the voucher as used.

    Usually tiers give it (`given_only`), or only those of a tier can have it.
    """

    service: Name
