"""Suspicions of minutes and of packets' times, each day of a device by itself. Pure.

A day is told from its own minutes and from the packets that arrived on it, up to the horizon, and from nothing else; so
it is told with its windows, anew whenever they are, and costs no memory beyond the day. A day without any window is not
told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingtian.law import rules
from qingtian.stream.confirming import meters, said, steps
from qingtian.stream.confirming.ground import DAY, Ground
from qingtian.stream.confirming.series import devices_of, named_column, stated
from qingtian.stream.periods.api import Made, Minutes, beijing_start
from qingtian.stream.periods.plan import PeriodOutlet
from qingtian.stream.suspicions.series import MINUTE, Column, Series, Trace

Message = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Traces:
    """The times of packets: by MN and the start (µs) of the Beijing day on which they arrived."""

    of: Mapping[tuple[str, int], Trace] = field(default_factory=dict)

    @classmethod
    def read(cls, packets: pl.DataFrame, *, horizon: int) -> Traces:
        """Take what `lake.traces` tells; of what arrived behind the horizon (µs) nothing is said yet."""
        known = packets.filter(pl.col("received") < horizon)
        local = pl.from_epoch("received", "us").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai")
        parts = known.with_columns(day=local.dt.date()).partition_by("mn", "day", as_dict=True, maintain_order=True)
        return cls(of={(str(mn), beijing_start(_date(day))): _trace(part) for (mn, day), part in parts.items()})


def _date(day: object) -> date:
    assert isinstance(day, date)
    return day


def _trace(part: pl.DataFrame) -> Trace:
    return Trace(**{name: part[name].to_numpy() for name in ("qn", "data_time", "received")})


def suspicions(made: Made, traces: Traces, ground: Ground, *, days: Sequence[date]) -> list[Message]:
    """Return the suspicions that begin on these days, by day, outlet, device, detector and time.

    ``made``: what was made of them, windows up to the horizon.
    """
    known = {part.day_start: part for part in made.minutes}
    heard = _heard(made.windows)
    return [
        said.message(told, ground, mn=mn, step=steps.MINUTES)
        for day in days
        for outlet, mn in devices_of(ground.plan)
        if (mn, day) in heard
        for series in _series(known.get(beijing_start(day)), traces, ground, outlet, mn, day)
        for detector in steps.detectors(steps.MINUTES, day)
        for told in detector.run(series)
    ]


def _heard(windows: pl.DataFrame) -> set[tuple[str, date]]:
    local = pl.col("data_time").dt.convert_time_zone("Asia/Shanghai").dt.date()
    return set(windows.select("mn", day=local).unique().iter_rows())


def _series(
    minutes: Minutes | None, traces: Traces, ground: Ground, outlet: PeriodOutlet, mn: str, day: date
) -> Iterator[Series]:
    """Yield the day of a device, if it has minutes or packets."""
    start = beijing_start(day)
    end = min(start + DAY, ground.horizon)
    rows = minutes.factors.get(mn, {}) if minutes else {}
    trace = traces.of.get((mn, start))
    if not (rows or trace) or end <= start:
        return
    every, offset = _interval(minutes.values, list(rows.values())) if minutes and rows else (1, 0)
    length = max((end - start - offset * MINUTE) // (every * MINUTE), 0)
    taken = slice(offset, offset + length * every, every)
    begins = start + (offset + every * np.arange(length, dtype=np.int64)) * MINUTE
    columns = _columns(minutes, rows, day, taken) | _beside(minutes, outlet, mn, day, taken)
    yield Series(
        outlet=outlet.code,
        start=start + offset * MINUTE,
        period=every * MINUTE,
        rows=length,
        columns=meters.metered(columns, outlet, begins),
        relations=meters.relations(outlet, rows.keys()),
        marks=tuple(stated(ground, outlet.code, mn, start, end)),
        trace=trace,
    )


def _interval(values: Floats, rows: list[int]) -> tuple[int, int]:
    """Return how many minutes lie between the device's records, and the first of them."""
    came = np.flatnonzero(np.isfinite(values[rows]).any(axis=0))
    if len(came) < 2:
        return 1, 0
    gap = int(np.diff(came).min())
    return (gap, int(came[0]) % gap) if 60 % gap == 0 else (1, 0)


def _beside(minutes: Minutes | None, outlet: PeriodOutlet, mn: str, day: date, taken: slice) -> dict[str, Column]:
    """Return the channels of production units that other devices of the outlet send, each from the first that does."""
    sent = minutes.factors if minutes else {}
    found: dict[str, Column] = {}
    for code in meters.wanted_beside(outlet, sent.get(mn, {}).keys()):
        other = next((one for one in sorted(outlet.mns) if one != mn and code in sent.get(one, {})), None)
        if minutes is not None and other is not None:
            every, _ = _interval(minutes.values, list(sent[other].values()))
            found[code] = named_column(code, None, _standing(minutes.values[sent[other][code]], every)[taken])
    return found


def _standing(values: Floats, every: int) -> Floats:
    """Return the values of a day's minutes, each standing for as many minutes as lie between the device's records."""
    found = values.copy()
    for later in range(1, every):
        moved = np.concatenate((np.full(later, np.nan), values[:-later]))
        found = np.where(np.isnan(found), moved, found)
    return found


def _columns(minutes: Minutes | None, rows: Mapping[str, int], day: date, taken: slice) -> dict[str, Column]:
    if minutes is None:
        return {}
    known = {rule["factor"]: str(rule["role"]) for rule in rules.table("periods/factors").at(day)}
    return {code: named_column(code, known.get(code), minutes.values[row][taken]) for code, row in rows.items()}
