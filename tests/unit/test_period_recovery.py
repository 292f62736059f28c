"""When a confirmed exceedance has ended: by which later window, what says nothing of it, until when any may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from tests.periods_world import marks_of, moment, plan_of, readings

from qingtian.base import times
from qingtian.law import rules
from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
HOUR = {"factor": "a21002", "period": "hour", "upper": 150.0, "unit": "mg/m3", "printed": "<= 150 mg/m3"}
DAILY = {"factor": "w01018", "period": "day", "upper": 50.0, "unit": "mg/L", "printed": "50"}
GAS = {"code": "G1", "medium": "gas", "source_type": "锅炉", "limits": [HOUR]}
WATER = {"code": "W1", "medium": "water", "source_type": "", "limits": [DAILY]}


def hours(*values: float | None, day: date = DAY, factor: str = "a21002") -> pl.DataFrame:
    """Return hour records, one a value from midnight on; None: nothing came."""
    entries = [
        {"factor": factor, "cn": 2061, "value": value, "from": f"{hour:02d}:00", "to": f"{hour + 1:02d}:00"}
        for hour, value in enumerate(values)
        if value is not None
    ]
    return readings(day, entries)


def ends(
    rows: pl.DataFrame,
    *,
    outlet: dict[str, Any] = GAS,
    days: int = 1,
    marks: Sequence[dict[str, Any]] = (),
    horizon: datetime | None = None,
) -> list[str | None]:
    """Return when each exceedance has ended, in their order: ``MM-DD HH:MM``."""
    plan = plan_of(outlet)
    every = [DAY + timedelta(days=number) for number in range(days)]
    made = api.windows(api.rows_of(rows), plan, days=every, marks=marks_of(DAY, outlet["code"], marks))
    until = horizon or moment(every[-1], "24:00")
    made = made.filter(pl.col("period_end") <= until)
    found = [one.message() for one in api.judge(made, plan)]
    told = api.with_ends(found, made, plan, horizon=times.to_microseconds(until))
    assert all(one["running"] is (one["end"] is None) is (one["recovery"] is None) for one in told)
    return [one["end"] and f"{datetime.fromisoformat(one['end']):%m-%d %H:%M}" for one in told]


def test_the_next_valid_hour_within_ends_it_and_hours_that_follow_one_another_end_together() -> None:
    assert ends(hours(100, 180, 190, 120, 200)) == ["11-20 04:00", "11-20 04:00", None]


def test_an_hour_equal_to_the_limit_is_within_and_ends_it() -> None:
    assert ends(hours(180, 150.0)) == ["11-20 02:00"]


def test_hours_of_which_nothing_came_or_that_a_mark_exempts_say_nothing_of_it() -> None:
    story = hours(180, None, 100, 110)
    assert ends(story) == ["11-20 03:00"]
    marks = [{"kind": "condition", "label": "停炉", "from": "02:00", "to": "03:00"}]
    assert ends(story, marks=marks) == ["11-20 04:00"]


def test_a_day_is_ended_by_a_later_day_and_not_by_hours() -> None:
    parts = [hours(*[60.0] * 24, factor="w01018"), hours(*[40.0] * 24, day=DAY + timedelta(days=1), factor="w01018")]
    assert ends(parts[0], outlet=WATER) == [None]
    assert ends(pl.concat(parts), outlet=WATER, days=2) == ["11-22 00:00"]


def test_five_minute_temperatures_that_count_together_end_with_a_whole_day_that_has_too_few_of_them() -> None:
    cold = {"factor": "a01901", "period": "5min", "lower": 850.0, "unit": "°C", "printed": ">= 850 °C"}
    furnace = {"code": "G1", "medium": "gas", "source_type": "生活垃圾焚烧炉", "limits": [cold]}
    tomorrow = DAY + timedelta(days=1)
    story = [readings(DAY, [{"factor": "a01901", "value": 900}, {"factor": "a01901", "value": 840, "to": "00:30"}])]
    story.append(readings(tomorrow, [{"factor": "a01901", "value": 900}], first=5))
    few = readings(tomorrow, [{"factor": "a01901", "value": 840, "to": "00:25"}], first=9)
    many = readings(tomorrow, [{"factor": "a01901", "value": 840, "to": "00:30"}], first=9)
    # the few of the second day are a warning, which its own day ends
    assert ends(pl.concat([*story, few]), outlet=furnace, days=2) == ["11-22 00:00", "11-22 00:00"]
    assert ends(pl.concat([*story, many]), outlet=furnace, days=2) == [None, None]
    # nobody knows yet what the rest of the day brings
    assert ends(pl.concat([*story, few]), outlet=furnace, days=2, horizon=moment(tomorrow, "23:00")) == [None, None]


@pytest.mark.parametrize(
    ("until", "early", "told"),
    [
        ("00:10", None, ""),
        ("00:15", True, "有3个五分钟均值"),
        ("00:25", True, "达到6个即可认定"),
        ("00:30", False, "有6个"),
    ],
)
def test_a_furnace_too_cold_is_warned_of_from_the_third_five_minutes_on(
    until: str, early: bool | None, told: str
) -> None:
    cold = {"factor": "a01901", "period": "5min", "lower": 850.0, "unit": "°C", "printed": ">= 850 °C"}
    furnace = {"code": "G1", "medium": "gas", "source_type": "生活垃圾焚烧炉", "limits": [cold]}
    rows = readings(DAY, [{"factor": "a01901", "value": 900}, {"factor": "a01901", "value": 840, "to": until}])
    plan = plan_of(furnace)
    found = api.judge(api.windows(api.rows_of(rows), plan, days=[DAY]), plan)
    assert [one.is_early for one in found] == ([] if early is None else [early])
    assert [one.support for one in found] == ([] if early is None else ["warn" if early else "penalty"])
    assert all(told in one.message()["evidence"]["zh"] and one.message()["evidence"]["en"] for one in found)


def test_it_waits_for_as_many_windows_in_a_row_as_the_rule_says_and_looks_no_farther(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strict = {"rows": [{"period": "hour", "within": 2, "look_days": 1, "source": "test"}]}
    table, known = rules.read(strict, name="strict"), rules.table
    monkeypatch.setattr(rules, "table", lambda name: table if name == "periods/recovery" else known(name))
    assert ends(hours(180, 100, 180, 100, None, 110, 90)) == ["11-20 06:00", "11-20 06:00"]
    late = pl.concat([hours(180), hours(100, 100, day=DAY + timedelta(days=1))])
    assert ends(late, days=2) == [None]
    assert api.look_ahead() == 24 * 3600 * times.MICROSECONDS


def test_it_says_with_which_value_it_ended_and_leaves_what_was_found_as_it_was() -> None:
    plan = plan_of(GAS)
    made = api.windows(api.rows_of(hours(180, 120)), plan, days=[DAY])
    (found,) = [one.message() for one in api.judge(made, plan)]
    (told,) = api.with_ends([found], made, plan, horizon=times.to_microseconds(moment(DAY, "24:00")))
    assert {name: told[name] for name in found} == found
    assert told["recovery"]["value"] == 120
    assert (
        told["recovery"]["zh"]
        == "氮氧化物2026年11月20日0时起的超标已结束：2026年11月20日1时小时均值120mg/m³有效，符合限值。"
    )
    assert "has ended" in told["recovery"]["en"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_lies_below_a_lower_limit_is_said_to_and_never_to_be_over_it(language: str) -> None:
    cold = {"factor": "a01901", "period": "5min", "lower": 850.0, "unit": "°C", "printed": ">= 850 °C"}
    furnace = {"code": "G1", "medium": "gas", "source_type": "生活垃圾焚烧炉", "limits": [cold]}
    tomorrow = DAY + timedelta(days=1)
    story = [readings(DAY, [{"factor": "a01901", "value": 900}, {"factor": "a01901", "value": 840, "to": "00:30"}])]
    story.append(readings(tomorrow, [{"factor": "a01901", "value": 900}], first=5))
    plan = plan_of(furnace)
    made = api.windows(api.rows_of(pl.concat(story)), plan, days=[DAY, tomorrow])
    (found,) = [one.message() for one in api.judge(made, plan)]
    (told,) = api.with_ends([found], made, plan, horizon=times.to_microseconds(moment(tomorrow, "24:00")))
    below, over = {"zh": ("低于限值", "超标"), "en": ("below the limit", "exceedance")}[language]
    assert below in found["evidence"][language]
    assert over not in found["evidence"][language] + told["recovery"][language]
