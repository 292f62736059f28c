"""Runs a replay for a command or a bench: the crew, the bar, the outcomes put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from qingtian.stream.replaying.crew import Cluster, Crew, Processes
from qingtian.stream.replaying.task import Task, split


@dataclass(frozen=True, kw_only=True)
class Replay:
    """All outcomes together. ``seconds`` from the first task given to the last outcome; ``rss_mib``: the largest."""

    events: list[dict[str, Any]]
    standing: list[dict[str, Any]]
    readings: int
    windows: int
    rss_mib: float
    seconds: float

    @property
    def readings_per_s(self) -> int:
        return round(self.readings / max(self.seconds, 1e-9))


def crew_for(task: Task, *, processes: int, ray: str | None) -> AbstractContextManager[Crew]:
    """Return who does it: a Ray cluster if its address is given, else processes of this machine.

    :raises qingtian.stream.replaying.crew.NoRay: if the extra is not installed.
    """
    return Cluster(address=ray) if ray else Processes(task, count=processes)


def replay(task: Task, crew: Crew, *, told: Callable[[int, int], None] = lambda done, total: None) -> Replay:
    """Do all of a replay; ``told(done, total)`` after each task, in outlet's days."""
    tasks = split(task)
    sizes = sum(len(each.plans[each.newest]["outlets"]) * len(each.days) for each in tasks)
    events: list[dict[str, Any]] = []
    standing: list[dict[str, Any]] = []
    done = readings = windows = 0
    largest, started = 0.0, time.perf_counter()
    for outcome in crew.outcomes(tasks):
        events += outcome.events
        standing += outcome.standing
        readings, windows, largest = (
            readings + outcome.readings,
            windows + outcome.windows,
            max(largest, outcome.rss_mib),
        )
        done += sizes // max(len(tasks), 1)
        told(done, sizes)
    return Replay(
        events=sorted(events, key=lambda one: (one["received"], one["data_time"], one["id"])),
        standing=sorted(standing, key=lambda one: (one["since"], one["outlet"], one["mn"], one["finding"])),
        readings=readings,
        windows=windows,
        rss_mib=largest,
        seconds=time.perf_counter() - started,
    )
