"""Series of days: who has them looked at, when a day is spoken of, and which cells a day touches."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
from tests.periods_world import MN, plan_of

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.lake.files import polars_schema
from qingtian.lake.tables import PERIODS
from qingtian.stream.confirming import judgement, steps
from qingtian.stream.confirming.ground import DAY, Ground, day_floor
from qingtian.stream.confirming.judgement import Message
from qingtian.stream.periods.api import beijing_start

FIRST = date(2026, 3, 1)
OUTLET = {"code": "W1", "medium": "water", "limits": []}


def told(values: list[float], *, hours: bool, horizon: int | None = None) -> list[Message]:
    """Return what days of these means say; ``hours``: they were made of the device's hours."""
    starts = [datetime.combine(FIRST, datetime.min.time(), BEIJING) + timedelta(days=n) for n in range(len(values))]
    rows = [
        {
            "outlet": "W1", "mn": MN, "factor": "w01018", "period": "day", "data_time": at, "reason": None,
            "own": value if hours else None, "reported": value, "converted": None, "covered": 0,
            "received": at + timedelta(days=1),
        }
        for at, value in zip(starts, values, strict=True)
    ]  # fmt: skip
    schema = {name: kind for name, kind in polars_schema(PERIODS).items() if name in rows[0]}
    end = beijing_start(FIRST) + len(values) * DAY
    ground = Ground(plan=plan_of(OUTLET), marks=(), horizon=end if horizon is None else horizon)
    windows = pl.DataFrame(rows, schema=schema, orient="row")
    return judgement.suspicions(windows, ground, first=beijing_start(FIRST) - DAY, last=end + DAY)


def noise(days: int, *, spread: float = 0.1) -> list[float]:
    found = 30 * (1 + spread * np.random.default_rng(3).standard_normal(days))
    return [float(value) for value in np.round(found, 2)]


FLAT = noise(20) + [31.5] * 8 + noise(5)
CALM = noise(50) + noise(16, spread=0.002)


def test_days_of_a_device_that_sends_no_hours_are_looked_at_from_the_first_on() -> None:
    (found,) = [one for one in told(FLAT, hours=False) if one["detector"] == "flat_line"]
    assert (found["period"], found["cn"], found["count"], found["running"]) == ("day", 2031, 8, False)
    assert (found["since"][:10], found["end"][:10]) == ("2026-03-21", "2026-03-29")


def test_a_flat_line_of_days_that_hours_have_told_is_not_told_again() -> None:
    assert told(FLAT, hours=True) == []


def test_what_takes_months_is_looked_for_in_the_days_of_those_with_hours_too() -> None:
    (found,) = told(CALM, hours=True)
    assert (found["detector"], found["period"], found["running"]) == ("variance_collapse", "day", True)


def test_days_of_a_device_that_has_few_are_not_looked_at() -> None:
    assert told(CALM[30:], hours=True) == []


def test_a_day_that_goes_on_is_not_spoken_of_and_what_reached_the_last_is_running_until_it_is_over() -> None:
    end = beijing_start(FIRST) + len(CALM) * DAY
    (before,) = told(CALM, hours=True, horizon=end + DAY // 3)
    assert before["running"]
    assert times.from_microseconds(day_floor(end + DAY // 3)).isoformat() == before["end"]


def test_an_hour_of_today_touches_no_cell_of_days_and_the_day_that_is_over_those_around_it() -> None:
    midnight = beijing_start(FIRST)
    hours = DAY // 24
    noon = {"horizon": midnight + 12 * hours}
    assert judgement.cells_touched(midnight, midnight + DAY, step=steps.DAYS, **noon) == []
    closed = judgement.cells_touched(midnight, midnight + DAY, step=steps.DAYS, horizon=midnight + DAY)
    back, ahead = judgement.reach(steps.DAYS)
    assert closed[-1] <= midnight < closed[-1] + judgement.CELL
    assert closed[0] + judgement.CELL + ahead > midnight
    assert len(closed) == len(range(closed[0], midnight + DAY, judgement.CELL))
    assert back > ahead > 0
