"""The windows are a function of the set of readings: order, repetition and batches of arrivals change nothing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.periods_world import plan_of, readings

from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
NEXT = DAY + timedelta(days=1)
WATER = {
    "code": "W1",
    "medium": "water",
    "limits": [{"factor": "w01018", "period": "day", "upper": 50.0, "unit": "mg/L"}],
}
GAS = {
    "code": "G1",
    "medium": "gas",
    "operating": {"reference_oxygen": 3.5},
    "limits": [
        {"factor": "a21002", "period": "hour", "upper": 150.0, "unit": "mg/m3", "measure": "ZsAvg"},
        {"factor": "a21002", "period": "day", "upper": 120.0, "unit": "mg/m3", "measure": "ZsAvg"},
    ],
}
FACTORS = {"W1": ("w01018", "w00000", "w01001"), "G1": ("a21002", "a19001", "a00000")}

hours = st.integers(0, 23).map(lambda hour: f"{hour:02d}:00")
values = st.sampled_from([0.0, 3.5, 6.0, 20.4, 49.5, 50.5, 140.0, 163.0])
flags = st.sampled_from(["N", "N", "N", "M", "D", "F", ""])


@st.composite
def stories(draw: st.DrawFn) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return an outlet and what its device sent on two days, corrections and repetitions included."""
    outlet = draw(st.sampled_from([WATER, GAS]))
    entries = [
        {"factor": factor, "value": draw(values), "cn": cn, "every": 10 if cn == 2051 else 60}
        for factor in FACTORS[outlet["code"]]
        for cn in (2051, 2061)
    ]
    for _ in range(draw(st.integers(0, 8))):
        factor = draw(st.sampled_from(FACTORS[outlet["code"]]))
        change = {"factor": factor, "value": draw(values), "flag": draw(flags), "from": draw(hours)}
        entries.append(change | draw(st.sampled_from([{"cn": 2051, "every": 10}, {"cn": 2061, "every": 60}])))
    first = readings(DAY, entries)
    second = readings(NEXT, entries[: draw(st.integers(0, len(entries)))], first=1000)
    return outlet, pl.concat([first, second])


def windows(rows: pl.DataFrame, outlet: dict[str, Any], *days: date) -> pl.DataFrame:
    return api.windows(api.rows_of(rows), plan_of(outlet), days=days or (DAY, NEXT))


@given(stories(), st.integers(0, 1000), st.floats(0, 0.5))
@settings(deadline=None, max_examples=40)
def test_it_does_not_matter_in_which_order_or_how_often_readings_arrive(
    story: tuple[dict[str, Any], pl.DataFrame], seed: int, repeated: float
) -> None:
    outlet, rows = story
    again = rows.sample(fraction=repeated, seed=seed, with_replacement=True)
    shuffled = pl.concat([rows, again]).sample(fraction=1.0, shuffle=True, seed=seed)
    once, twice = windows(rows, outlet), windows(shuffled, outlet)
    assert once.equals(twice)
    told = [finding.message() for finding in api.judge(once, plan_of(outlet))]
    assert told == [finding.message() for finding in api.judge(twice, plan_of(outlet))]


@given(stories(), st.integers(0, 1000), st.integers(1, 6))
@settings(deadline=None, max_examples=30)
def test_what_is_made_anew_as_batches_come_in_ends_where_a_replay_begins(
    story: tuple[dict[str, Any], pl.DataFrame], seed: int, batches: int
) -> None:
    outlet, rows = story
    plan = plan_of(outlet)
    dice = random.Random(seed)
    batch_of = pl.Series([dice.randrange(batches) for _ in range(len(rows))])
    lake = rows.clear()
    held = windows(lake, outlet).with_columns(revision=pl.lit(1, pl.Int32))
    standing: dict[str, dict[str, Any]] = {}
    for number in range(batches):
        came = rows.filter(batch_of == number)
        lake = pl.concat([lake, came])
        for day in (DAY, NEXT):
            if not _on(came, day).is_empty():
                held = _made_anew(lake, outlet, day, held, standing)
    replayed = windows(rows, outlet)
    assert _plain(held).equals(_plain(replayed))
    assert set(standing) == {finding.finding for finding in api.judge(replayed, plan)}


def _made_anew(
    lake: pl.DataFrame, outlet: dict[str, Any], day: date, held: pl.DataFrame, standing: dict[str, dict[str, Any]]
) -> pl.DataFrame:
    """Do as the live process does with a day that was touched: that day alone, and the difference to what stood."""
    plan = plan_of(outlet)
    now = api.revise(held, windows(_on(lake, day), outlet, day))
    of_day = [one for one in standing.values() if one["data_time"][:10] == day.isoformat()]
    for event in api.difference(of_day, api.judge(now, plan), windows=now, plan=plan.number):
        if event["event"] == "closed":
            assert event["reason"] == "superseded"
            del standing[event["finding"]]
        else:
            assert event["finding"] not in standing
            standing[event["finding"]] = event
    return pl.concat([held.join(now, on=list(api.KEY), how="anti"), now.select(held.columns)])


def _on(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    return rows.filter(pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.date() == day)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(api.SCHEMA.names).sort(api.KEY)
