"""Whatever a programme can say is written and read again as the same: whole, in parts, in every section and kind."""

from functools import reduce
from operator import or_

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from regulars import programme
from regulars.programme import Document, Source
from regulars.programme.document import sections_of
from regulars.programme.kinds import every_kind
from regulars.programme.merging import merged
from regulars.programme.parsing import parse
from regulars.programme.reading import Reader
from regulars.programme.tree import Tree
from tests.counts import count
from tests.engine.anything import anything, documents_of_anything, struct
from tests.engine.documents import documents

KINDS = [(base, kind) for base, kinds in every_kind().items() for kind in kinds.values()]
SECTIONS = [field.encode_name for field in sections_of(Document)]
LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def read(*texts: str) -> object:
    """Return what the texts say together, whether or not it could run."""
    trees = [parse(Source(f"{number}.yaml", text)) for number, text in enumerate(texts)]
    tree = merged([tree for tree in trees if isinstance(tree, Tree)])
    assert not tree.problems, tree.problems
    reader = Reader(tree, every_kind(), "UTC", {})
    document = reader.read(Document, tree.value)
    assert not reader.findings, reader.findings
    return document


@settings(max_examples=count(25, full=1000), suppress_health_check=LARGE)
@given(documents_of_anything())
def test_a_document_of_any_section_is_lossless_whole_and_in_parts(document: Document) -> None:
    text = programme.dump(document)
    files = programme.split(document)

    assert read(text) == document
    assert read(*files.values()) == document
    assert programme.dump(document) == text


@pytest.mark.parametrize(("base", "kind"), KINDS, ids=lambda cls: cls.__name__)
@settings(max_examples=count(15, full=500), suppress_health_check=LARGE)
@given(data=st.data())
def test_a_value_of_any_kind_is_lossless(base: type[Struct], kind: type[Struct], data: st.DataObject) -> None:
    value = data.draw(struct(kind))
    plain = msgspec.json.decode(msgspec.json.encode(value))

    reader = Reader(Tree({}, {}), every_kind(), "UTC", {})

    assert reader.read(base, plain) == value
    assert not reader.findings


@settings(max_examples=count(25, full=1000))
@given(documents())
def test_what_can_run_runs_the_same_when_it_is_pulled_in_parts(document: Document) -> None:
    sources = [Source(name, text) for name, text in programme.split(document).items()]

    pulled = programme.check(*sources)

    assert isinstance(pulled, programme.Checked)
    assert pulled.document == document
    assert programme.compare(document, pulled.document) == ()
    assert programme.split(pulled.document) == programme.split(document)


def test_every_section_has_a_file_of_its_own() -> None:
    assert {"channels", "shops", "wallets", "policies", "events", "rules"} <= set(SECTIONS)
    for field in sections_of(Document):
        assert anything(field.type) is not None


def test_every_kind_is_among_those_that_the_schema_knows() -> None:
    definitions = programme.schema()["$defs"]

    for base, kinds in every_kind().items():
        assert base.__name__ in definitions
        assert reduce(or_, kinds.values())
        assert {kind.__name__ for kind in kinds.values()} <= set(definitions)
