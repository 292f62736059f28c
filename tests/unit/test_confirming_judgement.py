"""When a period is closed, how heavily a suspicion weighs, and what of converted values and totals does not follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from tests.periods_world import plan_of, readings

from qingtian.base import times
from qingtian.stream.confirming import judgement
from qingtian.stream.confirming.ground import HOUR, Ground, band_of, first_heard, horizon_of
from qingtian.stream.confirming.means import Means
from qingtian.stream.periods.api import rows_of

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas", "operating": {"reference_oxygen": 3.5}, "limits": []}


def at(clock: str) -> int:
    return times.to_microseconds(datetime.fromisoformat(f"2026-11-20T{clock}+08:00"))


@pytest.mark.parametrize(("arrival", "closed"), [("10:09:59", "09:00"), ("10:10:00", "10:00"), ("10:59:00", "10:00")])
def test_a_period_is_closed_when_something_arrived_ten_minutes_after_its_end(arrival: str, closed: str) -> None:
    assert horizon_of(at(arrival)) == at(closed)


def test_of_a_young_device_only_heavy_evidence_is_more_than_a_clue() -> None:
    since = at("00:00")
    weights = (0.49, 0.5, 0.7, 0.84, 0.85, 0.9)
    assert [band_of(weight, at=since + HOUR, since=since) for weight in weights] == [0, 0, 0, 0, 2, 3]
    assert [band_of(weight, at=since + 72 * HOUR, since=since) for weight in weights] == [0, 1, 2, 2, 2, 3]


def windows(*, converted: float) -> tuple[pl.DataFrame, Ground]:
    entries = [
        {"factor": "a21002", "cn": 2061, "value": 100.0},
        {"factor": "a21002", "cn": 2061, "measure": "ZsAvg", "value": converted, "from": "00:00", "to": "06:00"},
        {"factor": "a19001", "cn": 2061, "value": 7.0},
    ]
    rows = readings(DAY, entries)
    ground = Ground(plan=plan_of(GAS), marks=(), horizon=at("20:00"))
    made = judgement.closed_windows(rows_of(rows), ground, days=[DAY])
    return made, Ground(plan=ground.plan, marks=(), horizon=ground.horizon, since=first_heard(made))


def test_windows_beyond_the_horizon_are_not_spoken_of() -> None:
    made, _ = windows(converted=125.0)
    assert made["period_end"].max() == times.from_microseconds(at("20:00"))
    assert set(made["period"]) == {"hour"}


def test_converted_values_that_do_not_follow_are_one_finding_a_day_and_never_called_a_fault() -> None:
    # 100 · (21 − 3.5) / (21 − 7) = 125
    made, ground = windows(converted=80.0)
    (found,) = judgement.of_periods(made, ground)
    assert (found["detector"], found["level"], found["count"]) == ("period_contradiction", "suspicion", 6)
    assert found["weight"] == pytest.approx(0.65)
    assert "自算125" in found["evidence"]["zh"]
    assert "疑似" in found["evidence"]["zh"]
    (picture,) = found["evidence"]["charts"]
    assert (picture["factor"], picture["values"]) == ("a21002", [80.0] * 6)
    assert picture["lines"][0]["values"] == [125.0] * 6


def test_converted_values_that_follow_are_no_finding() -> None:
    made, ground = windows(converted=125.0)
    assert judgement.of_periods(made, ground) == []


def test_a_suspicion_is_told_by_the_cell_it_begins_in_and_by_no_other() -> None:
    days = [DAY + timedelta(days=number) for number in range(5)]
    parts = [
        readings(day, [{"factor": "a21002", "cn": 2061, "values": [50.0 + hour + place for hour in range(24)]}])
        for place, day in enumerate(days)
    ]
    stuck = readings(days[2], [{"factor": "a21002", "cn": 2061, "value": 61.5}], first=50)
    rows = pl.concat([part for place, part in enumerate(parts) if place != 2] + [stuck])
    horizon = times.to_microseconds(datetime.fromisoformat("2026-11-25T00:00:00+08:00"))
    ground = Ground(plan=plan_of(GAS), marks=(), horizon=horizon)
    made = judgement.closed_windows(rows_of(rows), ground, days=days)
    ground = Ground(plan=ground.plan, marks=(), horizon=horizon, since=first_heard(made))
    told = judgement.suspicions(made, ground, first=at("00:00"), last=horizon)
    flat = [one for one in told if one["detector"] == "flat_line"]
    assert [(one["since"], one["count"], one["running"]) for one in flat] == [("2026-11-22T00:00:00+08:00", 24, False)]
    cells = judgement.cells(at("00:00") - judgement.CELL, horizon + judgement.CELL)
    outlet = ground.plan.outlets[0]
    each = [
        judgement.suspicions_of(Means.of(made), ground, outlet=outlet, mn=outlet.mns[0], cell=cell) for cell in cells
    ]
    assert sorted(one["finding"] for part in each for one in part) == sorted(one["finding"] for one in told)


@pytest.mark.parametrize(("since", "told"), [("14:56", 0), ("14:15", 1)])
def test_a_mean_is_held_against_ours_only_where_enough_minutes_came(since: str, told: int) -> None:
    # on line at 14:56, the device sends the hour that it measured: 100; of ours there are four minutes of 60
    entries = [
        {"factor": "a21002", "cn": 2061, "value": 100.0, "from": "14:00", "to": "15:00"},
        {"factor": "a21002", "value": 60.0, "from": since, "to": "15:00"},
    ]
    ground = Ground(plan=plan_of(GAS), marks=(), horizon=at("20:00"))
    made = judgement.closed_windows(rows_of(readings(DAY, entries)), ground, days=[DAY])
    ground = Ground(plan=ground.plan, marks=(), horizon=ground.horizon, since=first_heard(made))
    found = judgement.suspicions(made, ground, first=at("00:00"), last=at("20:00"))
    assert [one["detector"] for one in found].count("own_average") == told
