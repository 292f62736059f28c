"""End for certain: a cancellation may be lost where a wait ends at the same instant, so it is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any

SOON = 0.1


async def end(tasks: Iterable[asyncio.Task[Any]], *, again: float = 0.5) -> None:
    """Cancel tasks and wait until all are over, asking again every ``again`` seconds. What they raise is dropped."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        over, waiting = await asyncio.wait(waiting, timeout=again)
        for task in over:
            if not task.cancelled():
                # looked at, so that nobody complains of it
                task.exception()


async def together(*chores: Coroutine[Any, Any, None]) -> None:
    """Run chores side by side until one fails or this is cancelled; then end the others for certain.

    A `asyncio.TaskGroup` asks its tasks to end once, and waits for ever for one that missed it.

    :raises Exception: what the first of them raised.
    """
    tasks = [asyncio.create_task(chore) for chore in chores]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await end(tasks, again=SOON)


async def rest(stop: asyncio.Event, *, seconds: float) -> None:
    """Wait so long, or until ``stop`` is set. Unlike `asyncio.wait_for` of Python 3.11 it loses no cancellation."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
