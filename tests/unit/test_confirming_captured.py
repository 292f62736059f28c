"""Data captured by month and quarter: the arithmetic, when it is told, and what excuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from tests.periods_world import MN

from qingtian.base import times
from qingtian.lake.windows import OF_DAYS
from qingtian.stream.confirming import capture
from qingtian.stream.confirming.ground import Ground
from qingtian.stream.periods.api import Mark, beijing_start, read_plan

NOX, SO2 = "a21026", "a21002"
JUNE = capture.Span(start=date(2026, 6, 1), end=date(2026, 7, 1), period="month")
QUARTER = capture.Span(start=date(2026, 4, 1), end=date(2026, 7, 1), period="quarter")
OUTLET = {"code": "G1", "medium": "gas", "limits": [], "devices": [{"mn": MN, "pw": "123456"}]}
PLAN = read_plan({"number": 1, "outlets": [OUTLET]})


def days(valid: Sequence[int | None], *, first: date = JUNE.start, factor: str = SO2, due: int = 24) -> pl.DataFrame:
    """Return windows of days with so many valid hours each; None: nothing was heard."""
    rows = [
        {
            "outlet": "G1",
            "mn": MN,
            "factor": factor,
            "period": "day",
            "data_time": times.from_microseconds(beijing_start(first + timedelta(days=number))),
            "reason": "",
            "excluded": f"missing{due - hours}" if hours < due else "",
            "n": hours,
            "due": due,
            "valid": hours >= 18,
        }
        for number, hours in enumerate(valid)
        if hours is not None
    ]
    empty = dict.fromkeys(set(OF_DAYS) - set(rows[0]), None)
    frame = pl.DataFrame([row | empty for row in rows]).with_columns(pl.col("data_time").dt.cast_time_unit("us"))
    return frame.select(OF_DAYS)


def ground(until: date, *marks: Mark) -> Ground:
    return Ground(plan=PLAN, marks=marks, horizon=beijing_start(until) + 600_000_000)


def told(frame: pl.DataFrame, *, span: capture.Span = JUNE, at: Ground) -> list[dict[str, Any]]:
    return capture.findings(frame, at, span=span, outlets={"G1"})


def standing(start: date, end: date, *, factors: tuple[str, ...] | None = None) -> Mark:
    at = [datetime(day.year, day.month, day.day, tzinfo=times.BEIJING) for day in (start, end)]
    return Mark(outlet="G1", kind="condition", label="停运", start=at[0], end=at[1], factors=factors)


def test_a_month_that_is_over_is_told_with_its_arithmetic() -> None:
    # 664 of 720 hours: 92.2 %
    assert told(days([24] * 26 + [10] * 4), at=ground(JUNE.end)) == []
    (found,) = told(days([24] * 24 + [6] * 6), at=ground(JUNE.end))
    assert (found["detector"], found["period"], found["running"], found["since"][:10]) == (
        "capture_month", "month", False, "2026-06-01",
    )  # fmt: skip
    # 24 · 24 + 6 · 6 = 612 of 720 hours: 85 %; 648 would be 90 %
    assert found["evidence"]["numbers"] == {
        "factor": SO2, "due": 720, "counted": 612, "rest": 0, "rate": 0.85, "best": 0.85, "line": 0.9,
    }  # fmt: skip
    assert "应有720小时，有效612小时，捕集率85.0%，还差36小时" in found["evidence"]["zh"]
    (chart,) = found["evidence"]["charts"]
    assert (chart["values"][0], chart["values"][-1], chart["lines"][0]["values"]) == (100.0, 25.0, 90.0)


def test_it_warns_once_what_is_left_of_the_month_cannot_mend_it() -> None:
    """72 hours may be missing in June: four days that are lost are too many, three are not yet."""
    assert told(days([24] * 10 + [0] * 3), at=ground(date(2026, 6, 14))) == []
    (found,) = told(days([24] * 10 + [0] * 4), at=ground(date(2026, 6, 15)))
    assert (found["running"], found["end"][:10], found["band"]) == (True, "2026-06-15", 1)
    # (240 + 16 · 24) of 720 hours
    assert "即使其后384小时全部有效，也只能达到86.6%" in found["evidence"]["zh"]


def test_the_warning_and_the_end_are_one_finding_that_grew_louder() -> None:
    frame = days([24] * 10 + [0] * 4 + [24] * 16)
    early, over = (told(frame, at=ground(day))[0] for day in (date(2026, 6, 20), JUNE.end))
    assert early["finding"] == over["finding"]
    assert early["band"] < over["band"]


def test_days_of_which_nothing_was_heard_are_due() -> None:
    (found,) = told(days([24] * 20 + [None] * 10), at=ground(JUNE.end))
    assert found["evidence"]["numbers"]["due"] == 720
    assert found["evidence"]["charts"][0]["values"][-1] == 0.0


def test_hours_of_standing_still_are_not_due() -> None:
    stood = standing(date(2026, 6, 21), JUNE.end)
    assert told(days([24] * 20 + [None] * 10), at=ground(JUNE.end, stood)) == []
    named = standing(date(2026, 6, 21), JUNE.end, factors=(NOX,))
    assert len(told(days([24] * 20 + [None] * 10), at=ground(JUNE.end, named))) == 1


def test_a_device_that_came_on_line_within_the_month_is_due_from_then_on() -> None:
    assert told(days([24] * 10, first=date(2026, 6, 21)), at=ground(JUNE.end)) == []
    before = days([24], first=date(2026, 5, 20))
    assert len(told(pl.concat([before, days([24] * 10, first=date(2026, 6, 21))]), at=ground(JUNE.end))) == 1


def test_the_day_on_which_a_device_came_on_line_is_not_due() -> None:
    """Five hours of the evening of 28 June and two whole days are no shortfall of a month."""
    frame = days([5, 24, 24], first=date(2026, 6, 28))
    evening = beijing_start(date(2026, 6, 28)) + 19 * 3_600_000_000
    young = replace(ground(JUNE.end), since={MN: evening})
    assert told(frame, at=young) == []
    assert len(told(frame, at=ground(JUNE.end))) == 1


def test_of_several_factors_the_worst_is_reckoned_and_all_are_named() -> None:
    frame = pl.concat([days([20] * 30), days([12] * 30, factor=NOX)])
    (found,) = told(frame, at=ground(JUNE.end))
    assert found["factors"] == [NOX, SO2]
    assert found["evidence"]["numbers"]["factor"] == NOX
    assert found["factor"] == ""


@pytest.mark.parametrize(("hours", "heard"), [(18, 0), (17, 1)])
def test_a_quarter_wants_three_quarters_of_its_hours(hours: int, heard: int) -> None:
    frame = days([hours] * 91, first=QUARTER.start)
    assert len(told(frame, span=QUARTER, at=ground(QUARTER.end))) == heard


def test_a_day_that_goes_on_is_in_no_span_and_one_that_is_over_in_two() -> None:
    start = beijing_start(date(2026, 6, 30))
    day = 86_400_000_000
    assert capture.spans(start, start + day, horizon=start + day - 1) == []
    assert capture.spans(start, start + day, horizon=start + day) == [QUARTER, JUNE]


def test_a_day_bears_on_what_is_due_from_it_on_and_a_day_that_goes_on_bears_on_nothing() -> None:
    day = 86_400_000_000
    start, horizon = beijing_start(date(2026, 6, 1)), beijing_start(date(2026, 8, 2))
    touched = capture.touched(start, start + 1, horizon=horizon)
    assert [(one.period, one.start.month) for one in touched] == [
        ("quarter", 4), ("month", 6), ("month", 7), ("quarter", 7), ("month", 8)
    ]  # fmt: skip
    sooner = capture.touched(start - 2 * day, start - day, horizon=horizon)
    assert [(one.period, one.start.month) for one in sooner] == [("quarter", 4), ("month", 5), ("month", 6)]
    assert capture.touched(horizon, horizon + day, horizon=horizon + day - 1) == []
