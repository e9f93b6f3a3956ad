"""A code is a voucher's name for people and scanners: hard to guess, and a slip in typing is noticed.

Thirty-two characters without I, L, O and U (Crockford's base32), and one more that checks the others: over the
field of 32 elements, where it finds every wrong character and every two that changed places.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
USUAL: Final = 12
"""Characters without the check: 60 bits, as good as any to a guesser who asks the platform."""
HIGH_VALUE: Final = 16
"""Characters without the check: 80 bits."""
PIN_DIGITS: Final = 6

_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_POLYNOMIAL: Final = 0b100101
"""x⁵ + x² + 1, primitive over two elements: x generates all but zero."""
_GROUP: Final = 4


class BadCode(ValueError):
    """The text is not a code: it has other characters, another length, or its check character does not fit."""


def spell(random: bytes, *, length: int = USUAL) -> str:
    """Return the code that random bytes stand for, five bits a character, with its check character last.

    `random` has at least `5 * length` bits, of which the first are used.
    """
    bits = int.from_bytes(random, "big") >> (len(random) * 8 - length * 5)
    letters = [ALPHABET[bits >> 5 * place & 31] for place in reversed(range(length))]
    return "".join(letters) + ALPHABET[_check([_VALUES[letter] for letter in letters])]


def normal(text: str) -> str:
    """Return a code as it is meant, from how somebody wrote it: small letters, blanks, hyphens, O for 0, I for 1.

    Raises: BadCode.
    """
    letters = [letter for letter in text.upper() if letter not in " -\t\u00a0"]
    if not all(letter in _VALUES for letter in letters) or len(letters) not in (USUAL + 1, HIGH_VALUE + 1):
        raise BadCode(BadCode.__doc__)
    values = [_VALUES[letter] for letter in letters]
    if _check(values[:-1]) != values[-1]:
        raise BadCode(BadCode.__doc__)
    return "".join(ALPHABET[value] for value in values)


def shown(code: str) -> str:
    """Return a code in groups of four, as it is printed: the last one has five."""
    *groups, last = [code[at : at + _GROUP] for at in range(0, len(code), _GROUP)]
    return "-".join([*groups[:-1], groups[-1] + last])


def pin(random: bytes) -> str:
    """Return six digits that random bytes stand for, evenly but for one part in 10¹³."""
    return f"{int.from_bytes(random[:8], 'big') % 10**PIN_DIGITS:0{PIN_DIGITS}d}"


def _check(values: list[int]) -> int:
    """Return what makes the weighted sum nothing: the check is weighed 1, the others x, x², … from the right."""
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 32 else doubled
