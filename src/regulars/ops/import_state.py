"""How far the import of a file has come, kept beside it, so that it goes on there after an interruption."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from regulars.connectors.sources.files import Options
from regulars.ops import private

_SAMPLE_BYTES = 2**16


class Counts(Struct, kw_only=True):
    """What became of the rows; `repeated` ones were told before."""

    recorded: int = 0
    repeated: int = 0
    refused: int = 0
    unreadable: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return both together."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    @property
    def set_aside(self) -> int:
        """How many rows or events are in the files of what was set aside."""
        return self.refused + self.unreadable


class State(Struct, frozen=True, kw_only=True):
    """Where an import stands: rows up to number `after` are done. `sizes` are the lengths of the files aside."""

    path: str
    file: str
    after: int = 0
    done: bool = False
    counts: Counts = msgspec.field(default_factory=Counts)
    sizes: dict[str, int] = {}

    @classmethod
    def begin(cls, path: Path, file: str) -> Self:
        """Return the state of an import that is kept in `path` and has not begun."""
        return cls(path=str(path), file=file)

    @classmethod
    def read(cls, path: Path, file: str) -> Self:
        """Return the state kept in `path`, if it is of this very file; else one that has not begun."""
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return cls.begin(path, file)
        return kept if kept.file == file else cls.begin(path, file)

    def moved(self, *, after: int, counts: Counts, sizes: dict[str, int]) -> Self:
        """Return the state after one more chunk."""
        return replace(self, after=after, counts=self.counts.plus(counts), sizes=sizes)

    def finished(self) -> Self:
        """Return the state of an import that has come to its end."""
        return replace(self, done=True)

    def keep(self) -> None:
        """Write it down, whole."""
        private.replace_text(Path(self.path), msgspec.json.format(msgspec.json.encode(self), indent=2).decode())


def fingerprint(path: Path, options: Options, programme_id: str, database: str) -> str:
    """Return what tells this import from any other: what the file holds, how it is read, and where it goes.

    Of a large file the beginning and the end are looked at, with its length and when it was changed.
    """
    status = path.stat()
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(_SAMPLE_BYTES))
        if status.st_size > 2 * _SAMPLE_BYTES:
            file.seek(-_SAMPLE_BYTES, os.SEEK_END)
            digest.update(file.read(_SAMPLE_BYTES))
    digest.update(msgspec.json.encode([status.st_size, status.st_mtime_ns, options, programme_id, database]))
    return digest.hexdigest()


def state_path(path: Path, home: Path) -> Path:
    """Return where the state of a file's import is kept: beside it, or in the home where that cannot be written."""
    beside = path.with_name(f"{path.name}.import.json")
    if os.access(path.parent, os.W_OK):
        return beside
    name = blake2b(str(path.resolve()).encode(), digest_size=8).hexdigest()
    return home / "imports" / f"{path.name}.{name}.json"
