"""A confirmer that is killed and started again over a lake of its own, and what it must have said in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st
from tests.confirming_world import FIRST, arrive, facts, in_order, latest, plan_message, whole

from qingtian.bus.marks import OutletMarks
from qingtian.lake import windows as lake_windows
from qingtian.lake.days import DayReader
from qingtian.stream.confirming.confirmer import Confirmer
from qingtian.stream.confirming.ground import horizon_of, read_marks
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.confirming.standing import Standing
from qingtian.stream.periods.api import Mark, PeriodPlan
from qingtian.stream.periods.revision import SAYS
from qingtian.stream.periods.table import KEY
from qingtian.stream.replaying.confirmation import Confirmation
from qingtian.stream.replaying.task import Task

EVERYTHING = {"first": FIRST - timedelta(days=2), "last": FIRST + timedelta(days=60)}


def delayed(data: st.DataObject, rows: pl.DataFrame, *, most: int, hours: int) -> pl.DataFrame:
    """Return the rows of which at most ``most`` came up to ``hours`` later, in the new order of arrival."""
    late = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=most, unique=True), label="delayed")
    moved = rows[late].with_columns(received=pl.col("received") + timedelta(hours=data.draw(st.integers(1, hours))))
    kept = rows.with_row_index("row").filter(~pl.col("row").is_in(late)).drop("row")
    return in_order(pl.concat([kept, moved]))


class Life:
    """A confirmer that dies after so many parts of its work (None: never), and is started again by `go_on`."""

    def __init__(self, lake: Path, by: PeriodPlan, *, message: dict[str, object] | None = None) -> None:
        """``message``: the plan as it stands on the log (None: that of `confirming_world`)."""
        self.lake, self.plan, self.message = lake, by, message or plan_message()
        self.marks: Mapping[str, OutletMarks] = {}
        self.standing, self.plans = Standing(), {0: PeriodPlan(number=0, outlets=(), place_of={})}
        self.said: dict[str, dict[str, object]] = {}
        self.packets: pl.DataFrame | None = None
        self.clues: dict[str, dict[str, object]] = {}

    def go_on(self, *, dies_after: int | None = None) -> None:
        keeper = Keeper(str(self.lake))
        for event in keeper.behind(self.standing.turn):
            self._hear(event)
        tried = [self.plans[one["plan"]] for one in self.standing.tried]
        confirmer = Confirmer(keeper, self.standing, self.plans[self.standing.plan], tried=tried, quiet_s=0)
        self.plans[self.plan.number] = self.plan
        asked = confirmer.look(self.plan, self.marks)
        self.standing = confirmer.begin()
        for number, events in enumerate(confirmer.confirm(asked, now=0.0), start=1):
            if number == dies_after:
                return
            for event in events:
                self._hear(event)
        self.standing = confirmer.settle()

    def go_through(
        self,
        data: st.DataObject,
        story: pl.DataFrame,
        *,
        parts: int,
        also: Callable[[pl.Expr], None] = lambda which: None,
    ) -> None:
        """Live the story in a few cuts, killed within the first ``parts`` parts of the work after some of them.

        ``also`` puts what else came with the messages that the expression chooses.
        """
        last = int(story["sequence"].max())  # type: ignore[arg-type]
        cuts = sorted(data.draw(st.lists(st.integers(1, last), max_size=3), label="cuts"))
        for first, until in zip([0, *cuts], [*cuts, last], strict=True):
            come = pl.col("sequence").is_between(first + 1, until)
            also(come)
            arrive(self.lake, story.filter(come))
            if data.draw(st.booleans(), label="killed"):
                self.go_on(dies_after=data.draw(st.integers(1, parts), label="in part"))
            self.go_on()

    def said_by_all(
        self,
        data: st.DataObject,
        story: pl.DataFrame,
        *,
        parts: int,
        days: int,
        among: Callable[[Mapping[str, Any]], bool],
        also: Callable[[pl.Expr], None] = lambda which: None,
    ) -> set[tuple[object, ...]]:
        """Live the story as `go_through` does; one run over it, and a replay of so many days, must say the same.

        Return the facts of what they say, as far as it is ``among`` what is looked at.
        """
        self.go_through(data, story, parts=parts, also=also)
        self.must_equal_one_run(story)
        _, findings = whole(story, self.plan, packets=self.packets)
        expected = {facts(one) for one in findings if among(one)}
        replayed = self.replayed(story, first=FIRST, last=FIRST + timedelta(days=days), suspicions=True)
        assert {facts(one) for one in replayed if among(one)} == expected
        return expected

    def replayed(
        self, story: pl.DataFrame, *, first: date, last: date, suspicions: bool, marks: tuple[Mark, ...] = ()
    ) -> list[dict[str, object]]:
        """Return what a replay of the days finds in the lake, the story being all that is there."""
        task = Task(
            lake_url=str(self.lake),
            first=first,
            last=last,
            plans={1: self.message},
            newest=1,
            marks=marks,
            horizon=horizon_of(latest(story)),
            suspicions=suspicions,
        )
        again, reader = Confirmation(task), DayReader(task.lake_url, mns=task.mns)
        return [message for day in task.days for message in again.day(reader, day)] + again.finish()

    def _hear(self, event) -> None:  # type: ignore[no-untyped-def]
        """What the log hears, once by id; told twice it must be the same."""
        if event.for_the_log:
            known = self.said.setdefault(event.message["id"], event.message)
            assert known == event.message
        elif event.clue:
            held = self.clues.get(event.clue["finding"], {"number": 0})
            self.clues[event.clue["finding"]] = max(held, event.clue, key=lambda one: one["number"])

    def findings(self) -> set[tuple[object, ...]]:
        said = Keeper(str(self.lake)).said(0, 1 << 51, ["G1", "W1"])
        return {facts(one.message) for one in said if one.stands}

    def windows(self) -> pl.DataFrame:
        found = lake_windows.windows(lake_windows.open_windows(str(self.lake)), **EVERYTHING)
        return found.select(*KEY, *SAYS).sort(KEY)

    def must_equal_one_run(self, rows: pl.DataFrame) -> None:
        windows, findings = whole(rows, self.plan, marks=read_marks(self.marks), packets=self.packets)
        assert self.windows().equals(windows.select(*KEY, *SAYS).sort(KEY))
        assert self.findings() == {facts(one) for one in findings}
        open_on_the_log = {e["finding"] for e in self.said.values()} - {
            e["finding"] for e in self.said.values() if e["event"] == "closed"
        }
        running = {one["finding"] for one in findings if one.get("running", True) and one["band"] > 0}
        assert running <= {e["finding"] for e in self.said.values()}
        assert open_on_the_log <= {one["finding"] for one in findings}
        told = {e["finding"] for e in self.said.values()}
        standing = {name for name, one in self.clues.items() if one["state"] != "superseded"}
        assert standing - told == {one["finding"] for one in findings if one["band"] == 0} - told
