from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.parse import parse_policy
from policies.problems import PolicyInvalid

WEEKEND = '{name: weekend, from: "Fri 15:00", to: "Mon 09:00"}'
YEAR_END = "{name: year end, from: 2026-12-18, to: 2027-01-04, reason: holiday traffic}"
MONTH_END = '{rrule: "FREQ=MONTHLY;BYDAY=-1FR", from: "2026-01-30 15:00", for: 24h}'
NEW_YORK = "America/New_York"


def policy_with(*windows, zone=NEW_YORK):
    text = "policy: p\nmodels: [m]\ntransitions:\n  - from: staging\n    to: production\n    freeze:\n"
    text += f"      timezone: {zone}\n      windows:\n"
    return parse_policy(text + "".join(f"        - {window}\n" for window in windows), file="f")


def freeze_of(*windows, zone=NEW_YORK):
    return policy_with(*windows, zone=zone).transitions[0].freeze


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("windows", "at", "until"),
    [
        pytest.param([WEEKEND], "2026-11-20T19:59", None, id="a minute before"),
        pytest.param([WEEKEND], "2026-11-20T20:00", "2026-11-23T14:00", id="its first moment"),
        pytest.param([WEEKEND], "2026-11-22T12:00", "2026-11-23T14:00", id="Sunday"),
        pytest.param([WEEKEND], "2026-11-23T13:59", "2026-11-23T14:00", id="its last minute"),
        pytest.param([WEEKEND], "2026-11-23T14:00", None, id="when it ends"),
        pytest.param(
            ['{from: "Mon 22:00", to: "Mon 02:00"}'], "2026-11-24T04:00", "2026-11-30T07:00", id="nearly a week"
        ),
        pytest.param([YEAR_END], "2026-12-18T04:59", None, id="the evening before a date"),
        pytest.param([YEAR_END], "2026-12-18T05:00", "2027-01-05T05:00", id="the last day is meant whole"),
        pytest.param(
            ['{from: "2026-12-18 17:00", to: "2027-01-04 08:00"}'],
            "2027-01-04T12:59",
            "2027-01-04T13:00",
            id="to the minute",
        ),
        pytest.param(["{from: 2026-12-24, to: 2026-12-24}"], "2026-12-25T04:59", "2026-12-25T05:00", id="a day"),
        pytest.param([MONTH_END], "2026-11-27T20:00", "2026-11-28T20:00", id="last Friday"),
        pytest.param([MONTH_END], "2026-11-20T20:00", None, id="a Friday that is not the last"),
        pytest.param([MONTH_END], "2026-01-30T19:59", None, id="before it began"),
        pytest.param(
            [MONTH_END, WEEKEND], "2026-11-27T20:00", "2026-11-30T14:00", id="the longer of two that overlap"
        ),
        pytest.param(
            [WEEKEND, YEAR_END], "2026-12-18T20:30", "2027-01-05T05:00", id="one within the other"
        ),
        pytest.param(
            ["{from: 2026-11-23, to: 2026-11-24}", WEEKEND], "2026-11-20T21:00", "2026-11-25T05:00", id="a chain"
        ),
        pytest.param(
            ['{from: "Mon 09:00", to: "Mon 10:00"}', WEEKEND], "2026-11-20T21:00", "2026-11-23T15:00", id="they touch"
        ),
        pytest.param(
            ['{rrule: "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261123T000000", from: 2026-11-02, for: 30h}'],
            "2026-11-30T06:00",
            None,
            id="a recurrence that is over",
        ),
        pytest.param(
            ['{rrule: "FREQ=DAILY;COUNT=2", from: 2026-11-02, for: 1h}'], "2026-11-03T05:30", "2026-11-03T06:00", id="the second of two"
        ),
    ],
)  # fmt: skip
def test_a_freeze_ends_when_no_window_holds_any_more(windows, at, until):
    frozen = freeze_of(*windows).holds(utc(at))
    assert (frozen and frozen.until) == (until and utc(until))


