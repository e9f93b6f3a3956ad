"""Reading the protobuf wire format: numbered fields, one after the other, and nothing more.

Source of the format: https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterator
from typing import Final

_VARINT: Final = 0
_EIGHT_BYTES: Final = 1
_COUNTED: Final = 2


class Message:
    """A protobuf message whose fields are asked for by number."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        for number, value in _read(data):
            self._fields.setdefault(number, []).append(value)

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def unsigned(self, number: int) -> int:
        """Return a varint field, 0 where it is absent."""
        value = self._last(number)
        assert isinstance(value, int)
        return value

    def signed(self, number: int) -> int:
        """Return an int64 field (two's complement), 0 where it is absent."""
        value = self.unsigned(number)
        return value - (1 << 64) if value >= 1 << 63 else value

    def text(self, number: int) -> str:
        """Return a string field, empty where it is absent."""
        return self._bytes(number).decode()

    def message(self, number: int) -> "Message":
        """Return a sub-message, an empty one where it is absent."""
        return Message(self._bytes(number))

    def messages(self, number: int) -> Iterator["Message"]:
        """Yield every sub-message of a repeated or map field."""
        for value in self._fields.get(number, ()):
            assert isinstance(value, bytes)
            yield Message(value)

    def _last(self, number: int) -> int | bytes:
        return self._fields.get(number, (0,))[-1]

    def _bytes(self, number: int) -> bytes:
        value = self._fields.get(number, (b"",))[-1]
        assert isinstance(value, bytes)
        return value


def _read(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif wire_type == _EIGHT_BYTES:
            yield number, struct.unpack_from("<Q", data, at)[0]
            at += 8
        else:
            assert wire_type == _COUNTED, f"wire type {wire_type} is not used by CheckedExpr"
            size, at = _varint(data, at)
            assert at + size <= len(data), "a field reaches beyond its message"
            yield number, data[at : at + size]
            at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
