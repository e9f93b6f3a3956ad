"""Points and money are whole numbers, and rounding happens once, here."""

from collections.abc import Sequence
from typing import Final, Literal

LARGEST: Final = 2**53 - 1
"""The most points or minor units there can be: what every JSON reader still tells apart."""

Rounding = Literal["floor", "ceiling", "half_up", "half_even"]


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return `numerator / denominator` as a whole number.

    `floor` goes towards the smaller, `ceiling` towards the larger number; `half_up` sends a half away
    from zero and `half_even` to the even neighbour.

    Raises: ZeroDivisionError, when `denominator` is zero.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    match rounding:
        case "floor":
            return numerator // denominator
        case "ceiling":
            return -(-numerator // denominator)
        case "half_up":
            sign = -1 if numerator < 0 else 1
            return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))
        case "half_even":
            whole, rest = divmod(numerator, denominator)
            twice = 2 * rest
            return whole + (twice > denominator or (twice == denominator and whole % 2 == 1))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Return shares of `total` in proportion to `weights`, which sum to `total` exactly.

    Largest remainder (Hamilton's method); of equal remainders the earlier share gets the unit. Where every
    weight is zero, the first share takes everything. Weights are not negative; `total` may be.
    """
    whole = sum(weights)
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    if total == 0:
        return [0] * len(weights)
    sign, size = (-1, -total) if total < 0 else (1, total)
    shares = [size * weight // whole for weight in weights]
    left = size - sum(shares)
    if left:
        rests = [size * weight % whole for weight in weights]
        for i in sorted(range(len(weights)), key=rests.__getitem__, reverse=True)[:left]:
            shares[i] += 1
    return [-share for share in shares] if sign < 0 else shares