@pytest.mark.parametrize(
    ("window", "at", "until"),
    [
        pytest.param('{from: "Sun 01:30", to: "Sun 03:30"}', "2026-11-01T05:30", "2026-11-01T08:30", id="begins at the first 1:30 of two"),
        pytest.param('{from: "Sat 22:00", to: "Sun 01:30"}', "2026-11-01T06:29", "2026-11-01T06:30", id="ends at the second 1:30 of two"),
        pytest.param('{from: "Sun 02:30", to: "Sun 12:00"}', "2026-03-08T06:30", "2026-03-08T16:00", id="begins before a 2:30 that there is not"),
        pytest.param('{from: "Sat 22:00", to: "Sun 02:30"}', "2026-03-08T07:29", "2026-03-08T07:30", id="ends after a 2:30 that there is not"),
        pytest.param('{from: "Fri 15:00", to: "Mon 09:00"}', "2026-03-07T12:00", "2026-03-09T13:00", id="a weekend an hour shorter"),
        pytest.param('{rrule: "FREQ=YEARLY", from: "2026-11-01 00:00", for: 24h}', "2026-11-02T03:59", "2026-11-02T04:00", id="24h are 24 hours on a day of 25"),
    ],
)  # fmt: skip
def test_clock_changes_leave_no_gap(window, at, until):
    assert freeze_of(window).holds(utc(at)).until == utc(until)


def test_the_sentence_names_zone_windows_and_reasons():
    said = freeze_of(WEEKEND, YEAR_END).holds(utc("2026-12-18T21:00")).sentence
    assert said == ("frozen until Tue 5 Jan 2027 00:00 America/New_York: weekend, year end (holiday traffic)")
    assert freeze_of('{from: "Fri 15:00", to: "Mon 09:00"}').holds(utc("2026-11-21T00:00")).sentence == (
        "frozen until Mon 23 Nov 2026 09:00 America/New_York: Fri 15:00 to Mon 09:00"
    )


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        ('{from: "Fri 15:00", to: "Fri 15:00"}', "f:9:35: it ends when it begins, write another time"),
        ('{from: "Frx 15:00", to: "Mon 15:00"}', "f:9:18: no day 'Frx', did you mean 'Fri'?"),
        ('{from: "fri 15:00", to: "Mon 15:00"}', "f:9:18: no day 'fri', did you mean 'Fri'?"),
        ('{from: "Fri 25:00", to: "Mon 15:00"}', "f:9:18: 'Fri 25:00' is not on the clock"),
        ("{from: Friday, to: Monday}", "f:9:18: 'Friday' is not a time, write"),
        ("{from: 2026-02-30, to: 2026-03-01}", "f:9:18: '2026-02-30' is not in the calendar"),
        ("{from: 0206-02-20, to: 2026-03-01}", "f:9:18: the year 206 cannot be meant"),
        ("{from: 2026-03-02, to: 2026-03-01}", "f:9:34: it ends before it begins"),
        ('{from: "2026-03-02 10:00", to: "2026-03-02 10:00"}', "f:9:42: it ends before it begins"),
        ('{from: 2026-03-02, to: "Fri 10:00"}', "f:9:34: one end is a time of every week, the other a date"),
        ('{from: "Fri 15:00"}', "f:9:11: 'to' is missing, add it"),
        ('{from: "Fri 15:00", to: "Mon 09:00", for: 2h}', "f:9:48: 'for' goes with an rrule"),
        ('{to: "Fri 15:00"}', "f:9:11: 'from' is missing, add it"),
        ("{rrule: FREQ=WEEKY, from: 2026-01-01, for: 1h}", "f:9:19: no frequency 'WEEKY', did you mean 'WEEKLY'?"),
        ("{rrule: BYDAY=FR, from: 2026-01-01, for: 1h}", "f:9:19: no frequency nothing, known here: DAILY"),
        ("{rrule: FREQ=HOURLY, from: 2026-01-01, for: 1h}", "f:9:19: 'FREQ=HOURLY' is too fine"),
        ('{rrule: "FREQ=DAILY;BYMINUTE=1", from: 2026-01-01, for: 1h}', "f:9:19: 'BYMINUTE=1' is too fine"),
        ('{rrule: "FREQ=WEEKLY;BYDAYS=FR", from: 2026-01-01, for: 1h}', "f:9:19: unknown part 'BYDAYS' of a recurrence rule, did you mean 'BYDAY'?"),
        ('{rrule: "FREQ=WEEKLY;BYDAY=XX", from: 2026-01-01, for: 1h}', "f:9:19: 'FREQ=WEEKLY;BYDAY=XX' is no recurrence rule"),
        ('{rrule: "FREQ=DAILY;INTERVAL=0", from: 2026-01-01, for: 1h}', "f:9:19: 'INTERVAL=0' is out of bounds"),
        ('{rrule: "FREQ=DAILY;FREQ=DAILY", from: 2026-01-01, for: 1h}', "f:9:19: 'FREQ' stands twice in the rule"),
        ("{rrule: every Friday, from: 2026-01-01, for: 1h}", "f:9:19: 'every Friday' is no part of a recurrence rule"),
        ('{rrule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", from: 2026-01-01, for: 1h}', "f:9:19: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' never happens"),
        ('{rrule: "FREQ=YEARLY;UNTIL=20250101", from: 2026-01-01, for: 1h}', "f:9:19: 'FREQ=YEARLY;UNTIL=20250101' never happens"),
        ('{rrule: FREQ=DAILY, from: "Fri 15:00", for: 1h}', "f:9:37: an rrule begins on a date"),
        ("{rrule: FREQ=DAILY, from: 2026-01-01}", "f:9:11: 'for' is missing beside 'rrule'"),
        ("{rrule: FREQ=DAILY, from: 2026-01-01, to: 2026-01-02}", "f:9:49: an rrule says when it begins again"),
        ("{rrule: FREQ=DAILY, from: 2026-01-01, for: 400d}", "f:9:54: '400d' is longer than a year"),
        ("{rrule: FREQ=DAILY, from: 2026-01-01, for: 25h}", "f:9:9: these windows leave no moment free"),
    ],
)  # fmt: skip
def test_a_bad_window_is_told_with_place_and_remedy(window, problem):
    with pytest.raises(PolicyInvalid) as caught:
        policy_with(window)
    assert any(str(one).startswith(problem) for one in caught.value.problems), caught.value


