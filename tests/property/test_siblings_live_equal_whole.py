"""What is said live of two outlets of a firm that move as one, one run and a replay of either outlet say too."""

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
from tests.confirming_world import FIRST, MNS, arrive, corrected, facts, in_order, latest, plan_message, whole
from tests.periods_world import readings

from qingtian.lake.days import DayReader
from qingtian.stream.confirming.ground import horizon_of
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.periods.api import read_plan
from qingtian.stream.replaying.confirmation import Confirmation
from qingtian.stream.replaying.task import Task, narrowed

DAYS = 5
NEXT = "H" * 24


def message(*, enterprise: str = "E1", number: int = 1) -> dict[str, Any]:
    """Return a plan with two stacks, of one firm unless told."""
    found: dict[str, Any] = plan_message(number=number)
    gas, water = found["outlets"]
    other = gas | {"code": "G2", "enterprise": enterprise, "devices": [{"mn": NEXT, "pw": "123456"}]}
    return found | {"outlets": [gas, other, water]}


def story(seed: int) -> pl.DataFrame:
    """Return hours of two stacks, of which the second says for three days what the first does, a tenth higher."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        one = np.round(80 * (1 + 0.06 * dice.standard_normal(24)), 2)
        own = np.round(75 * (1 + 0.06 * dice.standard_normal(24)), 2)
        other = np.round(1.1 * one, 3) if number >= 2 else own
        for mn, values in ((MNS["G1"], one), (NEXT, other)):
            told = readings(day, [{"factor": "a21002", "cn": 2061, "values": [float(value) for value in values]}])
            parts.append(told.with_columns(mn=pl.lit(mn)))
    return in_order(pl.concat(parts))


class Firm(Life):
    """A life that is asked about both stacks."""

    def findings(self) -> set[tuple[object, ...]]:

        said = Keeper(str(self.lake)).said(0, 1 << 51, ["G1", "G2", "W1"])
        return {facts(one.message) for one in said if one.stands}

    def replayed_alone(self, told: pl.DataFrame, outlet: str) -> list[dict[str, object]]:
        """Return what a replay of one outlet finds, which knows of the other by the lake alone."""
        mine = narrowed(message(), {outlet})
        task = Task(
            lake_url=str(self.lake),
            first=FIRST,
            last=FIRST + timedelta(days=DAYS),
            plans={1: mine},
            newest=1,
            everybody=message(),
            horizon=horizon_of(latest(told)),
        )
        again, reader = Confirmation(task), DayReader(task.lake_url, mns=task.mns)
        return [found for day in task.days for found in again.day(reader, day)] + again.finish()


def twins(findings: Any) -> set[tuple[object, ...]]:
    return {facts(one) for one in findings if one["detector"] == "contradiction"}


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_outlets_of_one_firm_live_one_run_and_a_replay_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 3))), most=6, hours=30)
    by = read_plan(message())
    with tempfile.TemporaryDirectory() as folder:
        life = Firm(Path(folder), by, message=message())
        life.go_through(data, told, parts=4)
        life.must_equal_one_run(told)
        _, findings = whole(told, by)
        expected = twins(findings)
        assert {one[2] for one in expected} == {"G1", "G2"}
        again = life.replayed(told, first=FIRST, last=FIRST + timedelta(days=DAYS), suspicions=True)
        assert twins(again) == expected
        for outlet in ("G1", "G2"):
            mine = {one for one in expected if one[2] == outlet}
            assert twins(life.replayed_alone(told, outlet)) == mine


def test_an_outlet_that_becomes_another_firms_is_no_twin_any_more_and_a_correction_of_one_tells_of_both(
    tmp_path: Path,
) -> None:

    told = story(1)
    life = Firm(tmp_path, read_plan(message()), message=message())
    arrive(tmp_path, told)
    life.go_on()
    life.must_equal_one_run(told)
    wrong = told.filter(pl.col("mn") == NEXT, pl.col("data_time") > told["data_time"].max() - timedelta(hours=60))  # type: ignore[operator]
    fix = corrected(wrong, received_after=latest(told), value=70.0)
    arrive(tmp_path, fix)
    life.go_on()
    both = pl.concat([told, fix])
    life.must_equal_one_run(both)
    assert {one[2] for one in life.findings() if one[1] == "contradiction"} == set()
    back = corrected(fix, received_after=latest(both), value=70.0).with_columns(value=wrong["value"])
    arrive(tmp_path, back)
    life.go_on()
    again = pl.concat([both, back])
    life.must_equal_one_run(again)
    assert {one[2] for one in life.findings() if one[1] == "contradiction"} == {"G1", "G2"}
    life.plan, life.message = read_plan(message(enterprise="E9", number=2)), message(enterprise="E9", number=2)
    life.go_on()
    life.must_equal_one_run(again)
    assert {one[2] for one in life.findings() if one[1] == "contradiction"} == set()
