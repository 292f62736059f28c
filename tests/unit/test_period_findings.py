"""Confirmed exceedances: what they support, and why they are closed when the day is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
from tests.periods_world import marks_of, plan_of, readings

from qingtian.stream.periods import api

DAY = date(2026, 11, 20)
HOUR = {"factor": "a21002", "period": "hour", "upper": 150.0, "unit": "mg/m3", "printed": "<= 150 mg/m3"}
STORY = [
    {"factor": "a21002", "value": 100},
    {"factor": "a21002", "value": 180, "from": "08:00", "to": "09:00"},
]


def outlet(*limits: dict[str, Any], source_type: str = "锅炉/新建/燃气") -> dict[str, Any]:
    return {"code": "G1", "medium": "gas", "source_type": source_type, "limits": limits or (HOUR,)}


def judged(
    place: dict[str, Any], entries: Sequence[dict[str, Any]], *, marks: Any = (), number: int = 1
) -> tuple[pl.DataFrame, list[api.PeriodFinding]]:
    plan = plan_of(place, number=number)
    rows = api.rows_of(readings(DAY, entries))
    found = api.windows(rows, plan, marks=marks_of(DAY, "G1", marks), days=[DAY])
    return found, api.judge(found, plan)


def closed(after: Sequence[dict[str, Any]], *, place: Any = None, marks: Any = (), number: int = 1) -> dict[str, Any]:
    """Return the one closing event between the story and what came after it."""
    held, findings = judged(outlet(), STORY)
    held = held.with_columns(revision=pl.lit(1, pl.Int32))
    standing = [finding.message() for finding in findings]
    windows, _ = judged(place or outlet(), [*STORY, *after], marks=marks, number=number)
    now = api.revise(held, windows)
    anew = api.judge(now, plan_of(place or outlet(), number=number))
    event, *rest = api.difference(standing, anew, windows=now, plan=number)
    assert event["event"] == "closed"
    assert [other["event"] for other in rest] == ["opened"] * (event["superseded_by"] is not None)
    return event


@pytest.mark.parametrize(
    ("certainty", "source_type", "support"),
    [
        ("read", "锅炉/新建/燃气", "penalty"),
        ("memory", "锅炉/新建/燃气", "warn"),
        ("read", "生活垃圾焚烧炉", "warn"),  # an incinerator's hour is no basis, whatever its figure
    ],
)
def test_figure_and_criterion_must_both_carry_a_penalty(certainty: str, source_type: str, support: str) -> None:
    _, (finding,) = judged(outlet(HOUR | {"certainty": certainty}, source_type=source_type), STORY)
    assert finding.support == support
    assert ("仅作预警" in finding.message()["evidence"]["zh"]) is (support == "warn")


def test_of_two_limits_exceeded_the_one_that_supports_a_penalty_is_named() -> None:
    local = HOUR | {"upper": 120.0, "certainty": "memory", "standard": "local", "printed": "<= 120 mg/m3"}
    _, (finding,) = judged(outlet(local, HOUR), STORY)
    assert (finding.limit["upper"], finding.support) == (150.0, "penalty")
    _, (finding,) = judged(outlet(local, HOUR | {"upper": 200.0}), STORY)
    assert (finding.limit["upper"], finding.support) == (120.0, "warn")


def test_a_limit_of_another_time_is_not_compared() -> None:
    assert judged(outlet(HOUR | {"to": "2026-11-20"}), STORY)[1] == []
    assert len(judged(outlet(HOUR | {"from": "2026-11-20"}), STORY)[1]) == 1


def test_another_value_of_the_same_window_is_another_finding() -> None:
    event = closed([{"factor": "a21002", "value": 190, "from": "08:00", "to": "09:00"}])
    assert event["superseded_by"]
    assert "数据更新后为190mg/m³，已另行认定" in event["evidence"]["zh"]


def test_a_window_that_turns_out_invalid_closes_its_finding() -> None:
    event = closed([{"factor": "a21002", "value": 180, "flag": "M", "from": "08:00", "to": "08:20"}])
    assert (event["reason"], event["superseded_by"]) == ("superseded", None)
    assert "有效分钟不足" in event["evidence"]["zh"]
    assert "too few valid minutes" in event["evidence"]["en"]


def test_a_mark_that_exempts_closes_its_finding() -> None:
    event = closed([], marks=[{"kind": "condition", "label": "启炉", "from": "08:00", "to": "09:00"}])
    assert "豁免" in event["evidence"]["zh"]


def test_a_limit_that_is_gone_closes_its_finding_under_the_new_plan() -> None:
    event = closed([], place=outlet(HOUR | {"to": "2026-11-01"}), number=2)
    assert event["plan"] == 2
    assert "监测方案已变更" in event["evidence"]["zh"]


def test_wrong_corrected_and_wrong_again_are_three_events() -> None:
    again = [{"factor": "a21002", "value": value, "from": "08:00", "to": "09:00"} for value in (100, 180)]
    ids = set()
    for revision, entries in enumerate(([], again[:1], again), start=1):
        windows, _ = judged(outlet(), [*STORY, *entries])
        held = windows.with_columns(revision=pl.lit(revision, pl.Int32))
        ids |= {finding.message()["id"] for finding in api.judge(held, plan_of(outlet()))}
    assert len(ids) == 2