@pytest.mark.parametrize(
    ("zone", "advice"),
    [
        ("America/NewYork", "did you mean 'America/New_York'?"),
        ("MEZ+1x", "write one of the IANA database, such as Europe/Berlin or UTC"),
        ("../../etc/passwd", "write one of the IANA database"),
        ("5", "write one of the IANA database"),
    ],
)
def test_an_unknown_time_zone_is_told(zone, advice):
    with pytest.raises(PolicyInvalid, match=r"f:7:17: no time zone .*") as caught:
        policy_with(WEEKEND, zone=zone)
    assert advice in str(caught.value)


def test_windows_that_cover_the_whole_week_are_refused():
    with pytest.raises(PolicyInvalid, match="these windows leave no moment free"):
        policy_with('{from: "Mon 00:00", to: "Thu 00:00"}', '{from: "Thu 00:00", to: "Mon 00:00"}')


ZONES = st.sampled_from(["UTC", NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
CLOCK = st.builds(
    "{0} {1:02d}:{2:02d}".format,
    st.sampled_from(["Mon", "Fri", "Sun"]),
    st.integers(0, 23),
    st.sampled_from([0, 30]),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 given its zone at once


@given(ZONES, CLOCK, CLOCK, MOMENTS)
def test_at_the_end_of_a_freeze_nothing_holds_and_just_before_it_something_does(zone, begin, end, at):
    if begin == end:
        return
    freeze = freeze_of(f'{{from: "{begin}", to: "{end}"}}', YEAR_END, zone=zone)
    frozen = freeze.holds(at)
    if frozen:
        assert at < frozen.until
        assert freeze.holds(frozen.until) is None
        assert freeze.holds(frozen.until - timedelta(milliseconds=1))


@given(ZONES, CLOCK, CLOCK, MOMENTS)
def test_the_wall_clock_says_the_same_wherever_it_is_sure(zone, begin, end, at):
    """Held against a reading of the week in minutes, away from clock changes."""
    if begin == end:
        return
    local = at.astimezone(ZoneInfo(zone))
    around = {(local + timedelta(days=days)).utcoffset() for days in (-7, 0, 7)}
    minutes = [
        (("Mon", "Fri", "Sun").index(c[:3]) * 4 - (c[:3] == "Sun") * 2) * 1440 + int(c[4:6]) * 60 + int(c[7:])
        for c in (begin, end)
    ]
    now = local.weekday() * 1440 + local.hour * 60 + local.minute
    within = minutes[0] <= now < minutes[1] if minutes[0] < minutes[1] else not minutes[1] <= now < minutes[0]
    if len(around) == 1:
        assert bool(freeze_of(f'{{from: "{begin}", to: "{end}"}}', zone=zone).holds(at)) == within


@given(
    st.text("FREQ=DAILYWKMONTH;BY0123456789,-+SU", max_size=40),
    st.sampled_from(["", "FREQ=DAILY;", "FREQ=YEARLY;BYDAY="]),
)
def test_any_text_is_a_recurrence_rule_or_a_problem(text, start):
    window = f'{{rrule: "{start}{text}", from: 2026-01-01, for: 1h}}'
    with suppress(PolicyInvalid):
        assert freeze_of(window).windows
