"""What the confirmer has said in the end is what one run over everything says: however packets were cut, ordered,
repeated or delayed, and wherever it was killed.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.confirming_life import EVERYTHING, Life, delayed
from tests.confirming_world import MNS, arrive, corrected, history, in_order, latest, plan

from qingtian.bus.marks import OutletMarks
from qingtian.lake import findings as lake_findings
from qingtian.stream.confirming.standing import Standing

DAYS = 4
MARK: OutletMarks = {
    "outlet": "G1",
    "revision": 1,
    "at": "2026-10-24T00:00:00+08:00",
    "marks": [
        {
            "id": 1,
            "kind": "device",
            "label": "维护",
            "start": "2026-10-21T18:00:00+08:00",
            "end": "2026-10-21T23:00:00+08:00",
            "factors": None,
            "mn": None,
        }
    ],
}


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_was_said_in_the_end_is_what_one_run_over_everything_says(data: st.DataObject) -> None:
    rows = history(days=DAYS, seed=data.draw(st.integers(0, 3)))
    repeated = rows.sample(fraction=0.05, seed=1).with_columns(received=pl.col("received") + timedelta(hours=5))
    story = in_order(pl.concat([delayed(data, rows, most=60, hours=40), repeated]))
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), plan())
        life.go_through(data, story, parts=6)
        life.must_equal_one_run(story)


def test_a_late_correction_closes_the_finding_it_takes_the_ground_from_and_says_why(tmp_path: Path) -> None:
    rows = history(days=DAYS)
    life = Life(tmp_path, plan())
    arrive(tmp_path, rows)
    life.go_on()
    before = [e for e in life.said.values() if e["detector"] == "confirmed_exceedance" and e["factor"] == "a21002"]
    opened, ended = before
    assert (opened["event"], ended["event"], ended["reason"]) == ("opened", "closed", "recovered")
    wrong = rows.filter(pl.col("mn") == MNS["G1"], pl.col("factor") == "a21002", pl.col("value") == 155.0)
    fix = corrected(wrong, received_after=latest(rows), value=101.0)
    arrive(tmp_path, fix)
    life.go_on(dies_after=1)
    life.go_on()
    *_, closed = [e for e in life.said.values() if e["finding"] == opened["finding"] and e["event"] == "closed"]
    assert closed["reason"] == "superseded"
    assert closed["superseded_by"] is None
    assert "101" in closed["evidence"]["zh"]
    life.must_equal_one_run(pl.concat([rows, fix]))


def test_a_mark_and_a_plan_re_open_what_they_bear_on(tmp_path: Path) -> None:
    rows = history(days=DAYS)
    life = Life(tmp_path, plan())
    arrive(tmp_path, rows)
    life.go_on()
    life.marks = {"G1": MARK}
    life.go_on()
    life.must_equal_one_run(rows)
    gone = [e for e in life.said.values() if e["event"] == "closed" and e["detector"] == "confirmed_exceedance"]
    assert [e["reason"] for e in gone if e["outlet"] == "G1"] == ["recovered", "superseded"]
    life.marks, life.plan = {}, plan(number=2, upper=90.0)
    life.go_on()
    life.must_equal_one_run(rows)


def test_grounds_tried_in_a_work_that_was_killed_and_taken_back_before_the_next_leave_nothing(tmp_path: Path) -> None:
    rows = history(days=DAYS)
    life = Life(tmp_path, plan())
    arrive(tmp_path, rows)
    life.go_on()
    before = life.findings()
    life.marks, life.plan = {"G1": MARK}, plan(number=2, upper=90.0)
    life.go_on(dies_after=1)
    assert life.findings() != before
    life.marks, life.plan = {}, plan(number=3)
    life.go_on()
    assert life.findings() == before
    life.must_equal_one_run(rows)
    assert life.standing.tried == ()


def test_nothing_is_said_twice_if_nothing_new_arrived(tmp_path: Path) -> None:
    life = Life(tmp_path, plan())
    arrive(tmp_path, history(days=DAYS))
    life.go_on()
    said, events = dict(life.said), lake_findings.last_events(lake_findings.open_findings(str(tmp_path)), **EVERYTHING)
    life.standing = Standing()
    life.go_on()
    assert life.said == said
    again = lake_findings.last_events(lake_findings.open_findings(str(tmp_path)), **EVERYTHING)
    assert again.equals(events)
