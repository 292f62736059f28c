"""Screening again: the judge over what the lake has, in the order of the log, by the plans that it named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from qingtian.lake.days import DayReader
from qingtian.stream.findings import plan as plans
from qingtian.stream.findings.detectors import Finding, discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.replaying.columns import Heard, heard
from qingtian.stream.replaying.task import WARM_UP_DAYS, Task, midnight


class Screening:
    """One judge for the outlets of a task. Call `day` for each day of arrival, `warm_up` days before the first on."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._judge = Judge(discover())
        self._plans = {number: plans.read(snapshot) for number, snapshot in task.plans.items()}
        self._only = len(self._plans) == 1
        self._judge.enroll(task.mns)

    def warm_up(self, reader: DayReader) -> None:
        """Judge the days before the stretch; what they tell is not kept."""
        for before in range(WARM_UP_DAYS, 0, -1):
            day = self._task.first - timedelta(days=before)
            self._judged(self._heard(reader, day))

    def day(self, reader: DayReader, step: int) -> tuple[list[dict[str, Any]], int]:
        """Judge what arrived on day ``step`` of the stretch; return the events and how many readings there were."""
        day = self._task.days[step]
        rows = self._heard(reader, day)
        return [event.message() for event in self._judged(rows) if self._is_asked(event)], len(rows.readings)

    def _heard(self, reader: DayReader, day: date) -> Heard:
        # where plans change the order of all packets tells by which of them each is judged
        return heard(reader.packets(day), reader.arrived(day), self._judge.register, as_on_log=not self._only)

    def _judged(self, rows: Heard) -> list[Finding]:
        found: list[Finding] = []
        for number, part in self._by_plan(rows):
            if number != self._judge.plan.number:
                found += self._judge.adopt(self._plans[number], received=int(part.received[0]))
            told, _ = self._judge.screen(
                *(part.packets, part.readings, part.device),
                received=part.received,
                sequence=part.sequence,
                index=part.index,
            )
            found += told
        return found

    def _by_plan(self, rows: Heard) -> Iterator[tuple[int, Heard]]:
        """Split into runs under one plan: the highest number met so far, as the live judge does."""
        if not len(rows):
            return
        if self._only:
            yield next(iter(self._plans)), rows
            return
        named = np.array(sorted(self._plans))
        known = np.where(np.isin(rows.plan, named), rows.plan, 0)
        plan = np.maximum.accumulate(np.maximum(known, self._judge.plan.number))
        bounds = [0, *(np.flatnonzero(plan[1:] != plan[:-1]) + 1).tolist(), len(rows)]
        for first, last in pairwise(bounds):
            if plan[first]:
                yield int(plan[first]), rows.part(first, last)

    def _is_asked(self, event: Finding) -> bool:
        """Leave out runs that began before the stretch: where they began is not known here."""
        return event.since >= midnight(self._task.first) and event.received < self._task.end
