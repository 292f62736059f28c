"""An exceedance ends live as in one run over everything, and as in a replay: late, corrected, across days and kills."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, arrive, corrected, facts, in_order, latest, plan, whole
from tests.periods_world import readings

from qingtian.law import rules

DAYS = 5
OVER = 155.0


def story(seed: int) -> pl.DataFrame:
    """Return days of hours of which one in three is over and one in five is missing."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        kept = np.flatnonzero(dice.random(24) > 0.2)
        values = np.where(dice.random(24) < 0.33, OVER, np.round(80 + dice.random(24), 2))
        gas = [_hour("a21002", hour, float(values[hour])) for hour in kept]
        parts.append(readings(day, gas).with_columns(mn=pl.lit(MNS["G1"])))
        level = 60.0 if dice.random() < 0.5 else 30.0
        water = [{"factor": "w01018", "cn": 2061, "value": level}]
        parts.append(readings(day, water).with_columns(mn=pl.lit(MNS["W1"])))
    return in_order(pl.concat(parts))


def _hour(factor: str, hour: int, value: float) -> dict[str, object]:
    return {"factor": factor, "cn": 2061, "value": value, "from": f"{hour:02d}:00", "to": f"{hour + 1:02d}:00"}


@pytest.fixture(params=[1, 3], ids=["one window", "three in a row"])
def hysteresis(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"period": period, "within": request.param, "look_days": 2, "source": "test"}
        for period in ("hour", "day", "5min")
    ]
    table, known = rules.read({"rows": rows}, name="test"), rules.table
    monkeypatch.setattr(rules, "table", lambda name: table if name == "periods/recovery" else known(name))


def replayed(life: Life, rows: pl.DataFrame, *, last: date) -> set[tuple[object, ...]]:
    return {facts(one) for one in life.replayed(rows, first=FIRST, last=last, suspicions=False)}


@pytest.mark.usefixtures("hysteresis")
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_what_ended_live_ended_in_one_run_and_in_a_replay(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 5))), most=20, hours=70)
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), plan())
        life.go_through(data, told, parts=4)
        life.must_equal_one_run(told)
        _, findings = whole(told, plan())
        exceeded = {facts(one) for one in findings if one["detector"] == "confirmed_exceedance"}
        assert len({one[7] for one in exceeded} - {None}) > 1, "ends are found at all"
        assert replayed(life, told, last=FIRST + timedelta(days=DAYS)) == exceeded
        part = {one for one in exceeded if one[5] < f"{FIRST + timedelta(days=2)}"}  # type: ignore[operator]
        assert replayed(life, told, last=FIRST + timedelta(days=1)) == part


def _gas(first: int, *hours: tuple[int, float]) -> pl.DataFrame:
    return in_order(
        readings(FIRST, [_hour("a21002", *one) for one in hours]).with_columns(mn=pl.lit(MNS["G1"])), first=first
    )


def test_a_correction_that_takes_away_what_ended_it_opens_it_again_and_one_that_moves_the_end_says_so(
    tmp_path: Path,
) -> None:
    rows = _gas(1, (0, OVER), (1, 80.0), (2, OVER))
    life = Life(tmp_path, plan())
    # what arrives an hour later closes the first two hours
    arrive(tmp_path, rows)
    life.go_on()

    def told() -> list[tuple[object, ...]]:
        events = [one for one in life.said.values() if one["since"] == f"{FIRST}T00:00:00+08:00"]
        return [(one["event"], one.get("reason"), str(one["end"])[11:16]) for one in events]

    assert told() == [("opened", None, "02:00"), ("closed", "recovered", "02:00")]
    fix = corrected(rows.filter(pl.col("value") == 80.0), received_after=latest(rows), value=OVER)
    arrive(tmp_path, fix)
    life.go_on()
    assert told()[2:] == [("opened", None, "")]
    later = _gas(5_000_000, (5, 81.0), (6, 82.0))
    arrive(tmp_path, later)
    life.go_on()
    assert told()[3:] == [("closed", "recovered", "06:00")]
    found = _gas(6_000_000, (3, 79.0)).with_columns(received=pl.lit(later["received"].max()))
    arrive(tmp_path, found)
    life.go_on()
    assert told()[4:] == [("closed", "recovered", "04:00")]
    life.must_equal_one_run(pl.concat([rows, fix, later, found]))
