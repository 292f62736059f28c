"""What the load benches run on: engines and processes of our own, in a temporary folder, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import psutil

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.bus import client, health, plans
from qingtian.entry import engines
from qingtian.entry.load import packets
from qingtian.stream.warm import warm_all

MEBIBYTE = 1024 * 1024
LIMITS = {"w01018": 40.0, "w21003": 40.0}
"""Upper limits of the bench's devices, above what they send: the judge compares, and finds nothing."""


class BenchBroken(QingtianError):
    code = "bench.broken"
    zh = "性能测试无法进行：{why}。日志：{log}"
    en = "The bench cannot go on: {why}. Log: {log}"


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A driver under way."""

    process: subprocess.Popen[bytes]
    log: Path

    def figures(self, *, now: bool = False) -> dict[str, float]:
        """Return what it measured, when its time is over, or ``now``.

        :raises BenchBroken: if it failed.
        """
        if not now:
            self.process.wait()
        out, error = self.process.communicate()
        if self.process.returncode:
            raise BenchBroken(why=error.decode(errors="replace").strip()[-300:], log=self.log)
        found: dict[str, float] = orjson.loads(out)
        return found


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Running engines; ``log`` collects what the processes say."""

    settings: Settings
    log: Path

    @contextmanager
    def process(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run ``python -m …words`` while the block lasts."""
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=log, stderr=log, env=self.environment()
            )
        try:
            yield started
        finally:
            if started.stdin:
                started.stdin.close()
            started.terminate()
            try:
                started.wait(15)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()

    def environment(self) -> dict[str, str]:
        """Return the environment by which a process finds all of this."""
        return {
            **os.environ,
            **engines.urls(self.settings),
            "QINGTIAN_GATEWAY_PORT": str(self.settings.gateway_port),
            "QINGTIAN_WEB_PORT": str(self.settings.web_port),
        }

    @contextmanager
    def idlers(self, port: int, connections: int) -> Iterator[dict[str, float]]:
        """Hold so many connections, each answered once, in a process of its own while the block lasts.

        :raises BenchBroken: if not all are answered.
        """
        words = [sys.executable, "-m", "qingtian.entry.load.idlers", str(port), str(connections)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            told = process.stdout.readline()
            if not told:
                raise BenchBroken(why=process.stderr.read().decode(errors="replace").strip()[-300:], log=self.log)
            yield orjson.loads(told)
            process.stdin.close()

    def drive(self, port: int, connections: int, seconds: float, rate: float | None = None) -> dict[str, float]:
        """Run the driver in a process of its own.

        :raises BenchBroken: if it fails.
        """
        return self.driving(port, connections, seconds, rate).figures()

    def driving(self, port: int, connections: int, seconds: float, rate: float | None = None) -> Driver:
        """Start the driver and let it drive."""
        words = [str(port), str(connections), str(seconds), *([str(rate)] if rate else [])]
        process = subprocess.Popen(
            [sys.executable, "-m", "qingtian.entry.load.driver", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return Driver(process=process, log=self.log)

    def wait_for(self, condition: object, *, what: str, within: float = 180.0) -> None:
        """:raises BenchBroken: if ``condition()`` does not come true."""
        assert callable(condition)
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                raise BenchBroken(why=f"{what} not within {within:g} s", log=self.log)
            time.sleep(0.05)

    def beats(self) -> dict[str, dict[str, object]]:
        """Return the counters of the living processes, by name."""
        return asyncio.run(self._beats())

    async def _beats(self) -> dict[str, dict[str, object]]:
        bus = await client.connect(self.settings.require_nats_url(), name="bench")
        try:
            found = await health.living(bus)
        finally:
            await bus.close()
        return {str(beat["process"]): dict(beat["counters"]) for beat in found}  # type: ignore[call-overload]

    def publish_plan(self, devices: int) -> None:
        asyncio.run(self._publish_plan(devices))

    async def _publish_plan(self, devices: int) -> None:
        bus = await client.connect(self.settings.require_nats_url(), name="bench")
        try:
            await client.ensure_streams(bus)
            await plans.publish(bus, plan(devices))
        finally:
            await bus.close()


def plan(devices: int) -> plans.PlanSnapshot:
    """Return a plan of ``devices`` outlets with one device and two limits each."""
    limits = [_limit(factor, upper) for factor, upper in LIMITS.items()]
    return {
        "number": 1,
        "made_at": times.now().isoformat(),
        "outlets": [
            {
                "code": f"BENCH-{index:05d}",
                "name": "性能测试排口",
                "medium": "water",
                "enterprise": "BENCH",
                "district": "440306",
                "grid": "440306-01",
                "devices": [{"mn": packets.device_mn(index), "pw": "123456"}],
                "limits": limits,
            }
            for index in range(devices)
        ],
    }


def _limit(factor: str, upper: float) -> plans.PlanLimitInForce:
    return {
        "factor": factor,
        "period": "hour",
        "lower": None,
        "upper": upper,
        "unit": "mg/L",
        "measure": "Avg",
        "standard": "bench",
        "source": "bench",
        "certainty": "default",
        "printed": f"{upper:g}",
        "from": None,
        "to": None,
    }


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the engines in a temporary folder; stop them and remove it at the end."""
    # no process shall wait for the compiler while it is measured
    step("compiling the kernels that changed (a minute after an update, else nothing)")
    warm_all()
    step("starting the log and the database")
    with tempfile.TemporaryDirectory(prefix="qingtian-bench-", ignore_cleanup_errors=True) as folder:
        mine = base_settings.from_environment({"QINGTIAN_DATA": folder})
        with engines.running(mine) as running:
            yield Stage(
                settings=replace(running, gateway_port=free_port(), web_port=free_port()),
                log=Path(folder) / "processes.log",
            )


def step(what: str) -> None:
    """Say on standard error what a bench is at: on a busy machine a table is long in coming."""
    sys.stderr.write(f"… {what}\n")
    sys.stderr.flush()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process, 0 if it is gone."""
    with suppress(psutil.NoSuchProcess):
        return float(psutil.Process(pid).memory_info().rss) / MEBIBYTE
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, in user and system mode."""
    times_ = psutil.Process(pid).cpu_times()
    return float(times_.user + times_.system)


def connections_of(pid: int) -> int:
    """Return how many files a process holds open beyond the few it starts with: its connections, nearly."""
    with suppress(psutil.NoSuchProcess):
        return int(psutil.Process(pid).num_fds())
    return 0


def flush_ms(folder: Path, *, size: int = 256 * 1024, times_: int = 40) -> float:
    """Return how long the disk under ``folder`` takes to write and flush ``size`` bytes: the median, in ms."""
    block, took = os.urandom(size), []
    with (folder / "flush").open("wb") as file:
        for _ in range(times_):
            started = time.perf_counter()
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)
