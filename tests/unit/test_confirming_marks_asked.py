"""Which days are looked at again when marks change."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.periods_world import MN, plan_of

from qingtian.bus.marks import OutletMarks
from qingtian.stream.confirming import todo
from qingtian.stream.confirming.todo import Todo
from qingtian.stream.periods.api import beijing_start

PLAN = plan_of({"code": "G1", "medium": "gas"})
HEARD = {MN: beijing_start(date(2026, 11, 1))}
HORIZON = beijing_start(date(2026, 11, 4))
OVERDUE = {"id": 0, "kind": "quality", "label": "超期未校准", "factors": ["a21002"], "mn": MN, "passed": None}


def standing(*marks: dict[str, Any], outlet: str = "G1") -> dict[str, OutletMarks]:
    return {outlet: {"outlet": outlet, "revision": 1, "at": "2026-11-04T00:00:00+08:00", "marks": [*marks]}}  # type: ignore[list-item]


def asked(old: dict[str, OutletMarks], new: dict[str, OutletMarks], *, heard: dict[str, int] = HEARD) -> list[date]:
    found = Todo()
    todo.of_marks(found, old, new, PLAN, heard, horizon=HORIZON)
    return sorted(found.days)


def test_a_calibration_overdue_for_years_asks_for_no_day_before_the_device_was_heard() -> None:
    overdue = OVERDUE | {"start": "2019-01-01T00:00:00+08:00", "end": None}
    every = [date(2026, 11, day) for day in (1, 2, 3)]
    assert asked({}, standing(overdue)) == every
    assert asked(standing(overdue), {}) == every
    assert asked({}, standing(overdue), heard={}) == []
    assert asked({}, standing(overdue, outlet="G9")) == []


def test_a_stretch_that_ends_asks_for_what_lay_under_it_and_lies_so_no_more() -> None:
    lasting = OVERDUE | {"start": "2026-11-02T09:00:00+08:00", "end": None}
    ended = lasting | {"end": "2026-11-02T12:00:00+08:00"}
    assert asked(standing(lasting), standing(ended)) == [date(2026, 11, 2), date(2026, 11, 3)]
    assert asked(standing(ended), standing(ended)) == []
