"""History as programs read it: by measured time, late arrivals included, ready for the windows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
from tests.periods_world import MN, moment, plan_of, readings

from qingtian.lake.history import open_readings, readings_between
from qingtian.lake.maintenance import tidy
from qingtian.lake.tables import READINGS
from qingtian.lake.writer import LakeWriter
from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas"}


def store(lake: Path, rows: pl.DataFrame, *, arrived: date, sequence: int) -> None:
    table = rows.with_columns(pl.lit(sequence, pl.Int64).alias("sequence"), day=pl.lit(arrived))
    LakeWriter(lake_url=str(lake), app_id="judge.0").append(
        {"readings": table.select(READINGS.schema.names).to_arrow().cast(READINGS.schema)}, last_sequence=sequence
    )


def test_it_gives_what_was_measured_then_whenever_it_arrived(tmp_path: Path) -> None:
    live = readings(DAY, [{"factor": "a21002", "value": 100, "to": "12:00"}])
    late = readings(DAY, [{"factor": "a21002", "value": 130, "from": "11:00"}], first=2)
    other = readings(DAY + timedelta(days=1), [{"factor": "a21002", "value": 7}], first=3)
    store(tmp_path, live, arrived=DAY, sequence=1)
    store(tmp_path, late, arrived=DAY + timedelta(days=3), sequence=2)
    store(tmp_path, other, arrived=DAY + timedelta(days=1), sequence=3)
    known = open_readings(str(tmp_path))
    for _ in range(2):
        found = readings_between(known, moment(DAY, "00:00"), moment(DAY, "24:00"))
        assert found.num_rows == len(live) + len(late)
        assert pa.types.is_dictionary(found["mn"].type)
        told = api.windows(api.rows_of(found), plan_of(GAS), days=[DAY])
        wanted = api.windows(api.rows_of(pl.concat([live, late])), plan_of(GAS), days=[DAY])
        assert told.equals(wanted)
        tidy(lake_url=str(tmp_path), today=DAY + timedelta(days=9))


def test_it_asks_for_devices_and_commands(tmp_path: Path) -> None:
    known = open_readings(str(tmp_path))
    span = moment(DAY, "00:00"), moment(DAY, "24:00")
    assert readings_between(known, *span).num_rows == 0
    store(tmp_path, readings(DAY, [{"factor": "a21002", "value": 1, "cn": 2061}]), arrived=DAY, sequence=1)
    store(tmp_path, readings(DAY, [{"factor": "a21002", "value": 1, "cn": 2011}]), arrived=DAY, sequence=2)
    assert readings_between(known, *span, mns=[MN]).num_rows == 24
    assert readings_between(known, *span, mns=["B" * 24]).num_rows == 0
    assert readings_between(known, *span, mns=[MN], cns=[2031]).num_rows == 0
    assert readings_between(known, *span, mns=[]).num_rows == 0
