"""The worker as a process: Procrastinate on the office's database; one that is down is waited for."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import psycopg
from procrastinate import App
from procrastinate.contrib.django.procrastinate_app import current_app
from procrastinate.exceptions import ProcrastinateException

from qingtian.base.settings import Settings
from qingtian.bus.client import Bus
from qingtian.bus.ending import end, rest
from qingtian.office.jobs.periodic import jobs

log = logging.getLogger(__name__)

PATIENCE = 2.0
GRACE = 4.0


async def main(settings: Settings, bus: Bus, stop: asyncio.Event, counters: dict[str, object]) -> None:
    """Work until ``stop`` is set."""
    app: App = current_app
    app.add_tasks_from(jobs, namespace="qingtian")
    counters["restarts"] = 0
    while not stop.is_set():
        try:
            await _work(app, stop)
        except (ProcrastinateException, psycopg.Error, OSError) as error:
            log.warning("the database does not answer (%s); waiting", str(error).split("\n", 1)[0])
            counters["restarts"] = int(str(counters["restarts"])) + 1
            await rest(stop, seconds=PATIENCE)


async def _work(app: App, stop: asyncio.Event) -> None:
    """Run jobs until the request to stop, then let the running ones finish."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        async with working.open_async():
            running = asyncio.create_task(
                working.run_worker_async(concurrency=2, install_signal_handlers=False, shutdown_graceful_timeout=GRACE)
            )
            asked = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
                if not running.done():
                    running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            finally:
                # cancelled itself, it leaves no jobs behind on a database that it has closed
                await end([running, asked])
