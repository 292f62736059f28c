"""``bench steady``: the processor time of a gateway whose devices each send a packet a second."""

from __future__ import annotations

import argparse
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from qingtian.entry.load import stage as stages
from qingtian.entry.load.stage import Stage

SUMMARY = "processor time of a gateway with 2,000 devices that send a packet a second each"
TABLE = """\
gateway                 {cpu_percent:>7} % of a core   ({us_per_packet} µs a packet, {reached_per_s} packets/s)
answered                {p50_ms:>7} ms P50, {p99_ms} ms P99
bare sink, same driver  {sink_cpu_percent:>7} % of a core   ({sink_us_per_packet} µs a packet)
ratio                   {ratio:>7}"""
SETTLE = 2.0
"""Seconds from the start of the driver until all are connected, at the least."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", type=int, default=2000, help="devices, a packet a second each (2,000)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures; the bare sink frames and answers and does nothing else, the least any gateway must do."""
    with stages.stage() as stage:
        sink = _sink(stage, args.connections, args.seconds)
        found = _gateway(stage, args.connections, args.seconds)
    figures = {
        "connections": args.connections,
        "cpu_percent": round(found["cpu_percent"], 1),
        "us_per_packet": round(found["us_per_packet"], 1),
        "reached_per_s": round(found["reached_per_s"]),
        "p50_ms": round(found["p50_ms"], 1),
        "p99_ms": round(found["p99_ms"], 1),
        "sink_cpu_percent": round(sink["cpu_percent"], 1),
        "sink_us_per_packet": round(sink["us_per_packet"], 1),
        "ratio": round(found["cpu_percent"] / max(sink["cpu_percent"], 0.1), 2),
    }
    print(TABLE.format(**figures), flush=True)
    return figures


def _sink(stage: Stage, connections: int, seconds: float) -> dict[str, float]:
    port = stages.free_port()
    with stage.process("qingtian.entry.load.sink", str(port)) as sink:
        stage.wait_for(lambda: stages.listens(port), what="the bare sink")
        return _measure(stage, sink, port, connections, seconds)


def _gateway(stage: Stage, connections: int, seconds: float) -> dict[str, float]:
    stage.publish_plan(connections)
    port = stage.settings.gateway_port
    with stage.process("qingtian", "gateway") as gateway:
        stage.wait_for(lambda: stages.listens(port), what="the gateway")
        stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan"), what="the gateway's plan")
        return _measure(stage, gateway, port, connections, seconds)


def _measure(
    stage: Stage, server: subprocess.Popen[bytes], port: int, connections: int, seconds: float
) -> dict[str, float]:
    """Watch the server for ``seconds`` in the middle of a longer drive at one packet a second and device."""
    with ThreadPoolExecutor(1) as beside:
        driving = beside.submit(stage.drive, port, connections, seconds + 2 * SETTLE, float(connections))
        stage.wait_for(lambda: stages.connections_of(server.pid) >= connections, what=f"{connections} connections")
        time.sleep(SETTLE)
        used, started = stages.cpu_seconds(server.pid), time.perf_counter()
        time.sleep(seconds)
        used, took = stages.cpu_seconds(server.pid) - used, time.perf_counter() - started
        found = driving.result()
    reached = found["in_time"] / found["seconds"]
    return {
        "cpu_percent": 100 * used / took,
        "us_per_packet": 1e6 * used / took / max(reached, 1.0),
        "reached_per_s": reached,
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
    }
