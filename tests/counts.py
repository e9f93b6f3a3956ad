"""How much is tried: little by default, so that every test run has it; all of it in `make chaos`.

REGULARS_CHAOS is `full`, or a number that takes the place of the short counts, or nothing.
"""

import os
from typing import Final

_SAID: Final = os.environ.get("REGULARS_CHAOS", "")


def count(short: int, *, full: int) -> int:
    """Return how often something is to be tried."""
    return full if _SAID == "full" else int(_SAID or short)
