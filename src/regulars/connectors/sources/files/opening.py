"""Opening a file: which form it has, how it is packed and in which encoding its text is."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

from regulars.connectors.sources.files.rows import Format, Options, Unreadable

_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def format_of(path: Path, options: Options) -> Format:
    """Return the file's form, by its name if the options leave it open.

    Raises: Unreadable, when it is not a file with something in it, or of no known form.
    """
    if not path.is_file():
        raise Unreadable(f"{path} is not a file")
    if not path.stat().st_size:
        raise Unreadable(f"{path} is empty")
    packed = path.suffix == ".gz"
    found = options.format or _SUFFIXES.get(Path(path.stem).suffix if packed else path.suffix.lower())
    if found is None:
        raise Unreadable(f"{path} has none of the endings {', '.join(_SUFFIXES)}; say which form it has")
    if packed and found == "parquet":
        raise Unreadable(f"{path} is packed; Parquet files are packed inside already, so unpack it first")
    return found


@contextmanager
def binary(path: Path) -> Iterator[IO[bytes]]:
    """Open the file, unpacked where its name ends in .gz.

    Raises: Unreadable, also while it is being read.
    """
    try:
        with path.open("rb") as packed:
            yield cast(IO[bytes], gzip.GzipFile(fileobj=packed)) if path.suffix == ".gz" else packed
    except (OSError, EOFError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


@contextmanager
def text(path: Path, encoding: str | None) -> Iterator[IO[str]]:
    """Open the file as text: in that encoding, else as its byte order mark says, else UTF-8.

    Bytes that are no text become lone surrogates, which `plain` shows. Raises: Unreadable.
    """
    with binary(path) as file:
        if encoding is None:
            encoding = "utf-16" if file.read(2) in _UTF_16 else "utf-8-sig"
            file.seek(0)
        try:
            with TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="") as lines:
                yield lines
        except LookupError as error:
            raise Unreadable(f"{encoding!r} is not an encoding that Python knows, such as cp1252") from error
        except UnicodeError as error:
            raise Unreadable(f"{path} is not {encoding} throughout: {error}") from error


def plain(line: str) -> str:
    """Return a line with its bytes that are no text written as `\\xe9`; equal to the line if it has none."""
    if line.isascii():
        return line
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
