"""Confirmation again: windows of every day of the stretch from readings, what they exceed, and what is suspect in them.

Suspicions lean on hours long before and somewhat behind: within the stretch on those made here, outside it on those
that the lake holds as they were last made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.lake import traces as lake_traces
from qingtian.lake import windows as lake_windows
from qingtian.lake.days import DayReader
from qingtian.stream.confirming import capture, judgement, minutes, peers, siblings, steps
from qingtian.stream.confirming.ground import DAY, Ground, first_heard
from qingtian.stream.confirming.means import Means
from qingtian.stream.confirming.minutes import Traces
from qingtian.stream.confirming.series import devices_of
from qingtian.stream.confirming.unlike import contradictions
from qingtian.stream.periods import api as periods
from qingtian.stream.replaying.ending import Endings
from qingtian.stream.replaying.task import Task, midnight

Message = dict[str, Any]


class Confirmation:
    """The periods of a task's outlets. Call `day` for each day of the stretch in turn, then `finish`."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._lake = lake_windows.open_windows(task.lake_url)
        plan = periods.read_plan(task.plans[task.newest])
        since = lake_windows.first_hours(self._lake, mns=task.mns)
        everybody = periods.read_plan(task.everybody) if task.everybody else plan
        self._everybody = everybody
        self._ground = Ground(plan=plan, marks=task.marks, horizon=task.horizon, since=since, everybody=everybody)
        self._made: dict[date, pl.DataFrame] = {}
        self._days: list[pl.DataFrame] = []
        self._endings = Endings()
        self._cells = judgement.cells(task.start, min(task.end, task.horizon)) if task.suspicions else []
        self.windows = 0

    def day(self, reader: DayReader, day: date) -> list[Message]:
        """Make a day's windows; return what they exceed or contradict, and the suspicions that can be told now."""
        rows = periods.rows_of(reader.measured(day))
        closed = judgement.closed(rows, self._ground, days=[day])
        made = closed.windows
        self.windows += len(made)
        self._hear(made)
        if self._task.suspicions:
            self._days.append(_of(made, steps.DAYS))
        if self._cells:
            self._made[day] = _of(made, steps.HOURS)
        end = midnight(day) + DAY
        told = self._endings.day(made, self._ground, until=end) + contradictions(made, self._ground)
        if self._task.suspicions:
            traces = Traces.read(lake_traces.told(reader.packets(day)), horizon=self._task.horizon)
            told += minutes.suspicions(closed, traces, self._ground, days=[day])
        return told + list(self._told(end))

    def finish(self) -> list[Message]:
        """Return the exceedances that go on or end behind the stretch, suspicions of the last cells, and of days."""
        ended = self._endings.finish(self._lake, self._ground, until=self._task.end)
        return [*ended, *self._told(None), *self._of_days(), *self._beside_peers(), *self._captured()]

    def _hear(self, made: pl.DataFrame) -> None:
        since = dict(self._ground.since)
        for mn, at in first_heard(made).items():
            since[mn] = min(at, since.get(mn, at))
        self._ground = replace(self._ground, since=since)

    def _told(self, known: int | None) -> Iterator[Message]:
        """Yield the suspicions of the cells whose data are all made, being known up to ``known`` µs (None: all)."""
        back, ahead = judgement.reach()
        while self._cells and (known is None or self._cells[0] + judgement.CELL + ahead <= known):
            yield from self._of_cell(self._cells.pop(0))
            if self._cells:
                oldest = times.from_microseconds(self._cells[0] - back).date()
                self._made = {day: part for day, part in self._made.items() if day >= oldest}

    def _of_cell(self, cell: int) -> Iterator[Message]:
        yield from self._suspicions(cell, self._means([cell], self._made.values(), step=steps.HOURS), step=steps.HOURS)

    def _of_days(self) -> Iterator[Message]:
        """Yield the suspicions that days tell, from those made here and those that the lake holds around them."""
        if not (self._task.suspicions and self._task.horizon > self._task.start):
            return
        cells = judgement.cells(self._task.start, min(self._task.end, self._task.horizon))
        means = self._means(cells, self._days, step=steps.DAYS)
        for cell in cells:
            yield from self._suspicions(cell, means, step=steps.DAYS)

    def _beside_peers(self) -> Iterator[Message]:
        """Yield what is said of outlets beside their kind, in cells that begin in the stretch and are over.

        The days of outlets that are not of this task are those that the lake holds.
        """
        task, ground = self._task, self._ground
        begun = [cell for cell in judgement.cells(task.start - DAY, task.end) if task.start <= peers.first_day(cell)]
        over = peers.cells_over(task.start, task.end, horizon=task.horizon) if task.suspicions else []
        cells = [cell for cell in begun if cell in over and peers.first_day(cell) < task.end]
        if not cells:
            return
        everybody = self._everybody
        mine = {outlet.code for outlet in ground.plan.outlets}
        kin = peers.concerned(mine, everybody)
        mns = [mn for outlet in everybody.outlets if outlet.code in kin for mn in outlet.mns]
        for cell in cells:
            begin = peers.first_day(cell)
            means = self._between(begin, begin + judgement.CELL, self._days, step=steps.DAYS, mns=mns)
            yield from peers.suspicions(means, ground, cell=cell, outlets=mine, all_of=everybody)

    def _captured(self) -> Iterator[Message]:
        """Yield what falls short of what must be captured, of months and quarters that begin in the stretch."""
        task = self._task
        begun = capture.spans(task.start, task.end, horizon=task.horizon) if task.suspicions else []
        mine = {outlet.code for outlet in self._ground.plan.outlets}
        for span in (one for one in begun if task.first <= one.start <= task.last):
            start, end = midnight(span.lead), midnight(span.end) - DAY
            days = self._windows(start, end, self._days, step=steps.DAYS, mns=task.mns)
            yield from capture.findings(days, self._ground, span=span, outlets=mine)

    def _suspicions(self, cell: int, means: Means, *, step: str) -> Iterator[Message]:
        within = (self._task.start, self._task.end)
        for outlet, mn in devices_of(self._ground.plan):
            yield from judgement.suspicions_of(
                means, self._ground, outlet=outlet, mn=mn, cell=cell, within=within, step=step
            )

    def _means(self, cells: Sequence[int], made: Iterable[pl.DataFrame], *, step: str) -> Means:
        """Return the hours, or days, that tell these cells' suspicions."""
        back, ahead = judgement.reach(step)
        start, end = cells[0] - back, cells[-1] + judgement.CELL + ahead
        mine = (outlet.code for outlet in self._ground.plan.outlets)
        mns = sorted({*self._task.mns, *siblings.mns_of(self._everybody, mine)})
        return self._between(start, end, made, step=step, mns=mns)

    def _between(self, start: int, end: int, made: Iterable[pl.DataFrame], *, step: str, mns: Sequence[str]) -> Means:
        return Means.of(self._windows(start, end, made, step=step, mns=mns), step)

    def _windows(
        self, start: int, end: int, made: Iterable[pl.DataFrame], *, step: str, mns: Sequence[str]
    ) -> pl.DataFrame:
        """Return hours, or days, of ``[start, end)`` µs: of the task and its stretch as made here, else the lake's."""
        first, last = (times.from_microseconds(at).date() for at in (start, end))
        held = lake_windows.of_devices(self._lake, first=first, last=last, mns=mns, period=step)
        inside = pl.col("data_time").dt.epoch("us").is_between(self._task.start, self._task.end, closed="left")
        return pl.concat([held.filter(~(inside & pl.col("mn").is_in(self._task.mns))), *made])


def _of(windows: pl.DataFrame, step: str) -> pl.DataFrame:
    wanted = lake_windows.OF_DAYS if step == steps.DAYS else lake_windows.OF_A_SERIES
    return windows.filter(pl.col("period") == step).select(wanted)
