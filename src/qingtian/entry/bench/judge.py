"""``bench judge``: readings a second judged live on one core, beside the column parser on the same packets."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psutil

from qingtian.base import times
from qingtian.bus.batches import PacketBatch
from qingtian.entry.load import backlog, city_day
from qingtian.stream.findings import plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.kernels import parse_columns
from qingtian.stream.readings.arrivals import gather

SUMMARY = "readings judged live a second on one core; the ratio to the column parser on the same packets"
END = datetime(2026, 11, 21, tzinfo=times.BEIJING)
MINUTES = 30
AT_ONCE = 4
"""Messages judged at once: as many bytes as the follower of the log hands out."""

TABLE = """\
judged, minute means         {readings_per_s:>12,} readings/s   {packets_per_s:>10,} packets/s
judged, real-time packets    {realtime_readings_per_s:>12,} readings/s
column parser, minute means  {parser_readings_per_s:>12,} readings/s
judging : parsing            {ratio:>12}
findings in a round          {findings:>12,}
memory                       {rss_mib:>12,} MiB"""

T = TypeVar("T")
Messages = list[list[tuple[int, PacketBatch]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--outlets", type=int, default=backlog.DEVICES, help="with a device each (1,177)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures: each the best of several rounds over the same packets, none of them in the judge's memory."""
    minutes = _grouped(list(city_day.batches(outlets=args.outlets, end=END, minutes=MINUTES)))
    instants = _grouped(list(backlog.batches(args.outlets * MINUTES, until=END, devices=args.outlets)))
    share = args.seconds / 3
    judged, judge = _best(lambda: _judge(args.outlets, minutes), seconds=share)
    live, live_judge = _best(lambda: _judge(args.outlets, instants), seconds=share)
    devices = DeviceTable.build(judge.register)
    parsed, _ = _best(lambda: _parse(minutes, devices), seconds=share)
    readings = judge.totals.readings
    figures: dict[str, Any] = {
        "readings_per_s": round(readings / judged),
        "packets_per_s": round(judge.totals.packets / judged),
        "realtime_readings_per_s": round(live_judge.totals.readings / live),
        "parser_readings_per_s": round(readings / parsed),
        "ratio": round(parsed / judged, 3),
        "findings": judge.totals.findings,
        "rss_mib": round(psutil.Process().memory_info().rss / (1 << 20)),
    }
    print(TABLE.format(**figures))
    return figures


def _grouped(made: Sequence[PacketBatch]) -> Messages:
    numbered = list(enumerate(made, start=1))
    return [numbered[first : first + AT_ONCE] for first in range(0, len(numbered), AT_ONCE)]


def _judge(outlets: int, messages: Messages) -> tuple[float, Judge]:
    """Return the CPU seconds of judging, the plan being known, and the judge."""
    judge = Judge(discover())
    judge.adopt(plan.read(city_day.snapshot(outlets, made=END)), received=0)
    start = time.process_time()
    for part in messages:
        judge.judge(part)
    return time.process_time() - start, judge


def _parse(messages: Messages, devices: DeviceTable) -> tuple[float, None]:
    start = time.process_time()
    for part in messages:
        arrivals = gather(part)
        parse_columns(arrivals.plain_raw, arrivals.plain_offsets, devices)
    return time.process_time() - start, None


def _best(act: Callable[[], tuple[float, T]], *, seconds: float) -> tuple[float, T]:
    """Return the shortest time of several acts, and what the last one gave: other programs only ever add."""
    best, end = float("inf"), time.perf_counter() + seconds
    while True:
        took, found = act()
        best = min(best, took)
        if time.perf_counter() >= end:
            return best, found
