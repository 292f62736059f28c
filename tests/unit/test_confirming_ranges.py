"""Measuring ranges, from the plan into the detector's series: hours, their minutes, and the flag T of either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.periods_world import MN, moment, readings

from qingtian.base import times
from qingtian.stream.confirming import judgement, todo
from qingtian.stream.confirming.ground import Ground, first_heard
from qingtian.stream.confirming.todo import Todo
from qingtian.stream.periods.api import PeriodPlan, beijing_start, read_plan, rows_of

DAY = date(2026, 11, 20)
NOX, COD = "a21002", "w01018"
OTHER = "B" * 24

Message = dict[str, Any]


def plan(*ranges: dict[str, Any], medium: str = "gas", operating: dict[str, Any] | None = None) -> PeriodPlan:
    one = {"code": "G1", "medium": medium, "limits": [], "ranges": list(ranges), "operating": operating or {}}
    devices = [{"mn": mn, "pw": "123456"} for mn in (MN, OTHER)]
    return read_plan({"number": 1, "outlets": [one | {"devices": devices}]})


def told(rows: pl.DataFrame, by: PeriodPlan) -> list[Message]:
    horizon = times.to_microseconds(moment(DAY, "24:00"))
    ground = Ground(plan=by, marks=(), horizon=horizon)
    windows = judgement.closed_windows(rows_of(rows), ground, days=[DAY])
    ground = Ground(plan=by, marks=(), horizon=horizon, since=first_heard(windows))
    start = beijing_start(DAY)
    found = judgement.suspicions(windows, ground, first=start, last=start + 86_400_000_000)
    return [one for one in found if one["detector"] == "out_of_range"]


def minutes(*more: dict[str, Any], factor: str = NOX) -> pl.DataFrame:
    values = [50.0 + number % 7 for number in range(61)]
    return readings(DAY, [{"factor": factor, "values": values}, *more])


PEAK = {"factor": NOX, "value": 200.0, "from": "10:20", "to": "10:30"}
LATER = {"factor": NOX, "value": 200.0, "from": "11:20", "to": "11:30"}


def sentences(found: Sequence[Message]) -> list[str]:
    return [one["evidence"]["zh"] for one in found]


def test_minutes_at_the_top_show_in_hours_whose_means_are_far_below_it() -> None:
    (found,) = told(minutes(PEAK, LATER), plan({"factor": NOX, "top": 200.0}))
    assert (found["since"][11:16], found["count"], found["factor"]) == ("10:00", 2, NOX)
    assert "到达量程上限200" in found["evidence"]["zh"]
    assert found["weight"] >= 0.5
    (line,) = found["evidence"]["charts"][0]["lines"]
    assert (line["zh"], line["values"]) == ("量程上限", 200.0)


def test_nothing_is_said_where_no_range_is_registered_or_that_of_another_device() -> None:
    assert told(minutes(PEAK, LATER), plan()) == []
    assert told(minutes(PEAK, LATER), plan({"factor": NOX, "top": 200.0, "mn": OTHER})) == []
    assert told(minutes(PEAK, LATER), plan({"factor": "a21026", "top": 20.0})) == []


def test_a_range_that_names_the_device_stands_before_that_of_the_outlet() -> None:
    both = plan({"factor": NOX, "top": 100.0}, {"factor": NOX, "top": 300.0, "mn": MN})
    assert told(minutes(PEAK, LATER), both) == []


def test_until_the_day_of_its_own_range_a_device_is_held_against_that_of_the_outlet() -> None:
    general, own = {"factor": NOX, "top": 200.0}, {"factor": NOX, "top": 300.0, "mn": MN}
    assert len(told(minutes(PEAK, LATER), plan(own | {"from": "2026-11-21"}, general))) == 1
    assert told(minutes(PEAK, LATER), plan(own | {"from": "2026-11-20"}, general)) == []
    assert len(told(minutes(PEAK, LATER), plan(own | {"to": "2026-11-20"}, general))) == 1


@pytest.mark.parametrize(("start", "heard"), [("2026-11-20", 1), ("2026-11-21", 0)])
def test_a_range_counts_from_its_day_on(start: str, heard: int) -> None:
    assert len(told(minutes(PEAK, LATER), plan({"factor": NOX, "top": 200.0, "from": start}))) == heard


def test_the_flag_T_of_minutes_and_of_hour_records_is_heard() -> None:
    by = plan({"factor": NOX, "top": 400.0})
    flagged = [one | {"flag": "T"} for one in (PEAK, LATER)]
    (of_minutes,) = told(minutes(*flagged), by)
    assert "标记为超测量上限（T）" in of_minutes["evidence"]["zh"]
    hours = [{"factor": NOX, "cn": 2061, "value": 50.0}]
    hours += [{"factor": NOX, "cn": 2061, "value": 400.0, "flag": "T", "from": "03:00", "to": "05:00"}]
    (of_hours,) = told(readings(DAY, hours), by)
    assert (of_hours["since"][11:16], of_hours["count"]) == ("03:00", 2)
    assert of_hours["evidence"]["numbers"]["rows_flagged"] == 2


def test_the_hours_of_a_water_analyser_are_held_against_its_range_too() -> None:
    hours = [{"factor": COD, "cn": 2061, "value": 30.0}]
    hours += [{"factor": COD, "cn": 2061, "value": 250.0, "from": "03:00", "to": "06:00"}]
    (found,) = told(readings(DAY, hours), plan({"factor": COD, "top": 200.0}, medium="water"))
    assert "超出登记的量程上限200" in found["evidence"]["zh"]


def test_minutes_in_ppm_are_not_held_against_a_range_in_milligrams() -> None:
    by = plan({"factor": NOX, "top": 200.0}, operating={"ppm": [NOX]})
    assert told(minutes(PEAK, LATER), by) == []


def test_a_new_range_asks_for_the_days_from_its_own_on() -> None:
    asked = Todo()
    since = {MN: beijing_start(date(2026, 11, 1))}
    new = plan({"factor": NOX, "top": 200.0, "from": "2026-11-18"})
    todo.of_plans(asked, plan(), new, since, horizon=beijing_start(date(2026, 11, 21)))
    assert sorted(asked.days) == [date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)]
