"""What is said of treatment that is off live, through cuts, late data and kills, one run and a replay say too."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, in_order, plan_message
from tests.periods_world import readings

from qingtian.stream.periods.api import read_plan

DAYS = 2
LINE, PUMP, METER = "p10101", "g10401", "E" * 24
UNITS = [
    {"name": "line", "role": "production", "factor": LINE, "unit": "kW", "rated": 80.0},
    {"name": "pump", "role": "treatment", "factor": PUMP, "unit": "A", "rated": 20.0, "treats": ["line"]},
]


def message() -> dict[str, Any]:
    """Return a plan in which the stack's device meters the pump, and a meter of its own the line."""
    found: dict[str, Any] = plan_message()
    gas, water = found["outlets"]
    devices = [*gas["devices"], {"mn": METER, "pw": "123456"}]
    return found | {"outlets": [gas | {"devices": devices, "facilities": UNITS}, water]}


def story(seed: int) -> pl.DataFrame:
    """Return ten-minute records of the pump, off for some hours each day, and hours of the line; another outlet."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day, off = FIRST + timedelta(days=number), int(dice.integers(0, 130))
        pump = np.round(18 + 0.3 * dice.standard_normal(144), 2)
        pump[off : off + int(dice.integers(1, 14))] = 0.1
        told = readings(day, [{"factor": PUMP, "every": 10, "values": [float(value) for value in pump]}])
        parts.append(told.with_columns(mn=pl.lit(MNS["G1"])))
        line = [{"factor": LINE, "every": 5, "value": 60.0}, {"factor": LINE, "cn": 2061, "value": 60.0}]
        parts.append(readings(day, line).with_columns(mn=pl.lit(METER)))
        water = [{"factor": "w01018", "cn": 2061, "value": 30.0 + number}]
        parts.append(readings(day, water).with_columns(mn=pl.lit(MNS["W1"])))
    return in_order(pl.concat(parts))


@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_treatment_live_one_run_and_a_replay_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 5))), most=12, hours=30)
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), read_plan(message()), message=message())
        assert life.said_by_all(data, told, parts=4, days=DAYS, among=lambda one: one["detector"] == "treatment_off")
