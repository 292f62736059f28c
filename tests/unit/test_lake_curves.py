"""Curves are brought down without losing what stands out, and a record counts as it arrived last."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from tests.periods_world import MN, readings

from qingtian.base.times import BEIJING
from qingtian.lake.curves import curve, flagged, thinned
from qingtian.lake.reader import open_lake
from qingtian.lake.tables import READINGS
from qingtian.lake.writer import LakeWriter

START = datetime(2026, 11, 20, tzinfo=BEIJING)


def minutes(values: list[float | None]) -> pl.DataFrame:
    at = [START + timedelta(minutes=number) for number in range(len(values))]
    return pl.DataFrame({"measure": ["Avg"] * len(values), "data_time": at, "value": values})


def test_it_leaves_what_is_few_as_it_is() -> None:
    points, every = thinned(minutes([1.0, None, 3.0]), start=START, end=START + timedelta(hours=1), most=3, to=1)
    assert every is None
    assert points["value"].to_list() == [1.0, None, 3.0]
    assert points["count"].to_list() == [1, 1, 1]


def test_it_keeps_the_lowest_and_the_highest_of_what_it_brings_down() -> None:
    values: list[float | None] = [10.0] * 600
    values[77], values[301], values[302] = 99.0, -5.0, None
    points, every = thinned(minutes(values), start=START, end=START + timedelta(minutes=600), most=100, to=10)
    assert every == 3600
    assert len(points) == 10
    assert points["high"].max() == 99.0
    assert points["low"].min() == -5.0
    assert points["count"].sum() == 599
    assert points["value"][1] == (59 * 10.0 + 99.0) / 60


def test_it_begins_its_days_at_midnight_in_beijing() -> None:
    points, every = thinned(minutes([1.0] * 2880), start=START, end=START + timedelta(days=2), most=100, to=2)
    assert every == 86_400
    assert [at.astimezone(BEIJING).hour for at in points["data_time"]] == [0, 0]


def test_it_tells_stretches_of_flags_by_their_first_and_last_record() -> None:
    rows = minutes([1.0] * 6).with_columns(flag=pl.Series(["N", "C", "C", None, "M", "N"]))
    told = flagged(rows).rows()
    at = [START + timedelta(minutes=number) for number in range(6)]
    assert told == [("C", at[1], at[2]), ("M", at[4], at[4])]


def test_it_takes_a_record_as_it_arrived_last(tmp_path: Path) -> None:
    day = START.date()
    entries = [
        {"factor": "w01018", "value": 40.0, "from": "08:00", "to": "09:00"},
        {"factor": "w01018", "value": 44.0, "from": "08:30", "to": "08:40", "flag": "M"},
    ]
    rows = readings(day, entries).with_columns(pl.lit(day).alias("day"))
    table = rows.select(READINGS.schema.names).to_arrow().cast(READINGS.schema)
    LakeWriter(lake_url=str(tmp_path), app_id="judge.0").append({"readings": table}, last_sequence=2)
    found = curve(
        open_lake(str(tmp_path)),
        mns=[MN],
        factor="w01018",
        cn=2051,
        measures=["Avg"],
        start=START,
        end=START + timedelta(days=1),
        most=1000,
        to=100,
    )
    assert found.records == 60
    assert found.points["value"].sum() == 50 * 40.0 + 10 * 44.0
    assert [row[0] for row in found.flags.rows()] == ["M"]
