"""The channel of a basket: not in the data, so drawn, always the same, by a keyed hash."""

from hashlib import blake2b

_KEY = b"complete-journey simulated channel"
_SHARES = (("shop", 62), ("web", 23), ("app", 15))
_LOYALTY_PERCENT = 70


def channel_of(household: int, basket: int) -> str:
    """Return shop, web or app: for 70 of 100 baskets the household's favourite, else by chance.

    Favourites and chance have the same shares, 62 : 23 : 15, so all baskets together come close to them.
    """
    if _draw(f"{household}:{basket}:loyal") < _LOYALTY_PERCENT:
        return _shared(_draw(f"{household}"))
    return _shared(_draw(f"{household}:{basket}"))


def _shared(percent: int) -> str:
    for channel, share in _SHARES:
        if percent < share:
            return channel
        percent -= share
    raise AssertionError("shares come to 100")


def _draw(about: str) -> int:
    """Return a number from 0 to 99; the tiny bias of a remainder does not matter to a demo."""
    return int.from_bytes(blake2b(about.encode(), key=_KEY, digest_size=8).digest(), "big") % 100
