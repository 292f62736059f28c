"""``bench ingest``: packets a second from the socket to the lake, beside a bare server under the same load."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping

from qingtian.entry.load import stage as stages
from qingtian.entry.load.stage import Stage
from qingtian.lake.reader import open_lake

SUMMARY = "gateway, log, judge and lake under load; the ratio to a server that only frames and replies"
DRAIN = 120.0
TABLE = """\
acknowledged, durable, judged and stored  {packets_per_s:>8} packets/s   ({packets} in the lake {drained_s} s later)
acknowledged while driven                 {acknowledged_per_s:>8} packets/s   P50 {p50_ms} ms, P99 {p99_ms} ms
bare sink, same driver                    {sink_packets_per_s:>8} packets/s   P99 {sink_p99_ms} ms
ratio                                     {ratio:>8}   (acknowledged: {acknowledged_ratio})
memory                                    {rss_mib:>8} MiB   (gateway {rss_gateway_mib}, judge {rss_judge_mib})
disk: write and flush of 256 KiB          {disk_flush_ms:>8} ms
machine                                   {cores:>8} cores   (load before the start: {load_before})"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", type=int, default=2000, help="devices, one packet in flight each (2000)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Return the figures; ``packets_per_s`` counts what is in the lake, over the time until all of it is."""
    seconds = float(args.seconds or 5)
    # what else this machine is doing: the figures of a busy one say little
    others = round(os.getloadavg()[0], 1)
    with stages.stage() as stage:
        sink = _drive_sink(stage, args.connections, seconds)
        figures = _drive_gateway(stage, args.connections, seconds)
        figures["sink_packets_per_s"] = round(sink["acknowledged"] / sink["seconds"])
        figures["sink_p99_ms"] = round(sink["p99_ms"], 1)
        figures["ratio"] = round(_number(figures["packets_per_s"]) / _number(figures["sink_packets_per_s"]), 3)
        figures["acknowledged_ratio"] = round(
            _number(figures["acknowledged_per_s"]) / _number(figures["sink_packets_per_s"]), 3
        )
        figures["load_before"], figures["cores"] = others, os.cpu_count()
        figures["disk_flush_ms"] = round(stages.flush_ms(stage.settings.data), 2)
    print(TABLE.format(**figures), flush=True)
    return figures


def _drive_sink(stage: Stage, connections: int, seconds: float) -> Mapping[str, float]:
    port = stages.free_port()
    with stage.process("qingtian.entry.load.sink", str(port)):
        stage.wait_for(lambda: stages.listens(port), what="the bare sink")
        stages.step(f"the bare sink under load for {seconds:g} s, its packets made first")
        return stage.drive(port, connections, seconds)


def _drive_gateway(stage: Stage, connections: int, seconds: float) -> dict[str, object]:
    stage.publish_plan(connections)
    port = stage.settings.gateway_port
    with stage.process("qingtian", "judge") as judge, stage.process("qingtian", "gateway") as gateway:
        stage.wait_for(lambda: stages.listens(port), what="the gateway")
        stage.wait_for(lambda: {"judge", "gateway"} <= stage.beats().keys(), what="judge and gateway")
        stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan") == 1, what="the gateway's plan")
        stages.step(f"gateway and judge under load for {seconds:g} s, packets made first")
        found = stage.drive(port, connections, seconds)
        stages.step("waiting until all of it is in the lake")
        drained = _wait_until_stored(stage, int(found["acknowledged"]))
        memory = {"gateway": stages.memory_mib(gateway.pid), "judge": stages.memory_mib(judge.pid)}
    return {
        "packets_per_s": round(found["acknowledged"] / (found["seconds"] + drained)),
        "acknowledged_per_s": round(found["in_time"] / found["seconds"]),
        "packets": int(found["acknowledged"]),
        "drained_s": round(drained, 2),
        "p50_ms": round(found["p50_ms"], 1),
        "p99_ms": round(found["p99_ms"], 1),
        "rss_mib": round(sum(memory.values())),
        "rss_gateway_mib": round(memory["gateway"]),
        "rss_judge_mib": round(memory["judge"]),
    }


def _wait_until_stored(stage: Stage, packets: int) -> float:
    """Wait until the lake has all packets; return how long that took.

    :raises BenchBroken: if it does not get there within `DRAIN` seconds, or has more.
    """
    lake = open_lake(stage.settings.lake_url)
    started = time.monotonic()
    while lake.counts()["packets"] < packets and time.monotonic() < started + DRAIN:
        time.sleep(0.05)
    stored = lake.counts()["packets"]
    if stored != packets:
        raise stages.BenchBroken(why=f"{packets} packets were acknowledged, {stored} are in the lake", log=stage.log)
    return time.monotonic() - started


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
