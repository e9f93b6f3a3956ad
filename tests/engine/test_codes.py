"""A code …"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.engine import codes
from regulars.engine.codes import ALPHABET, BadCode

RANDOM = st.binary(min_size=16, max_size=16)
LENGTHS = st.sampled_from([codes.USUAL, codes.HIGH_VALUE])


def test_is_spelled_with_a_check_and_shown_in_groups() -> None:
    code = codes.spell(bytes(range(16)))

    assert code == "000G40R40M30" + code[-1]
    assert codes.shown(code) == f"{code[:4]}-{code[4:8]}-{code[8:]}"
    assert codes.shown(codes.spell(bytes(16), length=16)) == "0000-0000-0000-00000"


def test_stands_for_sixty_bits_or_eighty() -> None:
    first = codes.spell((1 << 127).to_bytes(16, "big"))
    last = codes.spell((1 << 128 - 60).to_bytes(16, "big"))

    assert (first[:12], last[:12]) == ("G" + "0" * 11, "0" * 11 + "1")
    assert codes.spell((1 << 128 - 80).to_bytes(16, "big"), length=16)[:16] == "0" * 15 + "1"


def test_is_read_however_people_write_it() -> None:
    code = codes.spell(bytes(16))

    assert codes.normal("oOoo-0000 0000o") == code
    assert codes.normal(code.lower()) == code


@pytest.mark.parametrize("text", ["", "0", "0" * 12, "0" * 14, "U" + "0" * 12, "0" * 12 + "1", "é" * 13, "!" * 13])
def test_is_nothing_else(text: str) -> None:
    with pytest.raises(BadCode):
        codes.normal(text)


@given(RANDOM, LENGTHS)
def test_is_read_as_it_was_shown(random: bytes, length: int) -> None:
    code = codes.spell(random, length=length)

    assert codes.normal(codes.shown(code)) == code
    assert len(code) == length + 1


@given(RANDOM, LENGTHS, st.data())
def test_with_one_wrong_character_is_noticed(random: bytes, length: int, data: st.DataObject) -> None:
    code = codes.spell(random, length=length)
    place = data.draw(st.integers(0, length))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda letter: letter != code[place]))

    with pytest.raises(BadCode):
        codes.normal(code[:place] + other + code[place + 1 :])


@given(RANDOM, LENGTHS, st.data())
def test_with_two_characters_that_changed_places_is_noticed(random: bytes, length: int, data: st.DataObject) -> None:
    code = codes.spell(random, length=length)
    first = data.draw(st.integers(0, length - 1))
    second = data.draw(st.integers(first + 1, length))
    letters = list(code)
    letters[first], letters[second] = letters[second], letters[first]

    if code[first] == code[second]:
        assert codes.normal("".join(letters)) == code
    else:
        with pytest.raises(BadCode):
            codes.normal("".join(letters))


def test_has_a_pin_of_six_digits() -> None:
    assert codes.pin(bytes(8)) == "000000"
    assert codes.pin((999_999).to_bytes(8, "big") + b"more") == "999999"
    assert codes.pin((1_000_001).to_bytes(8, "big")) == "000001"
