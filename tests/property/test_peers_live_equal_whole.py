"""What is said of outlets beside their kind live, through cuts and kills, one look and replays in parts say too."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import EVERYTHING, Life, delayed
from tests.confirming_world import FIRST, facts, in_order, latest
from tests.periods_world import limit, readings

from qingtian.lake import windows as lake_windows
from qingtian.lake.days import DayReader
from qingtian.stream.confirming import judgement, peers
from qingtian.stream.confirming.ground import DAY, Ground, horizon_of
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.confirming.means import Means
from qingtian.stream.periods.api import beijing_start, read_plan
from qingtian.stream.replaying.confirmation import Confirmation
from qingtian.stream.replaying.task import Task, split

DAYS = 57
CODES = [f"W{number:02d}" for number in range(10)]
LIMIT = limit(factor="w01018", period="day", upper=50.0, unit="mg/L")
MESSAGE: dict[str, Any] = {
    "number": 1,
    "made_at": "2026-10-01T00:00:00+08:00",
    "outlets": [
        {
            "code": code, "name": code, "medium": "water", "source_type": "A", "enterprise": code, "district": "440306",
            "grid": "440306-01", "devices": [{"mn": code * 8, "pw": "123456"}], "limits": [LIMIT],
        }
        for code in CODES
    ],
}  # fmt: skip


def story(seed: int) -> pl.DataFrame:
    """Return days of ten outlets of a kind, one of them far below the others and even."""
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(DAYS):
        for code in CODES:
            level, scatter = (5.0, 0.01) if code == "W04" else (25.0, 0.12)
            mean = float(np.round(level * (1 + scatter * dice.standard_normal()), 3))
            told = readings(FIRST + timedelta(days=number), [{"factor": "w01018", "cn": 2031, "value": mean}])
            parts.append(told.with_columns(mn=pl.lit(code * 8)))
    return in_order(pl.concat(parts))


def at_once(life: Life, horizon: int) -> set[tuple[object, ...]]:
    """Return what one look at the windows says."""
    windows = lake_windows.windows(lake_windows.open_windows(str(life.lake)), **EVERYTHING)
    ground, start = Ground(plan=life.plan, marks=(), horizon=horizon), beijing_start(FIRST)
    return {
        facts(one)
        for cell in peers.cells_over(start, start + DAYS * DAY, horizon=horizon)
        for one in peers.suspicions(Means.of(windows, "day"), ground, cell=cell, outlets=set(CODES), all_of=life.plan)
    }


def replayed(life: Life, horizon: int) -> set[tuple[object, ...]]:
    """Return what a replay in parts says, each part of a few outlets."""
    first, last = FIRST - timedelta(days=1), FIRST + timedelta(days=DAYS)
    task = Task(lake_url=str(life.lake), first=first, last=last, plans={1: MESSAGE}, newest=1, horizon=horizon)
    found = []
    for part in split(task, outlets_at_once=4):
        again, reader = Confirmation(part), DayReader(part.lake_url, mns=part.mns)
        found += [message for day in part.days for message in again.day(reader, day)] + again.finish()
    return {facts(one) for one in found if one["detector"] == "below_peers"}


@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_said_of_peers_live_one_look_and_a_replay_in_parts_say(data: st.DataObject) -> None:
    told = delayed(data, story(data.draw(st.integers(0, 2))), most=20, hours=60)
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), read_plan(MESSAGE), message=MESSAGE)
        life.go_through(data, told, parts=8)
        horizon = horizon_of(latest(told))
        every = Keeper(str(life.lake)).said(0, 1 << 51, CODES, detectors=["below_peers"])
        live = {facts(one.message) for one in every if one.stands}
        assert {one[2] for one in live} == {"W04"}
        assert judgement.CELL == peers.ROWS * DAY
        assert live == at_once(life, horizon) == replayed(life, horizon)
