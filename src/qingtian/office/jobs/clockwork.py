"""How a job of the clock is declared (定时作业): when, once at a time, and with a sentence kept when it fails."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from procrastinate import Blueprint, JobContext

from qingtian.base import times
from qingtian.office.jobs.failures import keep_failure

log = logging.getLogger(__name__)

jobs = Blueprint()


@contextmanager
def own_connection() -> Iterator[None]:
    """Give this thread's connection back to the pool when the job is over."""
    try:
        yield
    finally:
        connections.close_all()


def _keep(context: JobContext, error: Exception) -> None:
    """Keep why the job failed. If even that cannot be written, the log has both errors."""
    job_id = context.job.id
    try:
        if job_id is not None:
            keep_failure(job_id=job_id, error=error, at=times.now())
    except DatabaseError:
        log.exception("why job %s failed could not be kept", job_id)


def _keep_in_thread(context: JobContext, error: Exception) -> None:
    with own_connection():
        _keep(context, error)


def every(cron: str, *, lock: str | None = None) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare what is done whenever ``cron`` says; it waits in the queue once at most, and runs in a thread."""

    def declare(run: Callable[[], None]) -> Callable[[], None]:
        @wraps(run)
        def job(context: JobContext, timestamp: int) -> None:
            with own_connection():
                try:
                    run()
                except Exception as error:
                    _keep(context, error)
                    raise

        _enter(cron, run.__name__, job, lock=lock)
        return run

    return declare


def every_on_the_loop(cron: str) -> Callable[[Callable[[JobContext], Awaitable[None]]], None]:
    """Declare what needs the queue itself, on the event loop."""

    def declare(run: Callable[[JobContext], Awaitable[None]]) -> None:
        @wraps(run)
        async def job(context: JobContext, timestamp: int) -> None:
            try:
                await run(context)
            except Exception as error:
                await sync_to_async(_keep_in_thread)(context, error)
                raise

        _enter(cron, run.__name__, job)

    return declare


def _enter(cron: str, name: str, job: Callable[..., object], *, lock: str | None = None) -> None:
    task = jobs.task(name=name, queueing_lock=name, lock=lock, pass_context=True)(job)
    jobs.periodic(cron=cron)(task)
