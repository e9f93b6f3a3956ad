"""JSON Lines: every line is one event, word for word as the API takes it."""

import re
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import IO

import msgspec
from msgspec.structs import replace

from regulars.connectors.incoming import NUL, Incoming, Malformed, holds_nul
from regulars.connectors.sources.files.moments import aware
from regulars.connectors.sources.files.opening import binary
from regulars.connectors.sources.files.rows import BadRow, Row, Unfit, Unreadable

LINE_BYTES_MAX = 2**20
_KEPT_BYTES = 2_000
_BLOCK = 2**20
_MARK = b"\xef\xbb\xbf"
_OTHER_JSON = re.compile(rb"\[|\{\s*$")
_decoder = msgspec.json.Decoder(Incoming)


def count(path: Path) -> int:
    """Return how many lines there are, blank ones included."""
    lines, last = 0, b"\n"
    with binary(path) as file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def check(path: Path) -> None:
    """Look at the first line: other kinds of JSON, and other encodings, would be bad from end to end.

    Raises: Unreadable.
    """
    with binary(path) as file:
        first = file.readline(LINE_BYTES_MAX).removeprefix(_MARK).strip()
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable(f"{path} is in UTF-16; JSON Lines are in UTF-8, so save it as that")
    if _OTHER_JSON.match(first):
        raise Unreadable(f"{path} is JSON, but not JSON Lines: each line must be one whole event, {{…}}")


def rows(path: Path, *, zone: tzinfo | None, after: int) -> Iterator[Row]:
    """Yield an event, or a bad row, for every line that is not blank."""
    with binary(path) as file:
        for number, (line, whole) in enumerate(_lines(file), start=1):
            if number > after and line.strip():
                yield Row(number=number, incoming=_told(line, zone) if whole else _too_long(line))


def _lines(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield every line, without the byte order mark, and whether it is whole."""
    first = True
    while line := file.readline(LINE_BYTES_MAX):
        whole = part = line
        while len(part) == LINE_BYTES_MAX and not part.endswith(b"\n"):
            part = file.readline(LINE_BYTES_MAX)
        yield (line.removeprefix(_MARK) if first else line), part is whole
        first = False


def _told(line: bytes, zone: tzinfo | None) -> Incoming | BadRow:
    try:
        if holds_nul(line):
            raise Malformed(NUL)
        told = _decoder.decode(line)
        told.body()
        if told.occurred_at is not None and told.occurred_at.tzinfo is None:
            return replace(told, occurred_at=aware(told.occurred_at, zone=zone))
    except (msgspec.MsgspecError, UnicodeDecodeError, Malformed, Unfit) as error:
        return BadRow(reason=str(error), raw=_shown(line))
    return told


def _too_long(line: bytes) -> BadRow:
    reason = f"the line is longer than {LINE_BYTES_MAX} bytes; only its beginning is kept"
    return BadRow(reason=reason, raw=_shown(line[:_KEPT_BYTES]))


def _shown(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
