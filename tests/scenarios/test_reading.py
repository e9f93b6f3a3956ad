import pytest

from regulars.programme.scenarios import BrokenPageError, read_page, run_page

PAGE = """# A point a euro

## Programme

```yaml
id: shop
timezone: Europe/Paris
currency: EUR
wallets:
  points: {}
rules:
  - {id: base, type: spend, points: 1, per_minor: 100}
```

## Events

| # | when             | member | event    | details    |
|---|------------------|--------|----------|------------|
| 1 | 2025-03-03 10:00 | Ada    | purchase | soap 12.50 |

## Balances

| after | member | available |
|-------|--------|-----------|
| 1     | Ada    | 12        |
"""
EVENT = "| 1 | 2025-03-03 10:00 | Ada    | purchase | soap 12.50 |"
LOOK = "| 1     | Ada    | 12        |"


def problems(page: str) -> list[str]:
    with pytest.raises(BrokenPageError) as broken:
        read_page(page, "page.md")
    return [str(problem) for problem in broken.value.problems]


def events(*rows: str) -> str:
    """Return the page with other events."""
    return PAGE.replace(EVENT, "\n".join(rows))


def test_the_page_as_it_is_can_be_read() -> None:
    page = read_page(PAGE, "page.md")

    assert page.title == "A point a euro"
    assert run_page(page) == ()


def test_a_difference_says_where_and_what() -> None:
    page = read_page(PAGE.replace(LOOK, "| 1     | Ada    | 13        |"), "page.md")

    (difference,) = run_page(page)

    assert difference.line == 25
    assert difference.what == "Ada's points at 2025-03-03 10:00: available"
    assert (difference.expected, difference.actual) == ("13", "12")


