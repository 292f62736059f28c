"""Plans, commands and marks that the office made and the log does not have yet: put there in order, then marked."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.bus import commands, marks, plans
from qingtian.bus.client import Bus
from qingtian.bus.streams import partition_of
from qingtian.office.marks import api as marks_register
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.sites.api import mark_published, unpublished

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0


async def empty(bus: Bus, *, stop: asyncio.Event, counters: dict[str, Any]) -> None:
    """Publish what waits, now and every second, until ``stop`` is set."""
    with ThreadPoolExecutor(1, thread_name_prefix="outbox") as thread:
        loop = asyncio.get_running_loop()
        try:
            while not stop.is_set():
                try:
                    counters["plans"] = counters.get("plans", 0) + await _publish_plans(bus, thread)
                    counters["commands"] = counters.get("commands", 0) + await _publish_commands(bus, thread)
                    counters["marks"] = counters.get("marks", 0) + await _publish_marks(bus, thread)
                except (OperationalError, InterfaceError) as error:
                    log.warning("outbox: the database does not answer (%s); waiting", str(error).split("\n", 1)[0])
                    await loop.run_in_executor(thread, connections.close_all)
                except (NatsError, TimeoutError, OSError) as error:
                    log.warning("outbox: the log does not answer (%s); waiting", error)
                except plans.PlanTooLarge as error:
                    log.error("outbox: %s", error.sentence())
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_EVERY)
        finally:
            await loop.run_in_executor(thread, connections.close_all)


async def _publish_plans(bus: Bus, thread: ThreadPoolExecutor) -> int:
    loop = asyncio.get_running_loop()
    waiting = await loop.run_in_executor(thread, unpublished)
    for snapshot in waiting:
        await plans.publish(bus, plans.decode(bytes(snapshot.document)))

        def mark(number: int = snapshot.number) -> None:
            mark_published(number=number, at=times.now())

        await loop.run_in_executor(thread, mark)
        log.info("plan %d is on the log", snapshot.number)
    return len(waiting)


async def _publish_commands(bus: Bus, thread: ThreadPoolExecutor) -> int:
    loop = asyncio.get_running_loop()
    waiting = await loop.run_in_executor(thread, reverse_control.unpublished)
    for command in waiting:
        await commands.publish(bus, command, partition=partition_of(command.mn))

        def mark(id: str = command.id) -> None:
            reverse_control.mark_published(ids=[id], at=times.now())

        await loop.run_in_executor(thread, mark)
    return len(waiting)


async def _publish_marks(bus: Bus, thread: ThreadPoolExecutor) -> int:
    loop = asyncio.get_running_loop()
    waiting = await loop.run_in_executor(thread, marks_register.unpublished)
    for standing in waiting:
        await marks.publish(bus, standing)

        def mark(outlet: str = standing["outlet"], revision: int = standing["revision"]) -> None:
            marks_register.mark_published(outlet=outlet, revision=revision)

        await loop.run_in_executor(thread, mark)
    return len(waiting)
