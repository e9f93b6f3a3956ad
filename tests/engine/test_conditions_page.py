import os
from pathlib import Path

from regulars.engine.conditions import STANDARD, Code, check
from regulars.engine.conditions.overloads import FUNCTIONS
from regulars.engine.conditions.page import reference_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conditions.md"


def test_the_reference_page_says_what_the_code_does() -> None:
    """REGULARS_WRITE_DOCS=1 writes the page anew."""
    made = reference_page(STANDARD)
    if os.environ.get("REGULARS_WRITE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == made


def test_every_function_and_code_is_on_the_page() -> None:
    page = reference_page(STANDARD)

    named = {"negate": "-", "not": "!"}
    assert all(named.get(function, function) in page for function in FUNCTIONS.values())
    assert all(code.value in page for code in Code)


def test_the_example_of_the_page_is_a_condition() -> None:
    example = reference_page(STANDARD).split("```")[1].strip()

    assert not isinstance(check(example, STANDARD.for_event("purchase")), tuple)
