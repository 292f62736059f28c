"""Transmission-effectiveness by hand: what is due, what came, what counts, and what marks take from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from qingtian.base.times import BEIJING
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.api import Excuse

OUTLET, MN = "X-1", "A" * 24
FIRST = date(2026, 10, 30)


def day(number: int, *, n: int, due: int = 24, excluded: str = "", **given: Any) -> dict[str, Any]:
    """Return the window of the day that many days after the first."""
    at = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), BEIJING)
    plain = {"outlet": OUTLET, "mn": MN, "factor": "w01018", "data_time": at, "valid": n >= 18}
    return plain | {"n": n, "due": due, "excluded": excluded} | given


def months(rows: list[dict[str, Any]], *, until: date, excuses: tuple[Excuse, ...] = ()) -> dict[str, dict[str, Any]]:
    windows = pl.DataFrame(rows).with_columns(pl.col("n", "due").cast(pl.Int16))
    told = periods.by_month(periods.by_day(windows), until=until, excuses=excuses)
    return {f"{row['month']:%Y-%m}": row for row in told.iter_rows(named=True)}


def test_it_multiplies_what_came_by_what_counts() -> None:
    # 48 h due; 2 h missing, so 46 came; 4 h of these do not count
    found = months([day(0, n=24), day(1, n=18, excluded="missing2 flag4")], until=date(2026, 11, 1))["2026-10"]
    assert (found["due"], found["received"], found["counted"]) == (48, 46, 42)
    assert found["transmission"] == pytest.approx(46 / 48)
    assert found["validity"] == pytest.approx(42 / 46)
    assert found["effectiveness"] == pytest.approx(found["transmission"] * found["validity"])


def test_on_the_day_on_which_a_series_begins_the_hours_before_are_not_due() -> None:
    rows = [day(1, n=3, excluded="missing21"), day(2, n=18, excluded="missing6")]
    days = periods.by_day(pl.DataFrame(rows).with_columns(pl.col("n", "due").cast(pl.Int16)))
    began = periods.begun(days, first=FIRST).sort("date")
    assert began.select("due", "received", "counted").rows() == [(3, 3, 3), (24, 18, 18)]
    # what was there on the first day that was looked at began before
    assert periods.begun(days, first=FIRST + timedelta(days=1)).sort("date")["due"].to_list() == [24, 24]


def test_it_counts_a_silent_day_as_due_and_splits_months() -> None:
    # nothing on 31 October; November has one whole day of two
    found = months([day(0, n=24), day(2, n=24)], until=date(2026, 11, 3))
    assert (found["2026-10"]["due"], found["2026-10"]["counted"]) == (48, 24)
    assert (found["2026-11"]["due"], found["2026-11"]["counted"]) == (48, 24)


def test_it_lets_a_mark_take_hours_of_a_silent_day_from_what_is_due() -> None:
    rows = [day(0, n=24), day(2, n=24)]
    start = datetime(2026, 10, 31, 5, 30, tzinfo=BEIJING)
    # whole hours only: 6 to 16 o'clock are ten
    excuse = Excuse(outlet=OUTLET, start=start, end=datetime(2026, 10, 31, 16, 20, tzinfo=BEIJING))
    assert months(rows, until=date(2026, 11, 2), excuses=(excuse, excuse))["2026-10"]["due"] == 38
    other = Excuse(outlet="X-2", start=start, end=excuse.end)
    assert months(rows, until=date(2026, 11, 2), excuses=(other,))["2026-10"]["due"] == 48


def test_it_takes_from_a_day_that_was_heard_only_what_the_window_itself_excused() -> None:
    excuse = Excuse(
        outlet=OUTLET, start=datetime(2026, 10, 30, tzinfo=BEIJING), end=datetime(2026, 10, 31, tzinfo=BEIJING)
    )
    found = months([day(0, n=20, due=20)], until=date(2026, 10, 31), excuses=(excuse,))["2026-10"]
    assert (found["due"], found["effectiveness"]) == (20, 1.0)


def test_it_does_not_count_the_day_that_is_going_on() -> None:
    found = months([day(0, n=24), day(1, n=3)], until=date(2026, 10, 31))["2026-10"]
    assert (found["due"], found["effectiveness"]) == (24, 1.0)


def test_it_takes_a_device_that_sends_days_alone_at_its_day() -> None:
    found = months([day(0, n=0, excluded="missing24", valid=True)], until=date(2026, 10, 31))["2026-10"]
    assert found["effectiveness"] == 1.0


def test_it_says_nothing_where_nothing_was_due_and_leaves_flow_and_oxygen_out() -> None:
    rows = [day(0, n=0, due=0), day(0, n=0, factor="w00000", excluded="missing24")]
    found = months(rows, until=date(2026, 10, 31))["2026-10"]
    assert (found["due"], found["effectiveness"], found["series"]) == (0, None, 1)
    assert months(rows, until=FIRST) == {}


def every(parts: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    for number, n in enumerate(parts):
        yield day(number, n=n, excluded=f"missing{24 - n}" if n < 24 else "")


def test_it_says_the_same_whatever_the_order_of_days() -> None:
    rows = list(every((24, 3, 0, 17)))
    assert months(rows, until=date(2026, 11, 5)) == months(rows[::-1], until=date(2026, 11, 5))
