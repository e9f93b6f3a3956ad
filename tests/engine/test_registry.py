import sys
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest
from msgspec import Struct

from regulars import registry, rules
from regulars.engine.earning import Rule
from regulars.rules.spend import Spend

HEAD = "from tests.engine.test_registry import Shape\n"
CIRCLE = HEAD + "class Circle(Shape, tag='circle'): radius: int\n"
SQUARE = HEAD + "class Square(Shape, tag='square'): side: int\n"

Packing = Callable[[str, dict[str, str]], ModuleType]


class Shape(Struct, tag_field="type"):
    """What the packages of these tests hold kinds of."""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packing]:
    """Return a maker of packages from the texts of their modules."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)

    def packed(name: str, modules: dict[str, str]) -> ModuleType:
        folder = tmp_path / name
        folder.mkdir()
        for file, text in {"__init__": "", **modules}.items():
            (folder / f"{file}.py").write_text(text, encoding="utf-8")
        invalidate_caches()
        return import_module(name)

    yield packed
    for module in set(sys.modules) - known:
        del sys.modules[module]


def plug_in(folder: Path, distribution: str, entry_points: str) -> None:
    """Install a distribution that has nothing but entry points."""
    information = folder / f"{distribution}-1.0.dist-info"
    information.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    (information / "METADATA").write_text(metadata, encoding="utf-8")
    (information / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    invalidate_caches()


def test_kinds_are_found_by_their_tags_in_the_order_of_their_files(pack: Packing) -> None:
    shapes = pack("some_shapes", {"square": SQUARE, "circle": CIRCLE})

    kinds = registry.discover(shapes, Shape, "tests.none")

    assert [(tag, kind.__name__) for tag, kind in kinds.items()] == [("circle", "Circle"), ("square", "Square")]


def test_our_own_rules_are_kinds() -> None:
    kinds = registry.discover(rules, Rule, "tests.none")

    assert kinds["spend"] is Spend
    assert {"action", "first_purchase", "product_bonus", "spend", "visit"} <= kinds.keys()


def test_a_plug_in_names_the_module_of_its_kind(pack: Packing, tmp_path: Path) -> None:
    shapes = pack("some_shapes", {"circle": CIRCLE})
    pack("other_shapes", {"square": SQUARE})
    plug_in(tmp_path, "other-shapes", "[tests.shapes]\nsquare = other_shapes.square\n")

    kinds = registry.discover(shapes, Shape, "tests.shapes")

    assert list(kinds) == ["circle", "square"]
    assert kinds["square"].__module__ == "other_shapes.square"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "must hold exactly one subclass of Shape, and holds none; give every kind a file of its own"),
        (CIRCLE + SQUARE, "must hold exactly one subclass of Shape, and holds Circle and Square; give"),
        ("from tests.engine.test_registry import Shape", "and holds none"),
        (HEAD + "class Circle(Shape): radius: int", "the tag 'Circle' of Circle is not a word in small letters"),
        (HEAD + "class Circle(Shape, tag=3): radius: int", "the tag 3 of Circle is not a word in small letters"),
        ("import nothing_like_it", "cannot be imported: No module named 'nothing_like_it'"),
        ("1 / 0", "cannot be imported: division by zero"),
        ("this is no Python", "cannot be imported: invalid syntax"),
    ],
)
def test_a_file_that_is_not_one_kind_is_named(pack: Packing, tmp_path: Path, text: str, complaint: str) -> None:
    shapes = pack("bad_shapes", {"circle": text})

    with pytest.raises(registry.BadKindError) as error:
        registry.discover(shapes, Shape, "tests.none")

    assert str(error.value).startswith(f"{tmp_path}/bad_shapes/circle.py: ")
    assert complaint in str(error.value)


def test_two_kinds_cannot_share_a_tag(pack: Packing, tmp_path: Path) -> None:
    shapes = pack("twin_shapes", {"circle": CIRCLE, "ring": CIRCLE})

    with pytest.raises(registry.BadKindError) as error:
        registry.discover(shapes, Shape, "tests.none")

    folder = tmp_path / "twin_shapes"
    expected = f"{folder}/ring.py: the tag 'circle' is taken by {folder}/circle.py; choose another one"
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("entry_point", "complaint"),
    [
        ("square = nowhere.square", "entry point 'square' of other-shapes: cannot be imported: No module named"),
        ("square = some_shapes.circle:Circle", "entry point 'square' of other-shapes: name the module"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_named(
    pack: Packing, tmp_path: Path, entry_point: str, complaint: str
) -> None:
    shapes = pack("some_shapes", {"circle": CIRCLE})
    plug_in(tmp_path, "other-shapes", f"[tests.shapes]\n{entry_point}\n")

    with pytest.raises(registry.BadKindError) as error:
        registry.discover(shapes, Shape, "tests.shapes")

    assert str(error.value).startswith(complaint)
