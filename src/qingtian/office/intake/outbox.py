"""Plans, commands and marks that the office made and the log does not have yet: put there in order, then marked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connections
from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.bus import commands, marks, plans
from qingtian.bus.client import Bus
from qingtian.bus.ending import rest
from qingtian.bus.streams import partition_of
from qingtian.office.marks import api as marks_register
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.sites.api import PlanSnapshot, mark_published, unpublished

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
Item = TypeVar("Item")


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
                await rest(stop, seconds=LOOK_EVERY)
        finally:
            await loop.run_in_executor(thread, connections.close_all)


async def _publish(
    thread: ThreadPoolExecutor,
    *,
    waiting: Callable[[], Sequence[Item]],
    put: Callable[[Item], Awaitable[None]],
    mark: Callable[[Item], None],
) -> int:
    """Put what waits on the log, in order, and mark each as soon as the log has it; return how many."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(thread, waiting)
    for item in found:
        await put(item)
        await loop.run_in_executor(thread, mark, item)
    return len(found)


async def _publish_plans(bus: Bus, thread: ThreadPoolExecutor) -> int:
    async def put(snapshot: PlanSnapshot) -> None:
        await plans.publish(bus, plans.decode(bytes(snapshot.document)))

    def mark(snapshot: PlanSnapshot) -> None:
        mark_published(number=snapshot.number, at=times.now())
        log.info("plan %d is on the log", snapshot.number)

    return await _publish(thread, waiting=unpublished, put=put, mark=mark)


async def _publish_commands(bus: Bus, thread: ThreadPoolExecutor) -> int:
    async def put(command: commands.Command) -> None:
        await commands.publish(bus, command, partition=partition_of(command.mn))

    def mark(command: commands.Command) -> None:
        reverse_control.mark_published(ids=[command.id], at=times.now())

    return await _publish(thread, waiting=reverse_control.unpublished, put=put, mark=mark)


async def _publish_marks(bus: Bus, thread: ThreadPoolExecutor) -> int:
    async def put(standing: marks.OutletMarks) -> None:
        await marks.publish(bus, standing)

    def mark(standing: marks.OutletMarks) -> None:
        marks_register.mark_published(outlet=standing["outlet"], revision=standing["revision"])

    return await _publish(thread, waiting=marks_register.unpublished, put=put, mark=mark)
