"""``bench latency``: from the packet at the gateway's socket to the alert at an open page, under a steady load."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from qingtian.entry.load import probes
from qingtian.entry.load import stage as stages
from qingtian.entry.load.listener import Listener, hear_findings
from qingtian.entry.load.stage import Stage

SUMMARY = "packet received → alert at an open page, P50 and P99, while the gateway takes a steady load"
RATES = (1000, 10_000)
CONNECTIONS = 2000
PROBES_PER_SECOND = 5
"""Alerts are rare: a city of 1,177 outlets opens one every minute or two. More would measure a queue of them."""
LINE = (
    "{rate:>7} packets/s asked, {reached_per_s} reached: P50 {p50_ms} ms, P99 {p99_ms} ms, "
    "{alerts} alerts of {probes} packets over the limit (finding on the log: {finding_p50_ms}, {finding_p99_ms})"
)
GRACE = 10.0
"""Seconds that the last alerts may take after the last probe."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, help="packets a second (both 1,000 and 10,000 if not given)")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One rate: latencies in ms, one per alert (and per finding on the log); probes sent; the load really reached."""

    rate: int
    milliseconds: list[float]
    findings: list[float]
    probes: int
    reached: float

    def figures(self) -> dict[str, object]:
        return {
            "rate": self.rate,
            "p50_ms": _percentile(self.milliseconds, 50),
            "p99_ms": _percentile(self.milliseconds, 99),
            "finding_p50_ms": _percentile(self.findings, 50),
            "finding_p99_ms": _percentile(self.findings, 99),
            "alerts": len(self.milliseconds),
            "probes": self.probes,
            "reached_per_s": round(self.reached),
        }


def _percentile(milliseconds: list[float], percent: float) -> float | None:
    return round(float(np.percentile(milliseconds, percent)), 1) if milliseconds else None


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure each rate on engines of its own; the figures are those of the last."""
    seconds = float(args.seconds or 5)
    figures: dict[str, object] = {}
    for rate in (args.rate,) if args.rate else RATES:
        figures = _measure(int(rate), seconds).figures()
        print(LINE.format(**figures), flush=True)
    return figures


def _measure(rate: int, seconds: float) -> Measured:
    count = max(int(seconds * PROBES_PER_SECOND), 1)
    with stages.stage() as stage:
        stages.step("making tables and registers")
        session = _office(stage, CONNECTIONS + count)
        stages.step("starting judge, gateway, dispatcher and pages")
        with (
            stage.process("qingtian", "judge"),
            stage.process("qingtian", "gateway"),
            stage.process("qingtian", "dispatcher"),
            stage.process("qingtian", "web"),
        ):
            stage.wait_for(lambda: stages.listens(stage.settings.gateway_port), what="the gateway")
            stage.wait_for(lambda: stages.listens(stage.settings.web_port), what="the pages")
            stage.wait_for(lambda: stage.beats().keys() >= {"judge", "gateway", "dispatcher"}, what="the processes")
            stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan"), what="the gateway's plan")
            stages.step(f"{rate} packets/s for {seconds:g} s, and {count} findings among them")
            return asyncio.run(_under_load(stage, session, rate=rate, seconds=seconds, count=count))


def _office(stage: Stage, devices: int) -> str:
    """Make the tables and the registers; return a session of the duty desk."""
    _finish(stage, "qingtian.entry.migrate")
    return _finish(stage, "qingtian.entry.load.office", str(devices)).split()[-1]


def _finish(stage: Stage, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], env=stage.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise stages.BenchBroken(why=done.stderr.strip()[-400:], log=stage.log)
    return done.stdout


async def _under_load(stage: Stage, session: str, *, rate: int, seconds: float, count: int) -> Measured:
    listener = Listener()
    listening = asyncio.create_task(listener.listen(port=stage.settings.web_port, session=session))
    ready = asyncio.create_task(listener.ready.wait())
    findings: dict[str, float] = {}
    hearing = asyncio.create_task(hear_findings(nats_url=stage.settings.require_nats_url(), milliseconds=findings))
    await asyncio.wait({listening, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=GRACE)
    if listening.done():
        raise stages.BenchBroken(why=f"no events: {listening.exception()}", log=stage.log)
    # the load starts a little before the probes and ends after them
    port = stage.settings.gateway_port
    load = asyncio.create_task(asyncio.to_thread(stage.drive, port, CONNECTIONS, seconds + 2, float(rate)))
    await asyncio.sleep(2.5)
    await probes.send(port=port, first=CONNECTIONS, count=count, seconds=seconds)
    found = await load
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            while len(listener.milliseconds) < count:
                await asyncio.sleep(0.1)
    for task in (listening, ready, hearing):
        task.cancel()
    return Measured(
        rate=rate,
        milliseconds=list(listener.milliseconds.values()),
        findings=list(findings.values()),
        probes=count,
        reached=found["in_time"] / found["seconds"],
    )
