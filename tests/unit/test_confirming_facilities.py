"""Channels of facilities, from the plan into the detectors' series: minutes and hours, of one device or of two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from tests.periods_world import MN, marks_of, moment, plan_of, readings

from qingtian.base import times
from qingtian.stream.confirming import judgement, minutes, todo
from qingtian.stream.confirming.ground import Ground, first_heard
from qingtian.stream.confirming.minutes import Traces
from qingtian.stream.confirming.todo import Todo
from qingtian.stream.periods.api import PeriodPlan, beijing_start, read_plan, rows_of

DAY = date(2026, 11, 20)
LINE, PUMP = "p10101", "g10401"
UNITS = [
    {"name": "电镀线", "role": "production", "factor": LINE, "unit": "kW", "rated": 80.0},
    {"name": "喷淋泵", "role": "treatment", "factor": PUMP, "unit": "A", "rated": 20.0, "treats": ["电镀线"]},
]
OTHER = "B" * 24

Message = dict[str, Any]


def plan(units: Sequence[dict[str, Any]] = UNITS, *, medium: str = "gas", mns: Sequence[str] = (MN,)) -> PeriodPlan:
    one = {"code": "G1", "medium": medium, "facilities": list(units), "limits": [], "name": "", "source_type": ""}
    return read_plan({"number": 1, "outlets": [one | {"devices": [{"mn": mn, "pw": "123456"} for mn in mns]}]})


def told(rows: pl.DataFrame, by: PeriodPlan, *, marks: Sequence[dict[str, Any]] = ()) -> list[Message]:
    """Return what is said of treatment that is off, of minutes and of hours."""
    horizon = times.to_microseconds(moment(DAY, "24:00"))
    ground = Ground(plan=by, marks=marks_of(DAY, "G1", marks), horizon=horizon)
    made = judgement.closed(rows_of(rows), ground, days=[DAY])
    ground = Ground(plan=by, marks=ground.marks, horizon=horizon, since=first_heard(made.windows))
    start = beijing_start(DAY)
    hours = judgement.suspicions(made.windows, ground, first=start, last=start + 86_400_000_000)
    found = minutes.suspicions(made, Traces(), ground, days=[DAY]) + hours
    return [one for one in found if one["detector"] == "treatment_off"]


def running(*off: dict[str, Any], every: int = 1, cn: int = 2051) -> pl.DataFrame:
    plain = [{"factor": LINE, "value": 60.0}, {"factor": PUMP, "value": 18.0}]
    step = {"every": every} if cn == 2051 else {}
    return readings(DAY, [one | {"cn": cn} | step for one in (*plain, *off)])


STANDS = {"factor": PUMP, "value": 0.0, "from": "09:50", "to": "13:20"}


def test_minutes_tell_to_the_minute_that_production_ran_with_the_treatment_off() -> None:
    (found,) = told(running(STANDS), plan())
    names = ("period", "cn", "factor", "factors", "level")
    assert [found[name] for name in names] == ["minute", 2051, PUMP, [PUMP, LINE], "suspicion"]
    assert (found["since"][11:16], found["end"][11:16], found["band"] >= 1) == ("09:50", "13:20", True)
    assert "喷淋泵、电镀线" in found["evidence"]["zh"]
    assert "210分钟" in found["evidence"]["zh"]
    assert [chart["facility"] for chart in found["evidence"]["charts"]] == ["喷淋泵", "电镀线"]


def test_records_every_ten_minutes_tell_it_too() -> None:
    (found,) = told(running(STANDS, every=10), plan())
    assert (found["since"][11:16], found["end"][11:16]) == ("09:50", "13:20")


def test_of_a_device_that_sends_hours_alone_the_hours_tell_it() -> None:
    (found,) = told(running({**STANDS, "from": "10:00", "to": "13:00"}, cn=2061), plan())
    assert (found["period"], found["count"]) == ("hour", 3)


@pytest.mark.parametrize("medium", ["gas", "water"])
def test_an_outlet_of_water_is_no_other_even_while_nothing_flows(medium: str) -> None:
    dry = readings(DAY, [{"factor": "w00000", "value": 0.0}, {"factor": "w01018", "value": 30.0}])
    assert len(told(pl.concat([running(STANDS), dry]), plan(medium=medium))) == 1


def test_who_registers_nothing_or_lets_the_production_stand_hears_nothing() -> None:
    assert told(running(STANDS), plan([])) == []
    assert told(running(STANDS), plan([UNITS[0], UNITS[1] | {"treats": []}])) == []
    assert told(running(STANDS, {**STANDS, "factor": LINE}), plan()) == []


def test_the_production_unit_may_be_metered_by_another_device_of_the_outlet() -> None:
    rows = running(STANDS)
    two = rows.with_columns(mn=pl.when(pl.col("factor") == LINE).then(pl.lit(OTHER)).otherwise("mn"))
    (found,) = told(two, plan(mns=[MN, OTHER]))
    assert (found["mn"], found["since"][11:16]) == (MN, "09:50")


def test_a_slower_meter_stands_for_all_its_minutes() -> None:
    pump = readings(DAY, [{"factor": PUMP, "value": 18.0}, STANDS])
    line = readings(DAY, [{"factor": LINE, "value": 60.0, "every": 10}]).with_columns(mn=pl.lit(OTHER))
    (found,) = told(pl.concat([pump, line]), plan(mns=[MN, OTHER]))
    assert (found["since"][11:16], found["end"][11:16]) == ("09:50", "13:20")


def test_a_mark_on_the_monitor_hides_no_meter_and_one_that_names_the_channel_does() -> None:
    work = {"kind": "device", "label": "维护", "from": "09:00", "to": "14:00"}
    assert len(told(running(STANDS), plan(), marks=[work])) == 1
    assert told(running(STANDS), plan(), marks=[work | {"factors": [PUMP]}]) == []


def test_a_mark_that_the_source_stood_excuses_it() -> None:
    stood = {"kind": "condition", "label": "停运", "from": "09:00", "to": "14:00"}
    assert told(running(STANDS), plan(), marks=[stood]) == []


def test_a_state_is_enough_and_needs_no_rating() -> None:
    units = [UNITS[0], {key: value for key, value in UNITS[1].items() if key not in ("unit", "rated")}]
    rows = readings(DAY, [{"factor": LINE, "value": 60.0}, {"factor": PUMP, "value": 1}, STANDS])
    (found,) = told(rows, plan(units))
    assert found["since"][11:16] == "09:50"


def test_nothing_is_said_before_a_unit_is_in_force_nor_after_and_one_may_follow_another() -> None:
    later = [UNITS[0], UNITS[1] | {"from": "2026-11-21"}]
    before = [UNITS[0], UNITS[1] | {"to": "2026-11-20"}]
    assert told(running(STANDS), plan(later)) == []
    assert told(running(STANDS), plan(before)) == []
    followed = [*before, UNITS[1] | {"name": "新喷淋泵", "from": "2026-11-20"}]
    (found,) = told(running(STANDS), plan(followed))
    assert "新喷淋泵" in found["evidence"]["zh"]


def test_who_registers_a_unit_asks_for_the_days_from_then_on() -> None:
    horizon = beijing_start(DAY + timedelta(days=1))
    since = {MN: beijing_start(DAY - timedelta(days=9))}
    new = plan([UNITS[0] | {"from": "2026-11-18"}, UNITS[1] | {"from": "2026-11-18"}])
    asked = Todo()
    todo.of_plans(asked, plan([]), new, since, horizon=horizon)
    assert sorted(asked.days) == [date(2026, 11, day) for day in (18, 19, 20)]
    unchanged = Todo()
    todo.of_plans(unchanged, new, new, since, horizon=horizon)
    assert not unchanged


def test_a_plan_without_facilities_reads_as_before() -> None:
    assert plan_of({"code": "G1", "medium": "gas"}).outlets[0].facilities == ()


def test_water_that_flows_while_its_pump_draws_nothing_is_a_contradiction_whichever_device_meters_the_pump() -> None:
    pump = {"name": "排水泵", "role": "pump", "factor": "p20101", "unit": "kW", "rated": 15.0}
    flow = readings(
        DAY, [{"factor": "w00000", "cn": 2061, "value": 12.0}, {"factor": "w01018", "cn": 2061, "value": 30}]
    )
    power = [{"factor": "p20101", "cn": 2061, "value": 14.0}]
    power += [{"factor": "p20101", "cn": 2061, "value": 0.0, "from": "16:00", "to": "20:00"}]
    before = [
        readings(DAY - timedelta(days=number), [{"factor": "w00000", "cn": 2061, "value": 12.0}])
        for number in range(1, 6)
    ]
    for mn in (MN, OTHER):
        meter = readings(DAY, power).with_columns(mn=pl.lit(mn))
        found = contradicted(pl.concat([flow, meter, *before]), plan([pump], medium="water", mns=[MN, OTHER]))
        assert [(one["mn"], one["since"][11:16], one["count"], one["factors"]) for one in found] == [
            (MN, "16:00", 4, ["w00000", "p20101"])
        ]


def contradicted(rows: pl.DataFrame, by: PeriodPlan) -> list[Message]:
    days = [DAY - timedelta(days=number) for number in range(6)]
    horizon = times.to_microseconds(moment(DAY, "24:00"))
    ground = Ground(plan=by, marks=(), horizon=horizon)
    windows = judgement.closed_windows(rows_of(rows), ground, days=days)
    ground = Ground(plan=by, marks=(), horizon=horizon, since=first_heard(windows))
    start = beijing_start(DAY)
    found = judgement.suspicions(windows, ground, first=start, last=start + 86_400_000_000)
    return [one for one in found if one["detector"] == "contradiction"]
