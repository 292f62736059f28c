"""Runs a replay for a command or a bench: the crew, the bar, the outcomes put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from qingtian.stream.replaying.crew import Cluster, Crew, Processes
from qingtian.stream.replaying.task import Outcome, Task, split


@dataclass(frozen=True, kw_only=True)
class Replay:
    """All outcomes together. ``seconds`` from the first task given to the last outcome; ``rss_mib``: the largest."""

    events: list[dict[str, Any]]
    standing: list[dict[str, Any]]
    readings: int
    windows: int
    rss_mib: float
    cpu_s: float
    seconds: float

    @property
    def readings_per_s(self) -> int:
        return round(self.readings / max(self.seconds, 1e-9))


def crew_for(task: Task, *, processes: int, ray: str | None) -> AbstractContextManager[Crew]:
    """Return who does it: a Ray cluster if its address is given, else processes of this machine.

    :raises qingtian.stream.replaying.crew.NoRay: if the extra is not installed.
    """
    return Cluster(address=ray) if ray else Processes(task, count=processes)


def replay(task: Task, crew: Crew, *, told: Callable[[int], None] = lambda done: None) -> Replay:
    """Do all of a replay; ``told(done)`` after each task, in outlet's days."""
    tasks = split(task)
    outcomes: list[Outcome] = []
    started = time.perf_counter()
    for outcome in crew.outcomes(tasks):
        outcomes.append(outcome)
        told(sum(each.outlet_days for each in outcomes))
    seconds = time.perf_counter() - started
    events = [one for outcome in outcomes for one in outcome.events]
    standing = [one for outcome in outcomes for one in outcome.standing]
    return Replay(
        events=sorted(events, key=lambda one: (one["received"], one["data_time"], one["id"])),
        standing=sorted(standing, key=lambda one: (one["since"], one["outlet"], one["mn"], one["finding"])),
        readings=sum(each.readings for each in outcomes),
        windows=sum(each.windows for each in outcomes),
        rss_mib=max((each.rss_mib for each in outcomes), default=0.0),
        cpu_s=sum(each.cpu_s for each in outcomes),
        seconds=seconds,
    )
