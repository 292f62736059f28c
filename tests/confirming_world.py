"""Some days of two plants in a lake, cut, late and corrected at will: for tests of the confirmer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from tests.periods_world import limit, readings

from qingtian.base import times
from qingtian.lake.tables import READINGS
from qingtian.lake.writer import LakeWriter
from qingtian.stream.confirming import capture, judgement, minutes
from qingtian.stream.confirming.ground import DAY, Ground, first_heard, horizon_of
from qingtian.stream.confirming.minutes import Traces
from qingtian.stream.periods.api import Mark, PeriodPlan, beijing_start, read_plan, rows_of

FIRST = date(2026, 10, 20)
MNS = {"G1": "G" * 24, "W1": "W" * 24}


def plan_message(*, number: int = 1, upper: float = 120.0) -> dict[str, object]:
    """Return a plan with a stack and a waste-water outlet."""
    gas = limit(factor="a21002", period="hour", upper=upper, unit="mg/m3")
    water = limit(factor="w01018", period="day", upper=50.0, unit="mg/L", certainty="memory")
    outlets = [("G1", "gas", [gas]), ("W1", "water", [water])]
    return {
        "number": number,
        "made_at": "2026-10-01T00:00:00+08:00",
        "outlets": [
            {
                "code": code,
                "name": code,
                "medium": medium,
                "source_type": "test",
                "enterprise": "E1",
                "district": "440306",
                "grid": "440306-01",
                "devices": [{"mn": MNS[code], "pw": "123456"}],
                "limits": limits,
            }
            for code, medium, limits in outlets
        ],
    }


def plan(*, number: int = 1, upper: float = 120.0) -> PeriodPlan:
    return read_plan(plan_message(number=number, upper=upper))  # type: ignore[arg-type]


def history(*, days: int, seed: int = 0) -> pl.DataFrame:
    """Return hour records: noise, a flat stretch, an exceedance, a silent stretch; sequences in order of arrival."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(days):
        for outlet, factors in (("G1", {"a21002": 80.0, "a19001": 6.0}), ("W1", {"w01018": 40.0, "w00000": 12.0})):
            if outlet == "W1" and number == days - 2:
                continue
            entries = [
                {"factor": code, "cn": 2061, "values": _values(code, level, number, dice)}
                for code, level in factors.items()
            ]
            told = readings(FIRST + timedelta(days=number), entries, first=1)
            parts.append(told.with_columns(mn=pl.lit(MNS[outlet])))
    return in_order(pl.concat(parts))


def _values(code: str, level: float, number: int, dice: np.random.Generator) -> list[float]:
    values = np.round(level * (1 + 0.06 * dice.standard_normal(24)), 2)
    if code == "a21002" and number == 1:
        values[4:16] = 83.17
        values[20] = 155.0
    if code == "w01018" and number == 0:
        values += 15.0
    return [float(value) for value in values]


def in_order(rows: pl.DataFrame, *, first: int = 1) -> pl.DataFrame:
    """Return the rows as they arrive, each arrival a message of the log."""
    ordered = rows.sort("received", "mn", "factor")
    return ordered.with_columns(sequence=(pl.col("received").rank("dense") + first - 1).cast(pl.Int64))


def corrected(rows: pl.DataFrame, *, received_after: int, value: float) -> pl.DataFrame:
    """Return ``rows`` sent again with another value, an hour's arrival later than all of them."""
    at = times.from_microseconds(received_after + 600_000_000)
    again = rows.with_columns(value=pl.lit(value), received=pl.lit(at).dt.convert_time_zone("UTC"))
    return again.with_columns(sequence=pl.lit(int(rows["sequence"].max()) + 1_000_000, pl.Int64))  # type: ignore[arg-type]


def arrive(lake: Path, rows: pl.DataFrame) -> None:
    """Append rows as the judge does, with the transaction it uses."""
    if rows.is_empty():
        return
    day = pl.col("received").dt.convert_time_zone("Asia/Shanghai").dt.date()
    table = rows.with_columns(day=day).select(READINGS.schema.names).to_arrow().cast(READINGS.schema)
    writer = LakeWriter(lake_url=str(lake), app_id="judge.0")
    writer.append({"readings": table}, last_sequence=int(rows["sequence"].max()))  # type: ignore[arg-type]


def latest(rows: pl.DataFrame) -> int:
    return int(rows["received"].dt.epoch("us").max())  # type: ignore[arg-type]


def whole(
    rows: pl.DataFrame, by: PeriodPlan, *, marks: Sequence[Mark] = (), packets: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, list[judgement.Message]]:
    """Return the windows and findings of one run over everything; ``packets``: as `lake.traces.told` has them."""
    ground = Ground(plan=by, marks=marks, horizon=horizon_of(latest(rows)))
    start = beijing_start(FIRST)
    days = [FIRST + timedelta(days=number) for number in range(-1, (ground.horizon - start) // DAY + 2)]
    closed = judgement.closed(rows_of(rows), ground, days=days)
    windows = closed.windows
    ground = Ground(plan=by, marks=marks, horizon=ground.horizon, since=first_heard(windows))
    traces = Traces() if packets is None else Traces.read(packets, horizon=ground.horizon)
    of_minutes = minutes.suspicions(closed, traces, ground, days=days)
    found = judgement.judge(windows, ground, first=start - DAY, last=ground.horizon + DAY) + of_minutes
    return windows, found + captured(windows, ground, start=start - DAY)


def captured(windows: pl.DataFrame, ground: Ground, *, start: int) -> list[judgement.Message]:
    """Return what falls short of what must be captured, from ``start`` µs on."""
    outlets = {outlet.code for outlet in ground.plan.outlets}
    spans = capture.spans(start, ground.horizon, horizon=ground.horizon)
    days = windows.filter(period="day")
    return [one for span in spans for one in capture.findings(days, ground, span=span, outlets=outlets)]


def facts(message: judgement.Message) -> tuple[object, ...]:
    """Return what a finding says, whenever and by whichever revision it was said."""
    names = (
        "finding",
        "detector",
        "outlet",
        "mn",
        "factor",
        "since",
        "data_time",
        "end",
        "value",
        "weight",
        "band",
        "count",
    )
    recovery = message.get("recovery") or {"zh": None}
    return (*(message.get(name) for name in names), message["evidence"]["zh"], recovery["zh"])
