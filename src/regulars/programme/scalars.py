"""What a bare word means in a programme's text: the core schema of YAML 1.2, without floats."""

import re
from decimal import Decimal
from typing import Final

Scalar = str | int | bool | Decimal | None

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
# No amount has more digits; a longer number stays the text that it is.
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,30}", re.ASCII)
_PARTS: Final = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)


def meaning(word: str) -> Scalar:
    """Return the value of a scalar that is written without quotes; what has a fraction becomes a Decimal."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _WHOLE.fullmatch(word):
        return int(word)
    return Decimal(word) if _PARTS.fullmatch(word) else word
