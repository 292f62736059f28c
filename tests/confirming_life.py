"""A confirmer that is killed and started again over a lake of its own, and what it must have said in the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import polars as pl
from tests.confirming_world import FIRST, facts, whole

from qingtian.bus.marks import OutletMarks
from qingtian.lake import windows as lake_windows
from qingtian.stream.confirming.confirmer import Confirmer
from qingtian.stream.confirming.ground import read_marks
from qingtian.stream.confirming.keeping import Keeper
from qingtian.stream.confirming.standing import Standing
from qingtian.stream.periods.api import PeriodPlan
from qingtian.stream.periods.revision import SAYS
from qingtian.stream.periods.table import KEY

EVERYTHING = {"first": FIRST - timedelta(days=2), "last": FIRST + timedelta(days=60)}


class Life:
    """A confirmer that dies after so many parts of its work (None: never), and is started again by `go_on`."""

    def __init__(self, lake: Path, by: PeriodPlan) -> None:
        self.lake, self.plan = lake, by
        self.marks: Mapping[str, OutletMarks] = {}
        self.standing, self.standing_plan = Standing(), PeriodPlan(number=0, outlets=(), place_of={})
        self.said: dict[str, dict[str, object]] = {}
        self.packets: pl.DataFrame | None = None
        self.clues: dict[str, dict[str, object]] = {}

    def go_on(self, *, dies_after: int | None = None) -> None:
        keeper = Keeper(str(self.lake))
        for event in keeper.behind(self.standing.turn):
            self._hear(event)
        confirmer = Confirmer(keeper, self.standing, self.standing_plan, quiet_s=0)
        asked = confirmer.look(self.plan, self.marks)
        for number, events in enumerate(confirmer.confirm(asked, now=0.0), start=1):
            if number == dies_after:
                return
            for event in events:
                self._hear(event)
        self.standing, self.standing_plan = confirmer.settle(), self.plan

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
