"""YAML is read exactly, and refused where it is doubtful."""

from decimal import Decimal

import pytest

from regulars.programme.merging import merged
from regulars.programme.parsing import DEPTH_MAX, LENGTH_MAX, parse
from regulars.programme.problems import Finding, Problem
from regulars.programme.tree import Source, Tree, Value


def tree(text: str, name: str = "club.yaml") -> Tree:
    """Return what a readable text holds."""
    parsed = parse(Source(name, text))
    assert isinstance(parsed, Tree), str(parsed)
    return parsed


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("+7", 7),
        ("007", 7),
        ("1.10", Decimal("1.10")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal("1e3")),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        (".inf", ".inf"),
        ("1e1000000000", "1e1000000000"),
        ("9" * 31, "9" * 31),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("NO", "NO"),
        ("~", None),
        ("null", None),
        ("", None),
        ('""', ""),
        ("'17'", "17"),
        ('"true"', "true"),
        ("2026-11-27", "2026-11-27"),
        ("plain text", "plain text"),
        ("|\n    two\n    lines\n", "two\nlines\n"),
        (">-\n    one\n    line\n", "one line"),
    ],
)
def test_a_word_means_what_yaml_1_2_says_without_floats(written: str, value: Value) -> None:
    found = tree(f"a: {written}").value

    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


def test_names_are_texts() -> None:
    assert tree("17: a\ntrue: b\n~: c\n1.50: d\n").value == {"17": "a", "true": "b", "~": "c", "1.50": "d"}


def test_every_value_knows_where_it_is_written() -> None:
    found = tree("a: 1\nb:\n  - x\n  - {c: 'it''s'}\nd: |\n  text\ne:\n")

    written = {path: (place.name, place.written) for path, place in found.places.items() if path}

    assert written == {
        ("a",): (0, "1"),
        ("b", 0): (12, "x"),
        ("b", 1, "c"): (19, "'it''s'"),
        ("b", 1): (18, "{c: 'it''s'}"),
        ("b",): (5, "- x\n  - {c: 'it''s'}\n"),
        ("d",): (31, "|\n  text\n"),
        ("e",): (43, ""),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1", "1:6: the list is not closed here. Add , or ]."),
        ("a: {b: 1", "1:9: the mapping is not closed here. Add , or }."),
        ('a: "x', "1:4: the quotes are not closed. Add the closing quotes."),
        ("a:\n\tb: 1", "2:1: a tab stands where the line should be indented. Indent with blanks."),
        (
            "when: event.type == 'x' && y: 3",
            (
                "1:29: a second colon in one line. "
                "Put the text in quotes. Check the indentation: what belongs together starts in the same column."
            ),
        ),
        (
            "a: 'it's'",
            (
                "1:8: this does not fit with the lines above it. "
                "Check the indentation: what belongs together starts in the same column."
            ),
        ),
        (
            "a: 1\nb\nc: 2",
            (
                "2:1: a colon is missing after this name. "
                "Check the indentation: what belongs together starts in the same column."
            ),
        ),
        ("a: @x", "1:4: a text cannot start with @. Put the text in quotes."),
        ("a: `x`", "1:4: a text cannot start with `. Put the text in quotes."),
        ('a: "\\q"', "1:6: this is no escape. Write \\\\ for a backslash in quotes."),
        ("a: 1\n---\nb: 2", "2:1: a second document starts here, and a programme is one. Take the --- out."),
        ("? [a]\n: b", "1:3: the name of a value must be a word."),
        ("a: b\x07", "1:5: the character U+0007 cannot be part of a programme."),
        ("a: " + "[" * 30, f"1:{DEPTH_MAX + 4}: this is nested more than {DEPTH_MAX} levels deep."),
        ("a: *", "1:5: this is not YAML: expected alphabetic or numeric character, but found '\\x00'."),
    ],
)
def test_what_is_no_yaml_is_said_in_our_words(text: str, problem: str) -> None:
    parsed = parse(Source("club.yaml", text))

    assert isinstance(parsed, Problem)
    assert str(parsed) == f"club.yaml:{problem}"


def test_a_text_that_is_too_long_is_not_read() -> None:
    parsed = parse(Source("club.yaml", "# " + "x" * LENGTH_MAX))

    assert isinstance(parsed, Problem)
    assert parsed.message == f"the text has {LENGTH_MAX + 2} characters, and {LENGTH_MAX} is the most"


