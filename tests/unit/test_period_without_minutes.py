"""Hours of which no minute came: what decides whether they count, by the rule and told among their steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.periods_world import marks_of, moment, plan_of, readings

from qingtian.law import rules
from qingtian.stream.periods import api, parameters

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas", "limits": []}
WATER = {"code": "W1", "medium": "water", "limits": []}
REPORTED = {"cn": 2061, "value": 50}
LATE_MINUTES = {"value": 40, "from": "10:00"}


@pytest.fixture
def by_minutes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bureau that wants minutes for every hour."""
    rows = [{"case": case, "by": "minutes", "source": "test"} for case in ("day", "before")]
    table, known = rules.read({"rows": rows}, name="strict"), rules.table
    monkeypatch.setattr(rules, "table", lambda name: table if name == "periods/without_minutes" else known(name))
    parameters.at.cache_clear()
    yield
    monkeypatch.undo()
    parameters.at.cache_clear()


def hours(*entries: dict[str, Any], outlet: dict[str, Any] = GAS) -> dict[str, tuple[bool, str]]:
    """Return whether the hours count, and why not, by their beginning."""
    factor = "w01018" if outlet is WATER else "a21002"
    rows = api.rows_of(readings(DAY, [{"factor": factor, **one} for one in entries]))
    made = api.windows(rows, plan_of(outlet), days=[DAY]).filter(period="hour")
    clock = pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.strftime("%H:%M")
    return {at: (valid, why) for at, valid, why in made.select(clock, "valid", "reason").iter_rows()}


def test_a_device_that_sends_hours_alone_is_taken_at_its_flag() -> None:
    told = hours(REPORTED, {**REPORTED, "flag": "M", "from": "05:00", "to": "06:00"})
    assert told["04:00"] == (True, "")
    assert told["05:00"] == (False, "flag")


def test_hours_before_the_first_minute_go_by_their_flag_and_from_it_on_minutes_decide() -> None:
    told = hours(REPORTED, LATE_MINUTES | {"except": [("12:00", "13:00")]})
    assert told["09:00"] == told["10:00"] == (True, "")
    # the device says the hour is good, but of its minutes none came
    assert told["12:00"] == (False, "minutes")


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ([], (True, "", 24, "missing24")),
        # 18 hours are wanted: six under marks leave them, seven do not
        ([("quality", "失控", "02:00", "08:00")], (True, "", 24, "missing18 out_of_control6")),
        ([("quality", "失控", "02:00", "09:00")], (False, "hours", 24, "missing17 out_of_control7")),
        (
            [("quality", "失控", "02:00", "06:00"), ("device", "维护", "12:00", "15:00")],
            (False, "hours", 24, "missing17 marked3 out_of_control4"),
        ),
        # of 12 hours in which it ran, nine are wanted
        ([("condition", "停运", "00:00", "12:00")], (True, "", 12, "missing12 stopped12")),
        ([("condition", "停运", "00:00", "24:00")], (False, "hours", 0, "stopped24")),
    ],
)
def test_a_day_that_came_alone_does_not_count_where_marks_or_failed_checks_leave_too_little_of_it(
    marks: list[tuple[str, str, str, str]], told: tuple[bool, str, int, str]
) -> None:
    rows = api.rows_of(readings(DAY, [{"factor": "a21002", "cn": 2031, "value": 50}]))
    stand = [dict(zip(("kind", "label", "from", "to"), mark, strict=True)) for mark in marks]
    made = api.windows(rows, plan_of(GAS), days=[DAY], marks=marks_of(DAY, "G1", stand)).filter(period="day")
    (found,) = made.select("valid", "reason", "due", "excluded", "value").iter_rows()
    assert found[:4] == told
    assert found[4] == (50.0 if told[0] else None)


@pytest.mark.usefixtures("by_minutes")
def test_where_the_rule_wants_minutes_no_hour_counts_without_them() -> None:
    assert hours(REPORTED)["04:00"] == (False, "minutes")
    told = hours(REPORTED, LATE_MINUTES)
    assert (told["09:00"], told["10:00"]) == ((False, "minutes"), (True, ""))


@pytest.mark.usefixtures("by_minutes")
def test_the_hour_of_water_is_one_analysis_and_asks_for_no_minutes() -> None:
    assert hours(REPORTED, LATE_MINUTES, outlet=WATER)["09:00"] == (True, "")


def test_an_hour_says_among_its_steps_that_it_counts_by_its_flag() -> None:
    rows = api.rows_of(readings(DAY, [{"factor": "a21002", **REPORTED}, {"factor": "a21002", **LATE_MINUTES}]))
    made = api.windows(rows, plan_of(GAS), days=[DAY]).filter(period="hour")
    steps = {
        at: api.explain(made.filter(pl.col("data_time") == moment(DAY, at)).row(0, named=True), "zh")[0]
        for at in ("09:00", "10:00")
    }
    assert "按设备上报小时值的数据标记认定有效" in steps["09:00"]
    assert "代表60分钟" in steps["10:00"]