def test_every_mistake_is_told_at_once() -> None:
    page = events(
        "| 1 | 2025-13-03 10:00 | Ada    | purchase | soap 12.50 |",
        "| 2 | 2025-03-03 10:00 | Ada    | purchase | soap 12.505 |",
    )

    assert problems(page) == [
        "page.md:19:7: when: '2025-13-03 10:00' is not in the calendar: month must be in 1..12. Write one that is.",
        "page.md:20:46: details: 12.505 is finer than EUR is counted. EUR has 2 digits after the point.",
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("| 1 | soon | Ada | purchase | soap 1 |", "19:7: when: 'soon' is not a time. Write it like 2025-03-01 10:00."),
        (
            "| 1 | 2025-03-30 02:30 | Ada | purchase | soap 1 |",
            "19:7: when: the clock of Europe/Paris skips 2025-03-30 02:30. Write another time.",
        ),
        (
            "| 1 | 2025-10-26 02:30 | Ada | purchase | soap 1 |",
            "it is 2025-10-26 02:30 twice in Europe/Paris. Say which, as in 2025-10-26 02:30 +02:00 or +01:00.",
        ),
        ("| a b | 2025-03-03 10:00 | Ada | purchase | soap 1 |", "19:3: #: 'a b' does not name the event"),
        ("| 1 | 2025-03-03 10:00 | | purchase | soap 1 |", "19:26: member: it does not say who"),
        ("| 1 | 2025-03-03 10:00 | Ada | Purchase | soap 1 |", "19:32: event: 'Purchase' is not a kind of event"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase | soap |", "19:43: details: 'soap' is no part of an order"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase | $shipping 1 |", "'$shipping 1' is no part of an order"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase | soap two tax 1 |", "'soap two tax 1' is no part of an order"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase | paid 5 by card; soap paid 5 |", "'soap paid 5' is no part"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase | order W1 |", "19:43: details: nothing was bought"),
        ("| 1 | 2025-03-03 10:00 | Ada | return | A1 |", "19:41: details: 'A1' does not say what came back"),
        ("| 1 | 2025-03-03 10:00 | Ada | return | of A1: 2 |", "19:41: details: '2' is not a line of an order"),
        ("| 1 | 2025-03-03 10:00 | Ada | spend | all |", "19:40: details: 'all' is not an amount of points"),
        ("| 1 | 2025-03-03 10:00 | Ada | spend | 5 stars |", "19:40: details: there is no wallet 'stars'"),
        ("| 1 | 2025-03-03 10:00 | Ada | spend | 0.5 |", "19:40: details: 0.5 is finer than points is counted"),
        ("| 1 | 2025-03-03 10:00 | Ada | spend | -5 |", "19:40: details: -5 is no amount to move"),
        ("| 1 | 2025-03-03 10:00 | Ada | hold | 5 |", "19:39: details: '5' does not say what is meant"),
        ("| 1 | 2025-03-03 10:00 | Ada | hold | 5 until noon |", "19:47: details: 'noon' is not a time"),
        ("| 1 | 2025-03-03 10:00 | Ada | capture | of 7 |", "no row above called '7' is one of points.held"),
        ("| 1 | 2025-03-03 10:00 | Ada | restore | of 7 |", "no row above is called '7'"),
        ("| 1 | 2025-03-03 10:00 | Ada | transfer | 5 to Bea |", "no row above is about 'Bea'. Enrol Bea first."),
        ("| 1 | 2025-03-03 10:00 | Ada | again | 7 |", "19:40: details: there is no event '7' above"),
        ("| 1 | 2025-03-03 10:00 | Ada | review | good |", "19:41: details: 'good' is not a name with a value"),
        ("| 1 | 2025-03-03 10:00 | Ada | purchase |", "19:1: the row has 4 cells and the table 5 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_cell(row: str, problem: str) -> None:
    assert problem in problems(events(row))[0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (LOOK, "| 2     | Ada    | 12        |", "25:3: after: there is no event '2'. The events are 1."),
        (LOOK, "| 1     | Bea    | 12        |", "25:11: member: no event is about 'Bea'. The page tells of Ada."),
        (LOOK, "| 1     | Ada    | twelve    |", "25:20: available: 'twelve' is not a number"),
        ("| after | member |", "| when | member |", "23:3: there is no column 'when' here"),
        ("| after | member | available |", "| after | after | available |", "23:11: two columns are called 'after'"),
        ("| after | member |", "| after | held |", "23:3: the table needs a column member. Add it."),
        ("## Balances", "## Ballances", "21:1: nothing reads a table under 'Ballances'"),
        ("per_minor: 100", "per_minor: none", "12:51: rules[0].per_minor: "),
        ("## Programme", "## Programme from 2025-03-01", "3:1: the first programme is in force since ever"),
        ("## Events", "The [rules of the shop](../rules.md).\n\n## Vents", "17:1: nothing reads a table under 'Vents'"),
        ("## Programme", "## The programme", "1:1: the page has no programme"),
        (LOOK, "", "1:1: the page has no title, no events or nothing that it expects"),
    ],
)
def test_a_page_that_cannot_be_read_says_where(old: str, new: str, problem: str) -> None:
    assert problem in problems(PAGE.replace(old, new))[0]


def test_a_merge_goes_into_the_older_membership() -> None:
    bea = "| 2 | 2025-03-04 10:00 | Bea | enrol | |"

    (problem,) = problems(events(EVENT, bea, "| 3 | 2025-03-05 10:00 | Ada | merge | into Bea |"))

    assert "21:40: details: Ada has been a member for longer" in problem


def test_events_are_listed_as_they_are_heard() -> None:
    rows = (EVENT, EVENT.replace("| 1 |", "| 2 |").replace("10:00", "09:59"))

    assert "20:7: when: 2025-03-03 09:59 is before the row above" in problems(events(*rows))[0]


def test_a_link_that_leads_nowhere_is_told() -> None:
    page = PAGE.replace("```yaml", "See [the programme](../gone.yaml).\n\n```yaml", 1)

    assert "page.md:5:21: there is no file '../gone.yaml' beside the page" in problems(page)[0]


def test_a_mistake_in_a_linked_programme_is_told_with_its_file() -> None:
    yaml = PAGE.split("```")[1].removeprefix("yaml\n").replace("currency: EUR", "currency: Euro")
    page = PAGE.replace(PAGE.split("```")[1], "").replace("``````", "[the programme](shop.yaml)")

    with pytest.raises(BrokenPageError) as broken:
        read_page(page, "page.md", {"shop.yaml": yaml}.get)

    assert str(broken.value.problems[0]).startswith("shop.yaml:3:11: currency: ")


def test_a_later_version_says_only_what_changes() -> None:
    later = "## Programme from 2025-04-01\n\n```yaml\nrules: []\n```\n\n## Events"

    page = read_page(PAGE.replace("## Events", later), "page.md")

    first, second = page.versions
    assert (len(first.running.rules), len(second.running.rules)) == (1, 0)
    assert second.running.timezone == "Europe/Paris"


def test_versions_stand_in_their_order() -> None:
    later = "## Programme from 2025-04-01\n\n```yaml\nrules: []\n```\n\n"
    earlier = later.replace("04-01", "03-01")

    (problem,) = problems(PAGE.replace("## Events", later + earlier + "## Events"))

    assert "the version starts before the one above it" in problem


def test_a_refusal_that_the_page_does_not_mention_is_a_difference() -> None:
    page = read_page(events(EVENT, "| 2 | 2025-03-04 10:00 | Ada | spend | 13 |"), "page.md")

    (difference,) = run_page(page)

    assert difference.line == 20
    assert difference.actual.startswith("refused: insufficient-points")


def test_an_award_of_a_refused_event_is_a_difference() -> None:
    awards = "\n## Awards\n\n| event | rule | points |\n|---|---|---|\n| 2 | base | 0 |\n"
    refusals = "\n## Refusals\n\n| event | code |\n|---|---|\n| 2 | insufficient-points |\n"
    page = events(EVENT, "| 2 | 2025-03-04 10:00 | Ada | spend | 13 |") + awards + refusals

    (difference,) = run_page(read_page(page, "page.md"))

    assert (difference.line, difference.expected) == (32, "accepted")
