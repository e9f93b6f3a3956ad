"""Files that only their owner may read: made whole or not at all, by whoever comes first."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def text_of(path: Path, make: Callable[[], str]) -> str:
    """Return the text that a file holds; where there is none yet, make it and keep it for its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = _written(path, make())
        # A link is made or refused in one step: of two processes that come first, one wins and both read its file.
        with suppress(FileExistsError):
            os.link(whole, path)
        whole.unlink()
    return kept_text(path)


def kept_text(path: Path) -> str:
    """Return the text that a file holds, empty where there is none."""
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def replace_text(path: Path, text: str) -> None:
    """Keep a text in place of the one before; whoever reads sees the one or the other, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _written(path, text).replace(path)


def _written(beside: Path, text: str) -> Path:
    descriptor, name = mkstemp(dir=beside.parent, prefix=f".{beside.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
