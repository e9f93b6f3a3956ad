"""Where the examples are that Regulars brings along: in the package, or beside it in a checkout."""

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("regulars")))
# A wheel carries them inside the package; in a checkout they are two folders up from it.
_PLACES = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")


def example(name: str) -> str:
    """Return the text of an example, such as `grocery/programme.yaml`."""
    found = next(path for place in _PLACES if (path := place / name).is_file())
    return found.read_text(encoding="utf-8")
