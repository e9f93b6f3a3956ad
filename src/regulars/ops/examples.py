"""The programmes that come with Regulars, each in a folder of its name: in the package, or beside it in a checkout."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel.numbers import get_currency_precision
from msgspec import Struct
from msgspec.structs import replace

from regulars.ops.mistakes import WRONG_INPUT, Mistake
from regulars.programme import Document, dump, read

_PACKAGE: Final = Path(str(files("regulars")))
# A wheel carries them inside the package; in a checkout they are two folders up from it.
_PLACES: Final = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")
_PROGRAMME: Final = "programme.yaml"


class Template(Struct, frozen=True, kw_only=True):
    """A programme to start from, by the name of its folder, which is also its id."""

    name: str
    text: str
    document: Document

    def takes_money_of(self, currency: str) -> bool:
        """Return whether its money has as many digits after the point, so that amounts can stand as they are."""
        return get_currency_precision(self.document.currency) == get_currency_precision(currency)

    def open_to_the_past(self) -> str | None:
        """Return the text with which it welcomes events of any age and anybody; None where it does so as it is."""
        policies = self.document.policies
        late = replace(policies.late_events, window_days=None)
        opened = replace(policies, late_events=late, unknown_member="enrol")
        return None if opened == policies else dump(replace(self.document, policies=opened))


def templates() -> tuple[str, ...]:
    """Return the names of all templates, in the order of the alphabet."""
    return tuple(sorted({folder.name for folder in _folders()}))


def template(name: str) -> Template:
    """Return a template by its name.

    Raises: Mistake, with all names, where there is none of it.
    """
    found = next((folder for folder in _folders() if folder.name == name), None)
    if found is None:
        raise Mistake(f"there is no template {name}; there are {', '.join(templates())}", WRONG_INPUT)
    text = (found / _PROGRAMME).read_text(encoding="utf-8")
    return Template(name=name, text=text, document=read(text))


def _folders() -> Iterator[Path]:
    for place in _PLACES:
        yield from (path.parent for path in place.glob(f"*/{_PROGRAMME}"))
