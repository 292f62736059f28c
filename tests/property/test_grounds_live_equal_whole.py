"""The grounds of judgement change while data come: checks of quality control fail and are corrected, marks come late,
measuring ranges and limits are registered. Whatever came when, and wherever the confirmer was killed, what it said in
the end is what one run over everything says by the last grounds, and a replay finds the same.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.confirming_life import Life, delayed
from tests.confirming_world import FIRST, MNS, arrive, facts, history, in_order, plan_message, whole
from tests.periods_world import readings

from qingtian.base.times import BEIJING
from qingtian.bus.marks import OutletMarks, StandingMark, of_stretch
from qingtian.law.quality.judging import OUT, PASSED
from qingtian.law.quality.stretches import Check, out_of_control
from qingtian.stream.confirming.ground import read_marks
from qingtian.stream.periods.api import read_plan

DAYS = 4
START = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=BEIJING)
LABELS = [("device", "维护"), ("device", "校准"), ("condition", "停运"), ("condition", "启炉")]
INSTRUMENTS = {"G1": ("a21002", "gas", "span_drift"), "W1": ("w01018", "water", "comparison")}

minute = st.integers(-300, DAYS * 24 * 60)
outlet = st.sampled_from(sorted(INSTRUMENTS))
change = st.one_of(
    st.tuples(st.just("check"), outlet, minute, st.sampled_from([OUT, OUT, PASSED])),
    st.tuples(st.just("mark"), outlet, minute, st.tuples(st.integers(1, 1500), st.sampled_from(LABELS), st.booleans())),
    st.tuples(st.just("range"), outlet, st.integers(-1, DAYS), st.tuples(st.floats(0.9, 1.2), st.booleans())),
    st.tuples(st.just("limit"), outlet, st.just(0), st.sampled_from([90.0, 120.0])),
)
LEVEL = {"G1": 80.0, "W1": 40.0}


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@dataclass(kw_only=True)
class Grounds:
    """The registers as they stand; ``number`` counts what was changed in them."""

    number: int = 0
    checks: dict[str, list[Check]] = field(default_factory=lambda: {code: [] for code in INSTRUMENTS})
    marks: dict[str, list[StandingMark]] = field(default_factory=lambda: {code: [] for code in INSTRUMENTS})
    ranges: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {code: [] for code in INSTRUMENTS})
    upper: float = 120.0

    def take(self, told: tuple[str, str, int, Any]) -> None:
        kind, code, when, words = told
        self.number += 1
        factor, _, check = INSTRUMENTS[code]
        if kind == "check":
            made = Check(number=self.number, mn=MNS[code], factor=factor, kind=check, at=at(when), verdict=words)
            self.checks[code].append(made)
        elif kind == "mark":
            self.marks[code].append(self._mark(code, when, *words))
        elif kind == "range":
            day = (FIRST + timedelta(days=when)).isoformat()
            top, names_device = words
            own = {"mn": MNS[code]} if names_device else {}
            self.ranges[code].append({"factor": factor, "top": round(LEVEL[code] * top, 1), "from": day, **own})
        else:
            self.upper = words

    def _mark(self, code: str, when: int, minutes: int, label: tuple[str, str], whole_outlet: bool) -> StandingMark:
        return {
            "id": self.number,
            "kind": label[0],
            "label": label[1],
            "start": at(when).isoformat(),
            "end": at(when + minutes).isoformat(),
            "factors": None if whole_outlet else [INSTRUMENTS[code][0]],
            "mn": None if whole_outlet else MNS[code],
        }

    def standing(self) -> dict[str, OutletMarks]:
        return {
            code: {
                "outlet": code,
                "revision": self.number,
                "at": START.isoformat(),
                "marks": [*self.marks[code], *map(of_stretch, out_of_control(self.checks[code], medium=medium))],
            }
            for code, (_, medium, _) in INSTRUMENTS.items()
        }

    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = plan_message(number=1 + self.number, upper=self.upper)
        return found | {"outlets": [one | {"ranges": self.ranges[one["code"]]} for one in found["outlets"]]}

    def put(self, life: Life) -> None:
        life.marks, life.message = self.standing(), self.message()
        life.plan = read_plan(self.message())  # type: ignore[arg-type]


def told_by(*, seed: int, water_days: bool) -> pl.DataFrame:
    """Return the history of both outlets; ``water_days``: the waste water sends its days and nothing finer."""
    rows = history(days=DAYS, seed=seed)
    if not water_days:
        return rows
    entry = {"factor": "w01018", "cn": 2031}
    days = [readings(FIRST + timedelta(days=at), [entry | {"value": 55.0 - 4 * at}]) for at in range(DAYS)]
    return in_order(pl.concat([rows.filter(mn=MNS["G1"]), *(day.with_columns(mn=pl.lit(MNS["W1"])) for day in days)]))


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_whatever_grounds_came_when_live_one_run_and_a_replay_say_the_same(data: st.DataObject) -> None:
    rows = delayed(
        data, told_by(seed=data.draw(st.integers(0, 2)), water_days=data.draw(st.booleans())), most=40, hours=40
    )
    changes = data.draw(st.lists(change, min_size=1, max_size=6), label="what changes")
    last = int(rows["sequence"].max())  # type: ignore[arg-type]
    # half of the changes come when all data are there, so that nothing but the change asks for another look
    drawn = data.draw(st.lists(st.integers(0, 2 * last), min_size=len(changes), max_size=len(changes)), label="cuts")
    cuts = [*sorted(min(one, last) for one in drawn), last]
    grounds, arrived = Grounds(), 0
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), read_plan(grounds.message()), message=grounds.message())  # type: ignore[arg-type]
        for until, told in zip(cuts, [*changes, None], strict=True):
            arrive(life.lake, rows.filter(pl.col("sequence").is_between(arrived + 1, until)))
            arrived = until
            if data.draw(st.booleans(), label="looked at before the change"):
                life.go_on()
            if told is not None:
                grounds.take(told)
                grounds.put(life)
            if data.draw(st.booleans(), label="killed"):
                life.go_on(dies_after=data.draw(st.integers(1, 5), label="in part"))
        life.go_on()
        life.must_equal_one_run(rows)
        standing = read_marks(life.marks)
        _, findings = whole(rows, life.plan, marks=standing)
        again = life.replayed(rows, first=FIRST, last=FIRST + timedelta(days=DAYS), suspicions=True, marks=standing)
        begun = START.isoformat()
        expected = {facts(one) for one in findings if str(one["since"]) >= begun}
        assert {facts(one) for one in again if str(one["since"]) >= begun} == expected
