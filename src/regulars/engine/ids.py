"""Every thing has an id, and a thing that something else caused is named after its cause."""

from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

# One integer for each 1/256 of PostgreSQL's hash range for int4, smallest first found, so that hash
# sharding by bucket gives exactly even shards for any power of two of them (docs/decisions/0003).
# fmt: off
BUCKETS: Final[tuple[int, ...]] = (
    354, 298, 60, 146, 443, 8, 132, 20, 230, 303, 259, 82, 118, 205, 1, 15,
    291, 155, 344, 31, 119, 88, 311, 458, 412, 148, 79, 94, 26, 33, 340, 24,
    520, 35, 157, 10, 115, 129, 598, 92, 104, 198, 579, 48, 109, 234, 466, 516,
    5, 53, 208, 652, 290, 323, 928, 112, 196, 50, 77, 200, 166, 178, 504, 632,
    61, 912, 93, 4, 141, 7, 215, 228, 368, 17, 416, 51, 729, 172, 689, 287,
    133, 162, 16, 187, 111, 295, 747, 96, 564, 269, 170, 492, 217, 324, 375, 85,
    302, 36, 202, 191, 89, 1487, 271, 619, 110, 174, 453, 19, 106, 55, 64, 0,
    37, 40, 262, 65, 45, 633, 264, 103, 656, 158, 101, 261, 117, 121, 3, 439,
    161, 293, 232, 113, 406, 366, 57, 52, 160, 62, 501, 353, 99, 422, 480, 367,
    522, 165, 731, 136, 525, 168, 645, 509, 102, 357, 413, 46, 140, 28, 186, 154,
    86, 6, 73, 192, 144, 66, 71, 356, 1512, 335, 70, 184, 21, 278, 477, 34,
    749, 83, 194, 124, 49, 265, 39, 574, 43, 56, 167, 249, 454, 371, 126, 13,
    387, 47, 308, 2, 426, 382, 388, 351, 349, 27, 199, 846, 95, 300, 114, 552,
    1101, 333, 134, 58, 314, 149, 481, 1004, 307, 41, 490, 219, 224, 631, 179, 185,
    479, 131, 30, 9, 116, 80, 81, 90, 59, 515, 72, 128, 260, 190, 22, 233,
    381, 29, 517, 12, 275, 78, 195, 11, 67, 726, 169, 44, 240, 107, 75, 18,
)
# fmt: on

_VARIANT: Final = 0x8
_VERSION: Final = 0x7
_DIGITS: Final = frozenset("0123456789abcdef")


class MalformedId(ValueError):
    """The text is not an id of the expected kind."""


def bucket_of(member_id: UUID) -> int:
    """Return the bucket that owns a member: one of `BUCKETS`, chosen by the id's last byte, for ever."""
    return BUCKETS[member_id.int & 0xFF]


def bucket_of_key(key_hash: bytes) -> int:
    """Return the bucket that holds the claim of a key that is unique over all members."""
    return BUCKETS[key_hash[-1]]


def derive(cause: UUID, *parts: str | int) -> UUID:
    """Return the id of what `cause` brings about, the same on every replay.

    The result keeps the cause's 48-bit timestamp, so that it sorts beside it, and is a well-formed UUIDv7.
    """
    text = "\0".join(map(str, parts)).encode()
    digest = blake2b(text, digest_size=10, key=cause.bytes).digest()
    random = int.from_bytes(digest, "big")
    head = cause.int >> 80
    return UUID(
        int=head << 80
        | _VERSION << 76
        | (random >> 64 & 0xFFF) << 64
        | (_VARIANT | random >> 62 & 0x3) << 60
        | random & 0x0FFF_FFFF_FFFF_FFFF
    )


def at_time(instant: datetime, *parts: str) -> UUID:
    """Return the id of what these parts say happened at an instant, so that nobody has to draw one."""
    milliseconds = int(instant.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    return derive(UUID(int=milliseconds << 80), *parts)


def key_hash(*parts: str) -> bytes:
    """Return 32 bytes that stand for a key which is unique over all members; parts are told apart by length."""
    return blake2b("".join(f"{len(part)}:{part}" for part in parts).encode(), digest_size=32).digest()


def hash_of(member_id: UUID) -> int:
    """Return 64 bits that stand for a member where chance decides, the same for ever and wherever it is asked."""
    return int.from_bytes(blake2b(member_id.bytes, digest_size=8).digest(), "big")


def external(prefix: str, id: UUID) -> str:
    """Return the id as the API writes it: `mem_` and 32 hexadecimal digits."""
    return f"{prefix}_{id.hex}"


def internal(prefix: str, text: str) -> UUID:
    """Return the id that `external` wrote.

    Raises: MalformedId, when the prefix or the digits are wrong.
    """
    head, separator, digits = text.partition("_")
    if head != prefix or not separator or len(digits) != 32:
        raise MalformedId(f"{text!r} is not an id of the form {prefix}_ and 32 hexadecimal digits")
    # Python's own reading is wider: it takes signs, underscores and the digits of other scripts.
    if not _DIGITS.issuperset(digits):
        raise MalformedId(f"{text!r} holds something other than the digits 0-9 and a-f")
    return UUID(hex=digits)
