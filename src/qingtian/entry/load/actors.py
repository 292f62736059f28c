"""Many people acting at once: processes with threads, each on matters of its own, one act a transaction or in bulk."""

from __future__ import annotations

import multiprocessing
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.entry.load import tables
from qingtian.office import start

PATIENCE = 300.0
WARM = 5
"""Acts before the clock runs: they read the kinds and rules."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What each process does: for how many ``seconds``, with how many ``threads``, ``at_once`` matters an act."""

    seconds: float
    threads: int
    at_once: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Done:
    """Acts a second, all processes together, and their processor time for an act, in milliseconds."""

    per_s: float
    cpu_ms: float


def acted(shares: Sequence[Sequence[int]], plan: Plan) -> Done:
    """Let a process for each share of matters accept them, all at the same time."""
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(len(shares)), context.Queue()
    some = [context.Process(target=_run, args=(share, plan, ready, results)) for share in shares]
    for process in some:
        process.start()
    found = [results.get(timeout=PATIENCE + plan.seconds) for _ in some]
    for process in some:
        process.join()
    acts = sum(done for done, _, _ in found)
    return Done(
        per_s=sum(done / seconds for done, seconds, _ in found),
        cpu_ms=sum(cpu for _, _, cpu in found) * 1000 / max(acts, 1),
    )


def _run(keys: Sequence[int], plan: Plan, ready: Any, results: Any) -> None:
    start.start()
    act = _accepting(plan)
    act(keys[:WARM])
    shares = [keys[WARM + thread :: plan.threads] for thread in range(plan.threads)]
    counts = [0] * plan.threads
    ready.wait(PATIENCE)
    used, begun = _processor_time(), time.perf_counter()
    ends = begun + plan.seconds
    threads = [
        threading.Thread(target=_work, args=(act, share, plan, ends, counts, place))
        for place, share in enumerate(shares)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((sum(counts), time.perf_counter() - begun, _processor_time() - used))
    tables.close()


def _work(
    act: Callable[[Sequence[int]], None], keys: Sequence[int], plan: Plan, ends: float, counts: list[int], place: int
) -> None:
    from django.db import connection

    for first in range(0, len(keys), plan.at_once):
        if time.perf_counter() >= ends:
            break
        part = keys[first : first + plan.at_once]
        act(part)
        counts[place] += len(part)
    connection.close()


def _accepting(plan: Plan) -> Callable[[Sequence[int]], None]:
    """Return how the desk accepts some petitions: with a paper, a number, two clocks and a person named."""
    from qingtian.office.matters import api
    from qingtian.office.people.models import User

    desk = User.objects.get(username="desk")
    words: dict[str, Any] = {"acting_user": desk, "act": "accept", "at": plan.at, "people": {"handler": ["officer"]}}

    def act(keys: Sequence[int]) -> None:
        if plan.at_once == 1:
            for key in keys:
                api.do_act(matter_id=key, revision=None, **words)
        elif len(api.do_acts(matters=dict.fromkeys(keys), **words).done) != len(keys):
            raise AssertionError("some of the matters could not be accepted")

    return act


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
