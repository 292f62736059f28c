"""What is said of series of days live, through cuts, late data and kills, one run and a replay say too."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, in_order, plan
from tests.periods_world import readings

DAYS = 58
CALM_FROM = 41


def story(seed: int) -> pl.DataFrame:
    """Return hours of the stack, whose days lose their scatter in the end; days alone of the other, flat for ten."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        level = 80 * (1 + (0.003 if number >= CALM_FROM else 0.12) * dice.standard_normal())
        hours = np.round(level * (1 + 0.03 * dice.standard_normal(24)), 2)
        gas = [{"factor": "a21002", "cn": 2061, "values": [float(value) for value in hours]}]
        parts.append(readings(day, gas).with_columns(mn=pl.lit(MNS["G1"])))
        mean = 31.5 if 20 <= number < 30 else float(np.round(30 + 3 * dice.standard_normal(), 2))
        water = [{"factor": "w01018", "cn": 2031, "value": mean}]
        parts.append(readings(day, water).with_columns(mn=pl.lit(MNS["W1"])))
    return in_order(pl.concat(parts))


@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_days_live_one_run_and_a_replay_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 2))), most=10, hours=60)
    with tempfile.TemporaryDirectory() as folder:
        said = Life(Path(folder), plan()).said_by_all(
            data, told, parts=8, days=DAYS, among=lambda one: (one["level"], one["period"]) == ("suspicion", "day")
        )
    assert {(one[1], one[2]) for one in said} >= {("variance_collapse", "G1"), ("flat_line", "W1")}
