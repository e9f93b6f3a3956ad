import pytest

from regulars.engine.conditions.wire import Message

# Written out by hand after the encoding's description: a varint of two bytes, a text, eight bytes, a message.
FIELDS = bytes.fromhex("08 96 01  12 05 68 c3 bc 6c 6f  19 0000000000000840  22 02 08 01  22 02 08 02")


def test_fields_are_read_by_number() -> None:
    message = Message(FIELDS)

    assert message.unsigned(1) == 150
    assert message.text(2) == "hülo"
    assert message.unsigned(3) == 0x4008000000000000
    assert [part.unsigned(1) for part in message.messages(4)] == [1, 2]


def test_absent_fields_have_protobuf_s_defaults() -> None:
    message = Message(b"")

    assert (message.unsigned(1), message.text(2), list(message.messages(4))) == (0, "", [])
    assert 1 not in message
    assert message.message(4).unsigned(1) == 0


def test_negative_numbers_are_ten_bytes_of_two_s_complement() -> None:
    assert Message(bytes.fromhex("08 ff ff ff ff ff ff ff ff ff 01")).signed(1) == -1
    assert Message(bytes.fromhex("08 80 80 80 80 80 80 80 80 80 01")).signed(1) == -(2**63)


@pytest.mark.parametrize("broken", ["0d 00000000", "12 05 68"])
def test_what_is_no_such_message_is_never_read_as_one(broken: str) -> None:
    with pytest.raises(AssertionError):
        Message(bytes.fromhex(broken))
