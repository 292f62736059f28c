"""``bench idle``: the memory that idle connections cost the gateway, beside a bare server that holds as many."""

from __future__ import annotations

import argparse
import subprocess
import time
from typing import Any

from qingtian.entry.load import stage as stages
from qingtian.entry.load.stage import Stage

SUMMARY = "memory and processor time of a gateway with idle connections (10,000)"
TABLE = """\
gateway, before anybody dialled      {rss_before_mib:>8} MiB
gateway, {connections} idle connections   {rss_mib:>8} MiB   ({kib_per_connection} KiB each)
bare sink, as many                   {sink_rss_mib:>8} MiB   ({sink_kib_per_connection} KiB each)
ratio of the growth                  {ratio:>8}
dialled and answered                 {dialled_s:>8} s
processor time while idle            {cpu_percent:>8} % of a core"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", type=int, default=10_000, help="devices that keep their peace (10,000)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures. Each device sends one packet first, so the gateway knows whom it holds."""
    with stages.stage() as stage:
        stage.publish_plan(args.connections)
        sink = _hold_by_sink(stage, args.connections)
        figures: dict[str, Any] = {"connections": args.connections, **_hold(stage, args.connections, args.seconds)}
    grown, sink_grown = (found["rss"] - found["rss_before"] for found in (figures, sink))
    figures = {
        "connections": args.connections,
        "rss_mib": round(figures["rss"], 1),
        "rss_before_mib": round(figures["rss_before"], 1),
        "kib_per_connection": round(grown * 1024 / args.connections, 1),
        "sink_rss_mib": round(sink["rss"], 1),
        "sink_kib_per_connection": round(sink_grown * 1024 / args.connections, 1),
        "ratio": round(grown / max(sink_grown, 0.1), 2),
        "dialled_s": round(figures["dialled_s"], 1),
        "cpu_percent": round(figures["cpu_percent"], 1),
    }
    print(TABLE.format(**figures), flush=True)
    return figures


def _hold(stage: Stage, connections: int, seconds: float) -> dict[str, float]:
    port = stage.settings.gateway_port
    with stage.process("qingtian", "gateway") as gateway:
        stage.wait_for(lambda: stages.listens(port), what="the gateway")
        stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan"), what="the gateway's plan")
        return _measure(stage, gateway, port, connections, seconds)


def _hold_by_sink(stage: Stage, connections: int) -> dict[str, float]:
    port = stages.free_port()
    with stage.process("qingtian.entry.load.sink", str(port)) as sink:
        stage.wait_for(lambda: stages.listens(port), what="the bare sink")
        return _measure(stage, sink, port, connections, 0.5)


def _measure(
    stage: Stage, server: subprocess.Popen[bytes], port: int, connections: int, seconds: float
) -> dict[str, float]:
    before = stages.memory_mib(server.pid)
    with stage.idlers(port, connections) as told:
        used, started = stages.cpu_seconds(server.pid), time.perf_counter()
        time.sleep(seconds)
        used = stages.cpu_seconds(server.pid) - used
        return {
            "rss_before": before,
            "rss": stages.memory_mib(server.pid),
            "dialled_s": told["seconds"],
            "cpu_percent": 100 * used / (time.perf_counter() - started),
        }
