"""The life of a process of the stream: log lines, event loop, connection to the log, heartbeat, clean end.

Exit codes: 0 it was asked to stop and did, 1 it failed (the last log line says why).
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import uvloop

from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING
from qingtian.bus import health
from qingtian.bus.client import Bus, connect, ensure_streams
from qingtian.bus.ending import end

GRACE = 6.0
"""Seconds a process may take to finish what it holds; the supervisor waits a little longer than this."""
LOOK = 0.1
LAST = 30.0
"""Seconds after the request to stop at which a process that hangs writes where it hangs and leaves, for its supervisor
may be dead and nobody else would kill it."""

Main = Callable[[Settings, Bus, asyncio.Event, dict[str, object]], Coroutine[Any, Any, None]]
"""``main(settings, bus, stop, counters)``: works until ``stop`` is set, then returns. What it puts into ``counters``
(numbers and short texts by name) goes out with each heartbeat."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class OneLine(logging.Formatter):
    """``2026-11-22T10:00:00.000+08:00 WARNING gateway qingtian.bus.client: …``, tracebacks on the same line."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {process} %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, BEIJING).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).rstrip().replace("\n", " ⏎ ")


def log_to_stderr(process: str, *, level: int = logging.INFO) -> None:
    """Send all log lines of this process to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(process))
    logging.basicConfig(level=level, handlers=[handler], force=True)


async def _either(work: asyncio.Future[Any], stop: asyncio.Event) -> None:
    """Wait until the work is done or the request to stop comes."""
    asked: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()


async def _until_stopped(work: asyncio.Task[None], stop: asyncio.Event, bus: Bus) -> None:
    """Wait for the work; once asked to stop, let it finish, then cancel it."""
    await _either(work, stop)
    if not work.done():
        log.info("stopping")
        await _let_finish(work, bus)
    if not work.done():
        why = f"not finished {GRACE:g} s after the request to stop" if bus.nc.is_connected else "the log is away"
        log.warning("%s; leaving", why)
        await end([work])
    with suppress(asyncio.CancelledError):
        await work


async def _let_finish(work: asyncio.Task[None], bus: Bus) -> None:
    """Give the work ``GRACE`` seconds while the log is there: without it, it would wait for what the next start has."""
    last = time.monotonic() + GRACE
    while bus.nc.is_connected and not work.done() and (left := last - time.monotonic()) > 0:
        await asyncio.wait({work}, timeout=min(LOOK, left))


async def _first_of(work: asyncio.Task[T], stop: asyncio.Event) -> T | None:
    """Return what the work gives, or None if the request to stop comes first."""
    await _either(work, stop)
    if work.done():
        return work.result()
    await end([work])
    return None


async def _live(name: str, main: Main, settings: Settings, stop: asyncio.Event) -> None:
    bus = await _first_of(asyncio.create_task(connect(settings.require_nats_url(), name=name)), stop)
    if bus is None:
        return
    counters: dict[str, object] = {}
    try:
        await _first_of(asyncio.create_task(ensure_streams(bus)), stop)
        if stop.is_set():
            return
        heart = asyncio.create_task(health.beat(bus, name, lambda: counters))
        log.info("started")
        try:
            await _until_stopped(asyncio.create_task(main(settings, bus, stop, counters)), stop, bus)
        finally:
            await end([heart])
    finally:
        await bus.close()


async def _until_signal(name: str, main: Main, settings: Settings) -> None:
    """Live until the work is done or a signal asks to stop; a second signal does not wait."""
    stop = asyncio.Event()
    life = asyncio.create_task(_live(name, main, settings, stop))

    def on_signal() -> None:
        if stop.is_set():
            life.cancel()
        else:
            faulthandler.dump_traceback_later(LAST, exit=True)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    await life


def run_process(name: str, main: Main) -> int:
    """Run ``main`` as the process ``name`` (`Main` says what it gets) and return the exit code."""
    log_to_stderr(name)
    settings = base_settings.from_environment()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_signal(name, main, settings))
    except QingtianError as error:
        log.error("%s [%s]", error.sentence(settings.language), error.code)
        return 1
    except asyncio.CancelledError:
        return 1
    except Exception:
        log.exception("%s died of an error nobody expected", name)
        return 1
    log.info("stopped")
    return 0
