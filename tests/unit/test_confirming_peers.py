"""Outlets beside those of their kind: who is compared with whom, when, and what is said of one that is far below."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.periods_world import limit

from qingtian.base import times
from qingtian.lake.files import polars_schema
from qingtian.lake.tables import PERIODS
from qingtian.stream.confirming import judgement, peers
from qingtian.stream.confirming.ground import DAY, Ground
from qingtian.stream.confirming.means import Means
from qingtian.stream.periods.api import PeriodPlan, read_plan

CELL = judgement.cells(1_790_000_000_000_000, 1_790_000_000_000_001)[0]
START = peers.first_day(CELL)
END = START + 28 * DAY
CODES = [f"W{number:02d}" for number in range(10)]


def plan(**changed: dict[str, Any]) -> PeriodPlan:
    """Return ten outlets of one kind; ``changed``: what is otherwise of some."""
    bound = limit(factor="w01018", period="day", upper=50.0)
    outlets = [
        {"code": code, "medium": "water", "source_type": "A", "limits": [bound], "devices": [{"mn": code, "pw": "1"}]}
        | changed.get(code, {})
        for code in CODES
    ]
    return read_plan({"number": 1, "outlets": outlets})


def days(**shown: dict[str, Any]) -> Means:
    """Return days of 25 mg/L that scatter by a tenth and swing by half; ``shown`` of some: level, scatter, swing."""
    dice = np.random.default_rng(1)
    rows = []
    for code in CODES:
        one = {"level": 25.0, "scatter": 0.1, "swing": 0.5} | shown.get(code, {})
        for number in range(one.get("days", 28)):
            mean = one["level"] * (1 + one["scatter"] * dice.standard_normal())
            at = times.from_microseconds(START + number * DAY)
            half = one["swing"] * mean / 2
            rows.append(
                {
                    "outlet": code, "mn": code, "factor": "w01018", "period": "day", "data_time": at, "reason": None,
                    "own": mean, "reported": None, "converted": None, "received": at + timedelta(days=1),
                    "low": mean - half, "high": mean + half,
                }
            )  # fmt: skip
    schema = {name: kind for name, kind in polars_schema(PERIODS).items() if name in rows[0]}
    return Means.of(pl.DataFrame(rows, schema=schema, orient="row"), "day")


def told(means: Means, by: PeriodPlan | None = None, *, horizon: int = END) -> list[dict[str, Any]]:
    by = by or plan()
    ground = Ground(plan=by, marks=(), horizon=horizon)
    return peers.suspicions(means, ground, cell=CELL, outlets=set(CODES), all_of=by)


LOW = {"level": 5.0, "scatter": 0.01, "swing": 0.05}


def test_one_far_below_its_kind_that_scatters_far_less_is_a_clue_with_the_band_of_its_peers() -> None:
    (found,) = told(days(W03=LOW))
    assert (found["detector"], found["outlet"], found["factor"], found["period"]) == (
        "below_peers",
        "W03",
        "w01018",
        "day",
    )
    # a clue, whatever else: nobody is told of it
    assert (found["band"], found["weight"], found["count"]) == (0, 0.4, 28)
    assert "同类9个排放口的中位为50%" in found["evidence"]["zh"]
    assert "仅为线索" in found["evidence"]["zh"]
    (chart,) = found["evidence"]["charts"]
    assert len(chart["bands"]) == 1
    lower, upper = (np.array(chart["bands"][0][name]) for name in ("lower", "upper"))
    assert (lower > 15).all()
    assert (upper > lower).all()
    assert max(chart["values"]) < 6
    assert not [code for code in CODES if code != "W03" and code in str(found["evidence"])]


def test_one_that_swings_like_the_others_weighs_less() -> None:
    (found,) = told(days(W03=LOW | {"swing": 0.5}))
    assert found["weight"] == 0.3


@pytest.mark.parametrize(
    "plain",
    [
        {"level": 5.0},
        {"scatter": 0.01},
        {"level": 15.0, "scatter": 0.01},
        {"level": 200.0, "scatter": 0.01},
        LOW | {"days": 15},
    ],
    ids=["low but lively", "even but not low", "somewhat low", "far above", "few days"],
)
def test_one_that_is_not_both_far_below_and_even_is_no_clue(plain: dict[str, Any]) -> None:
    assert told(days(W03=plain)) == []


def test_it_is_compared_by_parts_of_its_own_limit_and_only_with_its_kind() -> None:
    # half of half the limit, as all others
    strict = limit(factor="w01018", period="day", upper=10.0)
    assert told(days(W03=LOW), plan(W03={"limits": [strict]})) == []
    assert told(days(W03=LOW), plan(W03={"source_type": "B"})) == []
    bounded = limit(factor="w01018", period="day", lower=1.0)
    assert told(days(W03=LOW), plan(W03={"limits": [limit(factor="w01018", period="day", upper=50.0), bounded]})) == []


def test_fewer_than_eight_others_tell_nothing_and_neither_does_a_cell_that_is_not_over() -> None:
    alone = {code: {"source_type": "B"} for code in CODES[:2]}
    assert told(days(W03=LOW), plan(**alone)) == []
    assert told(days(W03=LOW), horizon=END - 1) == []


def test_a_day_bears_on_the_cell_it_lies_in_and_on_outlets_of_its_kind() -> None:
    assert peers.cells_over(END - DAY, END, horizon=END) == [CELL]
    assert peers.cells_over(END - DAY, END, horizon=END - DAY) == []
    assert peers.cells_over(START - DAY, START + DAY, horizon=END) == [CELL - judgement.CELL, CELL]
    by = plan(W00={"source_type": "B"}, W01={"source_type": "B"})
    assert peers.concerned({"W00"}, by) == {"W00", "W01"}
    # who leaves a kind bears on it too
    left = peers.left(plan(), by)
    assert set(left) == {"W00", "W01"}
    assert peers.concerned({"W00"}, by, left=left) == set(CODES)
