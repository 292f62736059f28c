"""What is said live of data captured, through cuts, late data and kills, one run and a replay say too."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, arrive, facts, in_order, plan, whole
from tests.periods_world import readings

DAYS = 45
"""20 October to 3 December: November as a whole."""


def story(seed: int) -> pl.DataFrame:
    """Return hours of the stack, more than a tenth of which do not come in November, and days of the other."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        lost = int(dice.integers(2, 6))
        gas = [{"factor": "a21002", "cn": 2061, "value": 80.0 + number, "to": f"{24 - lost}:00"}]
        parts.append(readings(day, gas).with_columns(mn=pl.lit(MNS["G1"])))
        if number % 9:
            parts.append(_water(number))
    return in_order(pl.concat(parts))


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_data_captured_live_one_run_and_a_replay_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 3))), most=20, hours=90)
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), plan())
        life.go_through(data, told, parts=8)
        life.must_equal_one_run(told)
        _, findings = whole(told, plan())
        expected = {facts(one) for one in findings if one["level"] == "capture"}
        assert {(one[1], one[2]) for one in expected} >= {("capture_month", "G1")}
        # October began before the stretch: a replay tells of spans that begin in it
        begun = {one for one in expected if str(one[5]) >= FIRST.isoformat()}
        replayed = life.replayed(told, first=FIRST, last=FIRST + timedelta(days=DAYS), suspicions=True)
        assert {facts(one) for one in replayed if one["level"] == "capture"} == begun
        assert begun


def test_days_that_come_late_from_before_a_month_make_the_month_due_from_its_beginning(tmp_path: Path) -> None:
    told = pl.concat([_water(number) for number in range(16, DAYS)])
    told = told.with_columns(received=pl.col("received") + timedelta(hours=3))
    # the last day is over, and no hour ends before the late ones come: nothing else is to be looked at again
    at = told["received"].max() + timedelta(seconds=30)  # type: ignore[operator]
    late = pl.concat([_water(1), _water(2)]).with_columns(received=pl.lit(at))
    every = in_order(pl.concat([told, late]))
    life = Life(tmp_path, plan())
    for come in (pl.col("received") < at, pl.col("received") == at):
        arrive(tmp_path, every.filter(come))
        life.go_on()
    life.must_equal_one_run(every)
    short = {(one[2], str(one[5])[:10]) for one in life.findings() if one[1] == "capture_month"}
    assert short == {("W1", "2026-10-01"), ("W1", "2026-11-01")}


def _water(number: int) -> pl.DataFrame:
    entries = [{"factor": "w01018", "cn": 2031, "value": 30.0 + number % 4}]
    return readings(FIRST + timedelta(days=number), entries).with_columns(mn=pl.lit(MNS["W1"]))
