"""``bench backlog``: how soon the judge has worked off a day of the demo city, while devices go on sending."""

from __future__ import annotations

import argparse
import time
from typing import Any

from qingtian.base import times
from qingtian.entry.load import backlog
from qingtian.entry.load import stage as stages
from qingtian.entry.load.stage import Stage
from qingtian.lake.reader import Lake, open_lake

SUMMARY = "a backlog on the log judged and stored, while the gateway answers live packets"
DAY = 3_400_000
"""Packets that the demo city sends in a day."""

TABLE = """\
backlog judged and stored       {drained_s:>9} s   ({packets} packets of {packet_bytes} bytes, {packets_per_s} a second)
a day of the demo city          {day_s:>9} s   ({day_packets} packets{extrapolated})
live packets meanwhile          {live_per_s:>9} a second   answered P50 {p50_ms} ms, P99 {p99_ms} ms
memory                          {rss_mib:>9} MiB   (judge)
limit: reading the log          {read_s:>9} s
ratio                           {ratio:>9}"""
PATIENCE = 900.0
SETTLE = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--packets", type=int, default=DAY // 10, help="of the backlog (340,000; a day is 3,400,000)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures; ``day_s`` is measured if the backlog is a day's, else in proportion."""
    with stages.stage() as stage:
        stage.publish_plan(backlog.DEVICES)
        url = stage.settings.require_nats_url()
        count = backlog.fill(url, args.packets, until=times.now())
        read = backlog.read(url)
        found = _drain(stage, count)
    rate = count / found["drained_s"]
    figures: dict[str, Any] = {
        "packets": count,
        "packet_bytes": len(backlog.LIKE),
        "drained_s": round(found["drained_s"], 1),
        "packets_per_s": round(rate),
        "day_packets": DAY,
        "day_s": round(DAY / rate, 1),
        "measured_day": count >= DAY,
        "live_per_s": round(found["live_per_s"], 1),
        "p50_ms": round(found["p50_ms"], 1),
        "p99_ms": round(found["p99_ms"], 1),
        "rss_mib": round(found["rss_mib"]),
        "read_s": round(read, 1),
        "ratio": round(read / found["drained_s"], 3),
    }
    print(TABLE.format(**figures, extrapolated="" if count >= DAY else ", in proportion"), flush=True)
    return figures


def _drain(stage: Stage, count: int) -> dict[str, float]:
    port = stage.settings.gateway_port
    lake = open_lake(stage.settings.lake_url)
    with stage.process("qingtian", "gateway"):
        stage.wait_for(lambda: stages.listens(port), what="the gateway")
        stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan"), what="the gateway's plan")
        driver = stage.driving(port, backlog.DEVICES, PATIENCE, backlog.DEVICES / backlog.APART)
        time.sleep(SETTLE)
        started = time.monotonic()
        with stage.process("qingtian", "judge") as judge:
            most = _wait(stage, lake, count, judge.pid)
            drained = time.monotonic() - started
            live = driver.figures(now=True)
    return {
        "drained_s": drained,
        "rss_mib": most,
        "live_per_s": live["in_time"] / live["seconds"],
        "p50_ms": live["p50_ms"],
        "p99_ms": live["p99_ms"],
    }


def _wait(stage: Stage, lake: Lake, count: int, judge: int) -> float:
    """Wait until the lake has the backlog, which stands before the live packets; return the judge's memory."""
    most = 0.0

    def stored() -> bool:
        nonlocal most
        time.sleep(0.2)
        most = max(most, stages.memory_mib(judge))
        return lake.counts()["packets"] >= count

    stage.wait_for(stored, what=f"{count} packets in the lake", within=PATIENCE)
    return most
