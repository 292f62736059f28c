"""Minutes and packets' times, each day of a device by itself: what is given to the detectors, and what is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.periods_world import MN, marks_of, moment, plan_of, readings

from qingtian.base import times
from qingtian.lake import traces as lake_traces
from qingtian.lake.tables import PACKETS
from qingtian.lake.writer import LakeWriter
from qingtian.stream.confirming import judgement, minutes, steps
from qingtian.stream.confirming.ground import Ground
from qingtian.stream.confirming.minutes import Traces
from qingtian.stream.periods.api import rows_of

DAY = date(2026, 11, 20)
GAS = {"code": "G1", "medium": "gas", "limits": []}
WATER = {"code": "W1", "medium": "water", "limits": []}
MOVING = [50.0 + 0.1 * (7 * minute % 97) for minute in range(1440)]


def told(
    *entries: dict[str, Any],
    outlet: dict[str, Any] = GAS,
    marks: Any = (),
    until: str = "24:00",
    packets: pl.DataFrame | None = None,
) -> list[dict[str, Any]]:
    horizon = times.to_microseconds(moment(DAY, until))
    ground = Ground(plan=plan_of(outlet), marks=marks_of(DAY, outlet["code"], marks), horizon=horizon)
    made = judgement.closed(rows_of(readings(DAY, entries)), ground, days=[DAY])
    traces = Traces() if packets is None else Traces.read(packets, horizon=horizon)
    return minutes.suspicions(made, traces, ground, days=[DAY])


def frozen(factor: str = "a21002", **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"factor": factor, "values": MOVING}, {
        "factor": factor,
        "value": 61.5,
        "from": "10:00",
        "to": "11:20",
    } | more


def test_minutes_of_gas_that_stand_still_are_a_suspicion_of_that_day() -> None:
    (found,) = told(*frozen())
    names = ("detector", "level", "period", "cn", "factor", "count", "running")
    assert [found[name] for name in names] == ["frozen_minutes", "suspicion", "minute", 2051, "a21002", 80, False]
    assert (found["since"][11:16], found["data_time"][11:16], found["end"][11:16]) == ("10:00", "11:19", "11:20")
    assert found["band"] >= 1
    assert "连续80分钟均为61.5" in found["evidence"]["zh"]


def test_one_that_reaches_the_horizon_is_running_and_tells_only_what_is_closed() -> None:
    (found,) = told(*frozen(to="13:00"), until="12:00")
    assert (found["running"], found["count"]) == (True, 120)


def test_records_every_five_minutes_are_looked_at_as_such() -> None:
    every = {"every": 5}
    moving, still = frozen(to="12:00")
    (found,) = told(moving | every, still | every)
    assert "连续120分钟" in found["evidence"]["zh"]


def test_it_says_nothing_of_water_nor_of_flagged_minutes_nor_under_a_mark() -> None:
    assert told(*frozen("w01018"), outlet=WATER) == []
    assert told(*frozen(flag="C")) == []
    assert told(*frozen(), marks=[{"kind": "device", "label": "维护", "from": "09:50", "to": "11:30"}]) == []


def packets(*, clock: timedelta = timedelta(), since: str = "12:00") -> pl.DataFrame:
    """Return a packet every five minutes of the day, the clock set by so much from a time on."""
    start, step = moment(DAY, "00:00"), timedelta(minutes=5)
    rows = []
    for number in range(288):
        at = start + number * step
        shown = at + (clock if at >= moment(DAY, since) else timedelta())
        qn = f"{shown:%Y%m%d%H%M%S}{shown.microsecond // 1000:03d}"
        rows.append([MN, qn, shown, at + timedelta(seconds=1), number + 1, 0])
    schema = {"mn": pl.String, "qn": pl.String, "data_time": pl.Datetime("us", "UTC")}
    more = {"received": pl.Datetime("us", "UTC"), "sequence": pl.Int64, "index": pl.Int32}
    return lake_traces.told(pl.DataFrame(rows, schema=schema | more, orient="row"))


def test_a_clock_that_is_turned_back_is_a_suspicion_about_the_device_and_no_factor() -> None:
    story = {"factor": "w01018", "value": 50, "cn": 2061}
    (found,) = told(story, outlet=WATER, packets=packets(clock=timedelta(hours=-2)))
    assert (found["detector"], found["factor"], found["factors"]) == ("clock_tampering", "", [])
    assert found["since"][11:16] == "12:00"
    assert "跳变120" in found["evidence"]["zh"]
    assert told(story, outlet=WATER, packets=packets()) == []


def test_packets_behind_the_horizon_and_of_a_day_without_windows_are_not_spoken_of() -> None:
    turned = packets(clock=timedelta(hours=-2))
    story = {"factor": "w01018", "value": 50, "cn": 2061}
    assert told(story, outlet=WATER, packets=turned, until="11:00") == []
    assert told(outlet=WATER, packets=turned) == []


def test_times_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    at = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
    row = dict.fromkeys(PACKETS.schema.names) | {"day": DAY, "mn": MN, "received": at, "index": 0}
    rows = [row | {"qn": "nonsense", "sequence": 2}, row | {"qn": "20261120080000123", "data_time": at, "sequence": 1}]
    table = pl.DataFrame(rows, infer_schema_length=None).to_arrow().select(PACKETS.schema.names).cast(PACKETS.schema)
    LakeWriter(lake_url=str(tmp_path), app_id="judge.0").append({"packets": table}, last_sequence=2)
    known = lake_traces.open_packets(str(tmp_path))
    read = lake_traces.between(known, first=DAY, last=DAY, mns=[MN])
    micros = times.to_microseconds(at)
    assert read.select("qn", "data_time").rows() == [(micros + 123_000, micros), (0, 0)]
    assert lake_traces.between(known, first=DAY, last=DAY, mns=["B" * 24]).is_empty()


def test_who_looks_at_what_is_a_rule_and_one_that_no_rule_names_looks_at_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    of_minutes = {one.manifest.code for one in steps.detectors(steps.MINUTES, DAY)}
    of_hours = {one.manifest.code for one in steps.detectors(steps.HOURS, DAY)}
    assert of_minutes == {"clock_tampering", "frozen_minutes", "treatment_off"}
    assert of_hours >= {"drift", "flat_line", "silence", "spike"}
    assert of_minutes & of_hours == {"treatment_off"}
    assert {one.manifest.code for one in steps.ever(steps.HOURS)} == of_hours
