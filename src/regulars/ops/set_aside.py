"""What an import could not use, kept as it stood and with the reason, so that it can be mended and told again."""

from contextlib import ExitStack
from itertools import count
from os import SEEK_END
from pathlib import Path
from typing import IO, Self

import msgspec

from regulars.connectors.incoming import Incoming
from regulars.connectors.sources.files import BadRow

_ENCODER = msgspec.json.Encoder()


class SetAside:
    """Three files beside the imported one, made when there is something to put in.

    `….set-aside.csv` (or `.jsonl`) has rows that are no events, as they stood, under the header of the file;
    `….refused.jsonl` has events that the programme refused, as the API takes them; `….reasons.txt` says why.
    """

    def __init__(self, folder: Path, name: str, *, header: str | None, sizes: dict[str, int]) -> None:
        """Name the files.

        `header` is that of a CSV file. `sizes` are how long the files were when the import stopped: what was
        written later is written again.
        """
        self.rows = folder / f"{name}.set-aside.{'jsonl' if header is None else 'csv'}"
        self.events = folder / f"{name}.refused.jsonl"
        self.reasons = folder / f"{name}.reasons.txt"
        self._header = header
        self._sizes = dict(sizes)
        self._open: dict[Path, IO[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Shorten the files to where the import stopped; those of an earlier import get another name."""
        self.reasons.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.rows, self.events, self.reasons):
            size = self._sizes.get(path.name, 0)
            if path.exists() and size == 0:
                path.rename(_free_name(path))
            elif path.exists():
                file = self._file(path)
                file.truncate(size)
                file.seek(0, SEEK_END)
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the files."""
        self._stack.close()

    @property
    def files(self) -> list[Path]:
        """The files with something in them."""
        return [path for path in (self.rows, self.events, self.reasons) if path.exists()]

    def bad(self, number: int, row: BadRow) -> None:
        """Set a row aside that is no event."""
        if self._header is not None and not self.rows.exists():
            self._write(self.rows, self._header)
        self._write(self.rows, row.raw)
        self._write(self.reasons, f"row {number}: {row.reason}")

    def refused(self, number: int, event: Incoming, reason: str) -> None:
        """Set an event aside that the programme refused."""
        self._write(self.events, _ENCODER.encode(_told(event)).decode())
        self._write(self.reasons, f"row {number}: {reason}")

    def flush(self) -> dict[str, int]:
        """Bring everything to the disk's files, and return how long they are."""
        for file in self._open.values():
            file.flush()
        return {path.name: file.tell() for path, file in self._open.items()}

    def _write(self, path: Path, line: str) -> None:
        self._file(path).write(line.encode() + b"\n")

    def _file(self, path: Path) -> IO[bytes]:
        if path not in self._open:
            self._open[path] = self._stack.enter_context(path.open("ab"))
        return self._open[path]


def _told(event: Incoming) -> dict[str, object]:
    """Return an event as the API takes it, without what it does not say."""
    found: dict[str, object] = msgspec.to_builtins(event)
    return {name: value for name, value in found.items() if value not in (None, "")}


def _free_name(path: Path) -> Path:
    return next(free for number in count(1) if not (free := path.with_name(f"{path.name}.{number}")).exists())
