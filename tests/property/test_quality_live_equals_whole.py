"""Data out of control: however the checks arrived, late, corrected or between kills, what was said in the end is what
one run over everything says, and a replay finds the same.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life
from tests.confirming_world import FIRST, MNS, arrive, facts, history, in_order, plan

from qingtian.base.times import BEIJING
from qingtian.bus.marks import OutletMarks, of_stretch
from qingtian.law.quality.judging import ADJUST, OUT, PASSED
from qingtian.law.quality.stretches import Check, out_of_control
from qingtian.stream.confirming.ground import read_marks

DAYS = 4
START = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=BEIJING)
INSTRUMENTS = {"G1": ("a21002", "gas", "span_drift"), "W1": ("w01018", "water", "comparison")}

made = st.tuples(
    st.sampled_from(sorted(INSTRUMENTS)),
    st.integers(-600, DAYS * 24 * 60),
    st.sampled_from([PASSED, PASSED, OUT, OUT, ADJUST]),
)


def checks_of(told: list[tuple[str, int, str]]) -> dict[str, list[Check]]:
    """Return the checks by outlet, each at its minute from the first day on."""
    found: dict[str, list[Check]] = {code: [] for code in INSTRUMENTS}
    for number, (code, minute, verdict) in enumerate(told, start=1):
        factor, _, kind = INSTRUMENTS[code]
        at = START + timedelta(minutes=minute)
        found[code].append(
            Check(number=number, mn=MNS[code], factor=factor, kind=kind, at=at, verdict=verdict),
        )
    return found


def standing(told: list[tuple[str, int, str]], *, revision: int) -> dict[str, OutletMarks]:
    return {
        code: {
            "outlet": code,
            "revision": revision,
            "at": START.isoformat(),
            "marks": [of_stretch(one) for one in out_of_control(checks, medium=INSTRUMENTS[code][1])],
        }
        for code, checks in checks_of(told).items()
    }


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_checks_that_come_late_and_between_kills_end_in_what_one_run_says(data: st.DataObject) -> None:
    told = data.draw(st.lists(made, max_size=6), label="checks, as they are entered")
    taken_back = data.draw(st.sets(st.integers(0, 5), max_size=2), label="corrected away")
    rows = in_order(history(days=DAYS, seed=data.draw(st.integers(0, 2))))
    cut = data.draw(st.integers(1, int(rows["sequence"].max())), label="data until")  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), plan())
        arrive(life.lake, rows.filter(rows["sequence"] <= cut))
        for number in range(1, len(told) + 1):
            life.marks = standing(told[:number], revision=number)
            if data.draw(st.booleans(), label="killed"):
                life.go_on(dies_after=data.draw(st.integers(1, 4), label="in part"))
            life.go_on()
        arrive(life.lake, rows.filter(rows["sequence"] > cut))
        left = [one for number, one in enumerate(told) if number not in taken_back]
        life.marks = standing(left, revision=len(told) + 1)
        life.go_on()
        life.must_equal_one_run(rows)


def test_a_replay_finds_what_was_said_under_failed_checks(tmp_path: Path) -> None:
    rows = history(days=DAYS)
    life = Life(tmp_path, plan())
    arrive(tmp_path, rows)
    # the exceedance of the second day's 20:00 falls into it, and ends as superseded
    life.go_on()
    life.marks = standing([("G1", 44 * 60 - 30, OUT), ("G1", 45 * 60 + 10, PASSED)], revision=1)
    life.go_on()
    life.must_equal_one_run(rows)
    gone = [e for e in life.said.values() if e["event"] == "closed" and e["detector"] == "confirmed_exceedance"]
    assert [e["reason"] for e in gone if e["outlet"] == "G1"] == ["recovered", "superseded"]
    assert "失控" in str(gone[-1]["evidence"])
    last = FIRST + timedelta(days=DAYS)
    again = life.replayed(rows, first=FIRST, last=last, suspicions=False, marks=read_marks(life.marks))
    confirmed = {facts(one) for one in again if one["detector"] == "confirmed_exceedance"}
    assert confirmed == {one for one in life.findings() if one[1] == "confirmed_exceedance"}