@pytest.mark.parametrize(
    ("text", "value", "problems"),
    [
        (
            "a: 1\na: {b: [1, {c: 2}]}\nd: 2\na: 3\n",
            {"a": 1, "d": 2},
            [
                "club.yaml:2:1: a: 'a' is here twice; the first is on line 1. Keep one of them.",
                "club.yaml:4:1: a: 'a' is here twice; the first is on line 1. Keep one of them.",
            ],
        ),
        (
            "a: &x 1\nb: [*x]\n",
            {"a": 1, "b": [None]},
            [
                (
                    "club.yaml:1:4: an anchor (&) names something for an alias, and a programme has none."
                    " Put a text that starts with this sign in quotes."
                ),
                (
                    "club.yaml:2:5: an alias (*) stands for something written elsewhere, "
                    "and a programme says it in place. Put a text that starts with this sign in quotes."
                ),
            ],
        ),
        (
            "when: !member == 3\n",
            {"when": "== 3"},
            [
                (
                    "club.yaml:1:7: a tag (!) means something to other programs, and nothing here."
                    " Put a text that starts with this sign in quotes."
                ),
            ],
        ),
    ],
)
def test_what_says_one_thing_in_two_ways_is_refused(text: str, value: Value, problems: list[str]) -> None:
    found = tree(text)

    assert found.value == value
    assert [str(problem) for problem in found.problems] == problems


def test_aliases_cannot_blow_a_text_up() -> None:
    levels = "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    found = tree(f"a: &a [lol]\n{levels}")

    assert len(found.places) < 100
    assert len(found.problems) == 9 + 8 * 9


@pytest.mark.parametrize(
    ("written", "needle"),
    [
        ("a && Bad", "Bad"),
        ("'a && Bad'", "Bad"),
        ("'it''s && Bad'", "Bad"),
        ('"a && Bad"', "Bad"),
        ('"\\"a\\" \\u0041 \\x41 && Bad"', "Bad"),
        ('"one \\\n    && Bad"', "Bad"),
        ("|\n    a\n      && Bad\n", "Bad"),
        ("|\n\n\n    a\n\n    && Bad\n", "Bad"),
        (">\n    a\n    &&\n\n    Bad\n", "Bad"),
        (">-\n    a\n      b\n    && Bad", "Bad"),
        ("a\n    &&\n    Bad", "Bad"),
        ('"Bad"', "Bad"),
        ("|2\n    Bad\n", "Bad"),
    ],
)
def test_a_place_within_a_text_is_found_past_quotes_escapes_and_indents(written: str, needle: str) -> None:
    text = f"x: 1\nwhen: {written}\n"
    found = tree(text)
    value = found.at(("when",))
    assert isinstance(value, str)

    problem = found.locate(Finding(path=("when",), message="here", offset=value.index(needle)))

    before = text[: text.index(needle)]
    assert (problem.line, problem.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_the_end_of_a_text_has_a_place_too() -> None:
    found = tree("when: 'a == '\n")

    problem = found.locate(Finding(path=("when",), message="unexpected end", offset=5))

    assert (problem.line, problem.column) == (1, 13)


def test_files_are_put_together_by_section() -> None:
    first = tree("id: club\nwallets: {points: {}}\nrules: [{id: a}]\n", "a.yaml")
    second = tree("wallets:\n  stamps: {}\nrules:\n  - {id: b}\n  - {id: c}\n", "b.yaml")

    whole = merged([first, second])

    assert not whole.problems
    assert whole.value == {
        "id": "club",
        "wallets": {"points": {}, "stamps": {}},
        "rules": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
    }
    problem = whole.locate(Finding(path=("rules", 2, "id"), message="here"))
    assert (problem.source, problem.line, problem.column, problem.path) == ("b.yaml", 5, 10, "rules[2].id")


def test_two_files_cannot_say_the_same() -> None:
    first = tree("id: club\nwallets: {points: {}}\nrules: []\n", "a.yaml")
    second = tree("id: shop\nwallets:\n  points: {decimals: 2}\nrules: {}\n", "b.yaml")

    whole = merged([first, second, tree("- 1\n", "c.yaml")])

    assert [str(problem) for problem in whole.problems] == [
        "b.yaml:1:1: id: 'id' is here again; the first is on line 1 of a.yaml. Keep one of them.",
        "b.yaml:3:3: wallets.points: 'points' is here again; the first is on line 2 of a.yaml. Keep one of them.",
        "b.yaml:4:1: rules: 'rules' is here again; the first is on line 3 of a.yaml. Keep one of them.",
        "c.yaml:1:1: a file of a programme must be a mapping of sections to what they hold.",
    ]
