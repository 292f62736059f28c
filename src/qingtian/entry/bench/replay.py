"""``bench replay``: a day of minutes of the demo city judged again from a lake, by processes of this machine."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from qingtian.base import times
from qingtian.entry.load import backlog, city_day, past
from qingtian.entry.replaying import crew_for, replay
from qingtian.lake.days import DayReader, latest_arrival
from qingtian.lake.files import TableFiles
from qingtian.lake.tables import READINGS
from qingtian.stream.confirming import judgement, series
from qingtian.stream.confirming.ground import DAY as DAY_US
from qingtian.stream.confirming.ground import Ground, first_heard, horizon_of
from qingtian.stream.confirming.means import Means
from qingtian.stream.periods import api as periods_of
from qingtian.stream.replaying.crew import Crew
from qingtian.stream.replaying.task import Task, split

SUMMARY = "a city-day of minutes judged again from the lake: screening, periods, suspicions"
DAY = datetime(2026, 11, 20, tzinfo=times.BEIJING)

PAST_DAYS = 110
"""As far as any detector of hours looks back from the last hour of a cell."""

DEVICES_WITH_PAST = 10

TABLE = """\
screening and periods       {readings_per_s:>12,} readings/s   ({readings:,} of {outlets} outlets in {periods_s} s)
  a second of processor     {readings_per_cpu_s:>12,} readings     (load before the start: {load_before})
bare read of the columns    {scan_readings_per_cpu_s:>12,} readings     a second of processor
replay : bare read          {ratio:>12}
with suspicions             {all_readings_per_s:>12,} readings/s   (the day in {day_s} s, {day_cpu_s} s of processor)
  one device and day        {suspicions_ms:>12,} ms           of processor, with {past_days} days behind it
windows, findings           {windows:>12,} windows      {findings:,} findings
memory                      {rss_mib:>12,} MiB          (the largest process; {processes} processes)
to fill the lake, to start  {fill_s:>12} s            {start_s} s"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--outlets", type=int, default=backlog.DEVICES, help="with a device each (1,177)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="default: one a core")
    parser.add_argument("--lake", metavar="FOLDER", help="keep the lake there, and use it if it is there already")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures. Work is timed without the start of the processes. ``--seconds`` says nothing here."""
    with tempfile.TemporaryDirectory(prefix="qingtian-bench-") as folder:
        lake = Path(args.lake or folder) / "lake"
        started = time.perf_counter()
        if not lake.exists():
            city_day.fill(str(lake), outlets=args.outlets, end=DAY + timedelta(days=1))
        filled = time.perf_counter() - started
        figures = _measure(_task(str(lake), args.outlets), args.processes)
    figures |= {"outlets": args.outlets, "processes": args.processes, "fill_s": round(filled, 1)}
    print(TABLE.format(**figures))
    return figures


def _task(lake: str, outlets: int) -> Task:
    latest = latest_arrival(TableFiles(lake_url=lake, spec=READINGS))
    assert latest is not None
    return Task(
        lake_url=lake,
        first=DAY.date(),
        last=DAY.date(),
        plans={1: city_day.snapshot(outlets, made=DAY)},
        newest=1,
        horizon=horizon_of(latest),
    )


def _measure(task: Task, processes: int) -> dict[str, Any]:
    started, load = time.perf_counter(), os.getloadavg()[0]
    with crew_for(task, processes=processes, ray=None) as crew:
        _warm(crew, task, processes)
        start = time.perf_counter() - started
        periods = replay(replace(task, suspicions=False), crew)
        whole = replay(task, crew)
    scan_s, suspicions_ms = _scanned(task), _a_device_and_day(task)
    return {
        "scan_readings_per_cpu_s": round(periods.readings / scan_s),
        "ratio": round(scan_s / periods.cpu_s, 3),
        "suspicions_ms": suspicions_ms,
        "past_days": PAST_DAYS,
        "readings_per_s": periods.readings_per_s,
        "all_readings_per_s": whole.readings_per_s,
        "readings_per_cpu_s": round(periods.readings / periods.cpu_s),
        "load_before": round(load, 1),
        "readings": whole.readings,
        "windows": whole.windows,
        "findings": len({one["finding"] for one in (*whole.events, *whole.standing)}),
        "periods_s": round(periods.seconds, 2),
        "day_s": round(whole.seconds, 2),
        "day_cpu_s": round(whole.cpu_s, 2),
        "start_s": round(start, 1),
        "rss_mib": round(max(whole.rss_mib, periods.rss_mib)),
    }


def _scanned(task: Task) -> float:
    """Return the seconds of processor that it takes to read, and no more, what the tasks of a replay read."""
    started = time.process_time()
    for part in split(task):
        reader = DayReader(part.lake_url, mns=part.mns)
        for day in part.days:
            reader.packets(day)
            reader.arrived(day)
    return time.process_time() - started


def _a_device_and_day(task: Task) -> float:
    """Return the ms of processor for the suspicions of one device that begin on the day, a history being behind it."""
    start = task.start
    hours = past.hours(devices=DEVICES_WITH_PAST, first=start - PAST_DAYS * DAY_US, last=task.end)
    plan = periods_of.read_plan(city_day.snapshot(DEVICES_WITH_PAST, made=DAY))
    ground = Ground(plan=plan, marks=(), horizon=task.end, since=first_heard(hours))
    known, cells = Means.of(hours), judgement.cells(start, task.end)
    devices = list(series.devices_of(plan)) * 2
    started = time.process_time()
    for place, (outlet, mn) in enumerate(devices):
        if place == DEVICES_WITH_PAST:
            # the first round read the rules
            started = time.process_time()
        for cell in cells:
            judgement.suspicions_of(known, ground, outlet=outlet, mn=mn, cell=cell, within=(start, task.end))
    return round((time.process_time() - started) * 1000 / DEVICES_WITH_PAST, 1)


def _warm(crew: Crew, task: Task, processes: int) -> None:
    """Let every process import and load its kernels, on a few outlets."""
    few = {**task.plans[1], "outlets": task.plans[1]["outlets"][:2]}
    small = replace(task, plans={1: few})
    for _ in crew.outcomes([small] * (processes * 2)):
        pass
