"""An outlet far below its kind, all the way: 28 days in a lake, the confirmer, the log's messages, the board's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.confirming_life import Life
from tests.confirming_world import arrive, in_order
from tests.office_world import OUTLET
from tests.periods_world import limit, readings

from qingtian.base import times
from qingtian.stream.confirming import judgement, peers
from qingtian.stream.confirming.ground import DAY
from qingtian.stream.periods.api import read_plan

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

OTHERS = [f"SZ-W-9{number:03d}" for number in range(9)]
CODES = [OUTLET, *OTHERS]
LIMIT = limit(factor="w01018", period="day", upper=100.0, unit="mg/L")


def plan_message() -> dict[str, Any]:
    """Return a plan in which nine other outlets are of the kind of one that is registered."""
    outlets = [
        {
            "code": code, "name": code, "medium": "water", "source_type": "电镀", "enterprise": f"E{number}",
            "district": "440306", "grid": "440306-01", "devices": [{"mn": mn_of(code), "pw": "123456"}],
            "limits": [LIMIT],
        }
        for number, code in enumerate(CODES)
    ]  # fmt: skip
    return {"number": 1, "made_at": "2026-01-01T00:00:00+08:00", "outlets": outlets}


def mn_of(code: str) -> str:
    return code.replace("-", "").ljust(24, "0")


def newest_cell() -> date:
    """Return the first day of the newest 28 days that are over."""
    now = times.to_microseconds(times.now())
    over = [peers.first_day(cell) for cell in judgement.cells(now - 3 * judgement.CELL, now)]
    return times.from_microseconds(max(at for at in over if at + (peers.ROWS + 1) * DAY < now)).date()


def story(first: date) -> pl.DataFrame:
    """Return 28 days, and one behind, of hours: ours a fifth of the others' level, and as even as none of them."""
    dice = np.random.default_rng(4)
    parts = []
    for number in range(peers.ROWS + 1):
        for code in CODES:
            level, scatter = (9.0, 0.01) if code == OUTLET else (45.0, 0.15)
            mean = level * (1 + scatter * dice.standard_normal())
            hours = np.round(mean * (1 + 0.6 * scatter * dice.standard_normal(24)), 2)
            entry = {"factor": "w01018", "cn": 2061, "values": [float(value) for value in hours]}
            parts.append(readings(first + timedelta(days=number), [entry]).with_columns(mn=pl.lit(mn_of(code))))
    return in_order(pl.concat(parts))


def clues_of(lake: Path) -> list[dict[str, Any]]:
    """Return what the confirmer puts on the log of clues when it has gone through the lake."""
    message = plan_message()
    life = Life(lake, read_plan(message), message=message)
    arrive(lake, story(newest_cell()))
    life.go_on()
    return [clue for clue in life.clues.values() if clue["detector"] == "below_peers"]


def taken(clues: Sequence[dict[str, Any]]) -> None:
    from qingtian.office.suspicions.clues import take_clue

    for clue in clues:
        assert take_clue(message=clue, at=times.now()) is not None


def test_an_outlet_far_below_its_kind_is_seen_on_the_board_with_its_curve_in_the_band_of_its_peers(
    tmp_path: Path, as_person: Any
) -> None:
    (clue,) = clues_of(tmp_path)
    assert (clue["outlet"], clue["weight"], clue["period"]) == (OUTLET, 0.4, "day")
    (chart,) = clue["evidence"]["charts"]
    assert len(chart["values"]) == peers.ROWS
    (band,) = chart["bands"]
    assert all(own < low < high for own, low, high in zip(chart["values"], band["lower"], band["upper"], strict=True))
    taken([clue])
    page = as_person("desk").get("/suspicions/").content.decode()
    assert "同类对比偏低" in page
    assert clue["evidence"]["zh"] in page
    assert "<polygon" in page
    assert not any(other in page for other in OTHERS), "other firms are counted and not named"


def test_who_may_not_see_the_board_sees_nothing_of_it(tmp_path: Path, as_person: Any) -> None:
    (clue,) = clues_of(tmp_path)
    taken([clue])
    assert as_person("firm").get("/suspicions/").status_code == 403
    assert clue["evidence"]["zh"] not in as_person("firm").get(f"/outlets/{OUTLET}/").content.decode()
    assert clue["evidence"]["zh"] not in as_person("officer2").get("/suspicions/").content.decode()
