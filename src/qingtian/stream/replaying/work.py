"""Does a task: day by day, screening what arrived and confirming what was measured. Needs the lake and nothing else."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import pyarrow as pa

from qingtian.lake.days import DayReader
from qingtian.law import rules
from qingtian.stream.replaying.confirmation import Confirmation
from qingtian.stream.replaying.screening import Screening
from qingtian.stream.replaying.task import Outcome, Task

MIB = 1 << 20

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEEP, LARGEST = 1 << 30, 32 * MIB
"""Bytes that the allocator keeps instead of giving back, and up to which it does not ask the kernel for each array."""


def settle(held: Task) -> None:
    """Make this process one of a replay: one core, and the rules of the day that all its tasks ask for."""
    pa.set_cpu_count(1)
    _keep_memory()
    if held.rules is not None:
        rules.hold(held.rules)


def _keep_memory() -> None:
    """Let arrays use memory that others have left: pages new from the kernel cost as much as a third of the work."""
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    # other C libraries than glibc have no such call, and need none
    if hasattr(library, "mallopt"):
        library.mallopt(M_TRIM_THRESHOLD, KEEP)
        library.mallopt(M_MMAP_THRESHOLD, LARGEST)


def do(task: Task, *, day_done: Callable[[], None] = lambda: None) -> Outcome:
    """Judge the task's outlets over its days. ``day_done`` is called after each day.

    :raises LakeUnreachable: if the storage does not answer.
    """
    started = time.process_time()
    reader = DayReader(task.lake_url, mns=task.mns)
    screening, confirmation = Screening(task), Confirmation(task)
    screening.warm_up(reader)
    events: list[dict[str, Any]] = []
    standing: list[dict[str, Any]] = []
    readings = 0
    for step, day in enumerate(task.days):
        told, count = screening.day(reader, step)
        events += told
        standing += confirmation.day(reader, day)
        readings += count
        day_done()
    standing += confirmation.finish()
    return Outcome(
        events=events,
        standing=standing,
        readings=readings,
        windows=confirmation.windows,
        outlet_days=len(task.plans[task.newest]["outlets"]) * len(task.days),
        cpu_s=time.process_time() - started,
        rss_mib=round(psutil.Process().memory_info().rss / MIB),
    )
