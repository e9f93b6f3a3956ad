"""What to write instead: the second half of every refusal."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from regulars.engine.conditions.overloads import COMPARISONS

SPLIT: Final = "Split it into several rules, or put the parts side by side with && and ||."
WHOLE: Final = "Money is in minor units and quantities are in thousandths: 12.50 is written 1250."
COMPARE: Final = "Compare it with a value, as in … >= 5000."
FLAT: Final = "Values of event.data and member.attributes are texts, whole numbers, bools or null."
INSTANT: Final = "Write it as timestamp('2026-11-27T00:00:00Z')."
LENGTH: Final = "Write it in hours, minutes and seconds, as duration('36h') or duration('1h30m')."
LINEAR: Final = "For example order.lines.exists(line, line.tags.exists(tag, tag == 'new'))."
PRESENT: Final = "For data of the brand's own write 'stars' in event.data, or has(event.data.stars)."
_KEPT: Final = "Values keep their kind."
_CLOCK: Final = "Use local.hour, local.weekday, local.date and the other local fields."
_CLOCK_FUNCTIONS: Final = (
    "getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes "
    "getMonth getSeconds"
)
# By CEL's functions that conditions do without.
INSTEAD: Final = {
    "matches": "Use startsWith, endsWith or contains.",
    **dict.fromkeys(["bool", "bytes", "double", "dyn", "int", "string", "type", "uint"], "Values keep their kind."),
    **dict.fromkeys(_CLOCK_FUNCTIONS.split(), _CLOCK),
}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names what the author may have meant, or nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else ""


def misuse(function: str, kinds: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with a function on arguments of these kinds, and a hint."""
    hint = WHOLE if "double" in kinds else ""
    if f"_{function}_" in COMPARISONS and len(kinds) == 2:
        hint = hint or ("A field always has a value." if "null" in kinds else "")
        return f"{function!r} cannot compare {kinds[0]} with {kinds[1]}", hint
    return f"{function!r} is not for {' and '.join(kinds)}", hint
