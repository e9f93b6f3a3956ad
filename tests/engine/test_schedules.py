"""A schedule …"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from regulars.engine.facts import Facts
from regulars.engine.recurrence import BadRecurrenceError, check_recurrence
from regulars.engine.schedules import (
    WEEKDAYS,
    BirthdayWindow,
    Hours,
    Recurrence,
    Schedule,
    Timetable,
    minutes_of,
    month_and_day,
    zones_of,
)
from regulars.engine.zones import zone
from tests.engine.making import bought, event, member, running

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "UTC"]
# Two years with every change of the clock, to the minute and around the minute.
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
STARTS_AT = datetime(2026, 1, 3, 8, tzinfo=UTC)


def facts_at(at: datetime, zone_name: str = "UTC", **attributes: str) -> Facts:
    state = member()
    state.attributes.update(attributes)
    return running(timezone=zone_name).facts(event(bought(100), at), state)


def timetable(schedule: Schedule, starts_at: datetime | None = None) -> Timetable:
    return Timetable(schedule, starts_at=starts_at, zones=zones_of(schedule, programme="UTC", shops={}))


def hours(starts: str, ends: str) -> Hours:
    return Hours(starts=starts, ends=ends)


@st.composite
def weekly(draw: st.DrawFn) -> Schedule:
    """Draw weekdays, hours, or both."""
    spans = draw(st.lists(st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]), max_size=3))
    weekdays = draw(st.lists(st.sampled_from(WEEKDAYS), unique=True, min_size=0 if spans else 1, max_size=5))
    return Schedule(weekdays=tuple(weekdays), hours=tuple(hours(*span) for span in spans))


def is_open(schedule: Schedule, local: datetime) -> bool:
    """Look at every window that begins on this day or the day before, one by one."""
    for day in (local.date() - timedelta(days=1), local.date()):
        if schedule.weekdays and WEEKDAYS[day.weekday()] not in schedule.weekdays:
            continue
        for span in schedule.hours or (None,):
            midnight = datetime.combine(day, datetime.min.time())
            starts = midnight + timedelta(minutes=minutes_of(span.starts) if span else 0)
            ends = midnight + timedelta(minutes=minutes_of(span.ends) if span else 24 * 60)
            if starts <= local < (ends if ends > starts else ends + timedelta(days=1)):
                return True
    return False


@given(weekly(), INSTANTS, st.sampled_from(ZONES))
def test_of_weekdays_and_hours_is_open_when_the_wall_shows_a_time_within(
    schedule: Schedule, at: datetime, zone_name: str
) -> None:
    local = at.astimezone(zone(zone_name)).replace(tzinfo=None)

    assert timetable(schedule)(facts_at(at, zone_name)) == is_open(schedule, local)


@given(weekly(), INSTANTS, st.sampled_from(ZONES))
def test_gives_a_reason_exactly_when_it_is_closed(schedule: Schedule, at: datetime, zone_name: str) -> None:
    table, facts = timetable(schedule), facts_at(at, zone_name)

    assert bool(table.reasons(facts)) != table(facts)


RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=TU,SA",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=SU",
    "FREQ=MONTHLY;BYDAY=1SA",
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=7,19;BYMINUTE=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=DAILY;COUNT=400",
    "FREQ=WEEKLY;UNTIL=20270101T000000",
]


@given(st.sampled_from(RULES), st.sampled_from([30, 60, 1440, 4000]), INSTANTS, st.sampled_from(ZONES))
def test_of_what_comes_again_is_open_from_each_start_for_its_time(
    rule: str, minutes: int, at: datetime, zone_name: str
) -> None:
    schedule = Schedule(recurrence=Recurrence(rule=rule, duration_minutes=minutes))
    local = at.astimezone(zone(zone_name)).replace(tzinfo=None)
    first = STARTS_AT.replace(tzinfo=None)

    starts = takewhile(lambda start: start <= local, rrulestr(rule, dtstart=first))
    expected = any(local < start + timedelta(minutes=minutes) for start in starts)

    assert timetable(schedule, STARTS_AT)(facts_at(at, zone_name)) == expected


def test_of_what_comes_again_answers_the_same_in_whatever_order_it_is_asked() -> None:
    schedule = Schedule(recurrence=Recurrence(rule="FREQ=MONTHLY;BYDAY=1SA", duration_minutes=720))
    asked = [datetime(year, month, 7, 12, tzinfo=UTC) for year in (2031, 2026, 2029) for month in (3, 6, 11)]
    kept = timetable(schedule, STARTS_AT)

    together = [kept(facts_at(at)) for at in asked]

    assert together == [timetable(schedule, STARTS_AT)(facts_at(at)) for at in asked]
    assert any(together)
    assert not all(together)


@given(
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.sampled_from(["day", "week", "month"]),
    st.integers(0, 40),
    st.integers(0, 40),
    st.sampled_from(["feb_28", "mar_1"]),
    INSTANTS,
)
def test_of_birthdays_is_open_on_the_days_around_one(
    born: date, within: Any, before: int, after: int, leap_day: Any, at: datetime
) -> None:
    window = BirthdayWindow(within=within, leap_day=leap_day)
    if within == "day":
        window = replace(window, days_before=before, days_after=after)

    assert timetable(Schedule(birthday=window))(facts_at(at, birthday=born.isoformat())) == _celebrated(
        born, window, at.date()
    )


def _celebrated(born: date, window: BirthdayWindow, today: date) -> bool:
    """Go through the birthdays of the years around, one by one."""
    if window.within == "month":
        return today.month == born.month
    for year in range(2024, 2031):
        leap = born.month == 2 and born.day == 29 and year % 4 != 0
        last = {"feb_28": (2, 28), "mar_1": (3, 1)}[window.leap_day]
        day = date(year, *last) if leap else date(year, born.month, born.day)
        if window.within == "week":
            if day.isocalendar()[:2] == today.isocalendar()[:2]:
                return True
        elif -window.days_before <= (today - day).days <= window.days_after:
            return True
    return False


@pytest.mark.parametrize("text", ["", "soon", "1990-13-01", "02-30", "1990-02", "19900229 "])
def test_of_birthdays_is_closed_where_the_birthday_cannot_be_read(text: str) -> None:
    assert month_and_day(text) is None
    [reason] = timetable(Schedule(birthday=BirthdayWindow())).reasons(facts_at(STARTS_AT, birthday=text))

    assert reason.code == "birthday-unknown"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [({"timezone": "Asia/Tokyo"}, True), ({"timezone": "Mars/Olympus"}, False), ({}, False)],
)
def test_in_the_members_zone_falls_back_on_the_programmes(attributes: Mapping[str, str], expected: bool) -> None:
    schedule = Schedule(zone="member", hours=(hours("20:00", "21:00"),))

    assert timetable(schedule)(facts_at(datetime(2026, 5, 4, 11, 30, tzinfo=UTC), **attributes)) is expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=SECONDLY", "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, and is SECONDLY"),
        ("INTERVAL=2", "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, and is not there"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND does not go with FREQ=DAILY here"),
        ("FREQ=DAILY;BYMONTHDAY=30", "BYMONTHDAY does not go with FREQ=DAILY here"),
        ("FREQ=YEARLY;BYYEARDAY=366", "BYYEARDAY does not go with FREQ=YEARLY here"),
        ("FREQ=DAILY;COUNT=99999", "COUNT is at most 10000"),
        ("FREQ=DAILY;INTERVAL=9999", "INTERVAL is at most 1000"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL do not go together"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "UNTIL cannot be '20270101T000000Z' here"),
        ("FREQ=DAILY;BYDAY=1MO", "a numbered day such as 1MO goes with FREQ=MONTHLY or YEARLY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "INTERVAL does not go with days or months that the rule may miss"),
        ("FREQ=WEEKLY;INTERVAL=2;BYMONTH=2", "INTERVAL does not go with days or months that the rule may miss"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40", "the rule comes more than 24 times a day"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the rule does not come once in the ten years after its start"),
        ("FREQ=MONTHLY;FREQ=DAILY", "'FREQ=DAILY' is not NAME=VALUE, or is there twice"),
        ("every day", "'every day' is not NAME=VALUE, or is there twice"),
        ("FREQ=DAILY;UNTIL=20279999", "the rule cannot be read: "),
    ],
)
def test_may_not_recur_in_every_way_there_is(rule: str, message: str) -> None:
    with pytest.raises(BadRecurrenceError) as error:
        check_recurrence(rule, STARTS_AT)

    assert str(error.value).startswith(message)


@pytest.mark.parametrize("rule", RULES)
def test_may_recur_in_the_usual_ways(rule: str) -> None:
    check_recurrence(rule, STARTS_AT)
