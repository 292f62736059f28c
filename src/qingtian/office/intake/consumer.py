"""Pull from a stream, take in a transaction, acknowledge after the commit. Nothing is lost, nothing stays stuck.

A database that is down is waited for. A message that cannot be taken for its own sake is set aside with the reason and
terminated on the log; the next one goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.bus.client import Bus
from qingtian.bus.ending import rest
from qingtian.office.intake.streams import Intake, take_all
from qingtian.office.sites.api import set_aside

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds between two looks at an engine that is down."""

COMPANY = 0.3
"""Seconds that a message waits for others, to be taken in one transaction with them."""

NO_COMPANY = 0.1
"""The same where somebody waits: those behind it are there, unless another dispatcher took them."""

ACK_WAIT = 30.0
DATABASE_DOWN = (OperationalError, InterfaceError)
Counters = dict[str, Any]


async def consume(
    bus: Bus,
    intake: Intake,
    *,
    stop: asyncio.Event,
    counters: Counters,
    clock: Callable[[], datetime] = times.now,
) -> None:
    """Take the messages of one stream until ``stop`` is set. The database is used from one thread of its own."""
    with ThreadPoolExecutor(1, thread_name_prefix=intake.durable) as thread:
        try:
            while not stop.is_set():
                try:
                    await _pull(bus, intake, thread, stop, counters, clock)
                except (NatsError, TimeoutError, OSError) as error:
                    log.warning("%s: the log does not answer (%s); waiting", intake.durable, error)
                    await rest(stop, seconds=PATIENCE)
        finally:
            await asyncio.get_running_loop().run_in_executor(thread, connections.close_all)


async def _pull(
    bus: Bus,
    intake: Intake,
    thread: ThreadPoolExecutor,
    stop: asyncio.Event,
    counters: Counters,
    clock: Callable[[], datetime],
) -> None:
    config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=ACK_WAIT, max_deliver=-1)
    subscription = await bus.js.pull_subscribe(
        intake.subjects, durable=intake.durable, stream=intake.stream, config=config
    )
    while not stop.is_set():
        try:
            messages = await _next(intake, subscription)
        except TimeoutError:
            continue
        if await _take(intake, messages, thread, stop, clock):
            counters[intake.stream] = counters.get(intake.stream, 0) + len(messages)
        else:
            counters["set_aside"] = counters.get("set_aside", 0) + 1


async def _next(intake: Intake, subscription: JetStreamContext.PullSubscription) -> list[Msg]:
    """Return the next message, and those that wait behind it or come soon.

    :raises TimeoutError: if there is none for a while.
    """
    messages: list[Msg] = await subscription.fetch(1, timeout=PATIENCE)
    waiting = messages[0].metadata.num_pending if intake.prompt else intake.at_once
    if more := min(waiting, intake.at_once - 1):
        with suppress(TimeoutError):
            messages += await subscription.fetch(more, timeout=NO_COMPANY if intake.prompt else COMPANY)
    return messages


async def _take(
    intake: Intake,
    messages: Sequence[Msg],
    thread: ThreadPoolExecutor,
    stop: asyncio.Event,
    clock: Callable[[], datetime],
) -> bool:
    """Take messages and acknowledge them; one that is broken is set aside alone. False if one was."""
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        try:
            raws = [message.data for message in messages]
            await loop.run_in_executor(thread, _in_thread, take_all, intake, raws, clock())
        except DATABASE_DOWN as error:
            log.warning("%s: the database does not answer (%s); waiting", intake.durable, _first_line(error))
            await _wait_for_database(messages, stop)
        except Exception as error:
            if len(messages) == 1:
                return await _give_up(intake, messages[0], error, thread, stop, clock)
            results = [await _take(intake, [message], thread, stop, clock) for message in messages]
            return all(results)
        else:
            for message in messages:
                await message.ack()
            return True
    return True


async def _give_up(
    intake: Intake,
    message: Msg,
    error: Exception,
    thread: ThreadPoolExecutor,
    stop: asyncio.Event,
    clock: Callable[[], datetime],
) -> bool:
    why = error.sentence() if isinstance(error, QingtianError) else f"{type(error).__name__}: {error}"
    log.error("%s: message %d set aside: %s", intake.stream, message.metadata.sequence.stream, why)

    def keep() -> None:
        sequence = message.metadata.sequence.stream
        set_aside(stream=intake.stream, sequence=sequence, raw=message.data, why=why, at=clock())

    while not stop.is_set():
        try:
            await asyncio.get_running_loop().run_in_executor(thread, _in_thread, keep)
        except DATABASE_DOWN:
            await _wait_for_database([message], stop)
        else:
            await message.term()
            return False
    return False


def _in_thread(work: Callable[..., None], *words: object) -> None:
    """Do it; a connection that broke is given back, so that the next try gets a fresh one."""
    try:
        work(*words)
    except DATABASE_DOWN:
        connections.close_all()
        raise


async def _wait_for_database(messages: Sequence[Msg], stop: asyncio.Event) -> None:
    for message in messages:
        await message.in_progress()
    await rest(stop, seconds=PATIENCE)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
