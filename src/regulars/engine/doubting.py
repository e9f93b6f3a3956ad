"""What had better not be said: each part of a programme looks at itself beside the others, and says what it doubts."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

Part = TypeVar("Part", bound=Struct)
Path = tuple[str | int, ...]


class Doubt(Struct, frozen=True, kw_only=True):
    """What may be meant, but is more often a slip.

    `code` is stable, in small letters with hyphens. `path` leads from the part that doubts to what it doubts;
    `at_name` means the name there rather than the value. `hint` says what to do.
    """

    code: str
    message: str
    hint: str = ""
    path: Path = ()
    at_name: bool = False


class Beside:
    """Every part of a programme by its path, for a part that looks at the others."""

    def __init__(self, parts: Mapping[Path, Struct]) -> None:
        self._parts = dict(parts)

    def of(self, kind: type[Part]) -> tuple[Part, ...]:
        """Return all parts of a kind, in the order of the document."""
        return tuple(part for part in self._parts.values() if isinstance(part, kind))

    def the(self, kind: type[Part]) -> Part:
        """Return the part of a kind of which every programme has one, such as its policies."""
        (part,) = self.of(kind)
        return part

    def named(self, kind: type[Part]) -> Mapping[str, Part]:
        """Return the parts of a kind that are held by name, such as wallets."""
        return {str(path[-1]): part for path, part in self._parts.items() if path and isinstance(part, kind)}

    def name_of(self, part: Struct) -> str:
        """Return the name by which a part is held: a wallet does not know its own."""
        return next(str(path[-1]) for path, other in self._parts.items() if other is part)
