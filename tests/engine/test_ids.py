"""An id …"""

from hashlib import sha256
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine.ids import BUCKETS, MalformedId, bucket_of, bucket_of_key, derive, external, internal
from tests.engine.making import ALICE

CAUSES = st.integers(0, 2**80 - 1).map(lambda low: UUID(int=0x0197A100_0000 << 80 | low))


def test_lies_in_one_of_256_buckets_by_its_last_byte() -> None:
    assert len(set(BUCKETS)) == 256
    rows_lie_in_them = sha256(repr(BUCKETS).encode()).hexdigest()
    assert rows_lie_in_them.startswith("4c4cf56b3423ae1d")
    assert bucket_of(UUID(int=0x0197A0 << 104)) == 354
    assert bucket_of(UUID(int=0x0197A0 << 104 | 0xFF)) == 18
    assert bucket_of_key(bytes([9, 255, 1])) == 298


@given(CAUSES, st.integers(0, 1000))
def test_of_something_caused_follows_from_the_cause_and_sorts_beside_it(cause: UUID, number: int) -> None:
    id = derive(cause, "lot", number)

    assert id == derive(cause, "lot", number)
    assert id.version == 7
    assert id.variant == RFC_4122
    assert id.int >> 80 == cause.int >> 80


def test_tells_apart_what_was_caused_and_by_what() -> None:
    other = UUID(int=ALICE.int + 1)
    ids = [derive(ALICE, "lot", 1), derive(ALICE, "lot", 2), derive(ALICE, "hold", 1), derive(other, "lot", 1)]
    ids += [derive(ALICE, "lot1"), derive(ALICE, "a/b", "c"), derive(ALICE, "a", "b/c"), derive(ALICE, "a", "b", "c")]

    assert len(set(ids)) == len(ids)


@given(st.uuids(), st.sampled_from(["mem", "evt", "lot"]))
def test_is_read_as_it_was_written(id: UUID, prefix: str) -> None:
    assert internal(prefix, external(prefix, id)) == id
    assert external(prefix, id).startswith(f"{prefix}_")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mem_",
        "0197a000000070008000000000a11c",
        "lot_0197a00000007000800000000000a11c",
        "mem_0197a00000007000800000000000a11",
        "mem_0197a00000007000800000000000a11cc",
        "mem_0197A00000007000800000000000A11C",
        "mem_0197a000_0007000800000000000a11c",
        "mem_+197a00000007000800000000000a11c",
        "mem_0197a000-000-7000-8000-0000a11c0",
        "mem_" + "\u0661" * 32,
    ],
)
def test_is_refused_in_any_other_writing(text: str) -> None:
    with pytest.raises(MalformedId):
        internal("mem", text)
