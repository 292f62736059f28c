"""What is done again and again: escalation, effects of matters, back-fill, housekeeping, clearing away what is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import connections
from procrastinate import Blueprint, JobContext

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.lake import maintenance
from qingtian.lake.reader import Lake, open_lake
from qingtian.office.alerts.api import Notice, gather
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import api as matters
from qingtian.office.people.models import LoginAttempt
from qingtian.office.quality import api as quality
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.suspicions import api as suspicions
from qingtian.office.tasks import api as tasks

log = logging.getLogger(__name__)

jobs = Blueprint()

KEEP_READ_NOTICES = timedelta(days=90)
KEEP_ATTEMPTS = timedelta(days=180)
KEEP_JOBS_HOURS = 24


@contextmanager
def _connection() -> Iterator[None]:
    """Give this thread's connection back to the pool when the job is over."""
    try:
        yield
    finally:
        connections.close_all()


@jobs.periodic(cron="* * * * *")
@jobs.task(queueing_lock="escalate", name="escalate")
def escalate(timestamp: int) -> None:
    """Tell those next in line of clocks that ran out."""
    with _connection():
        taken = tasks.escalate(at=times.now())
    if taken:
        log.info("%d escalation steps taken", taken)


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(queueing_lock="send_digests", name="send_digests")
def send_digests(timestamp: int) -> None:
    """Send what was held back, at the hours of the digest; asked often, in case we were down when the hour began."""
    with _connection():
        told = gather(at=times.now())
    if told:
        log.info("%d digests sent", told)


@cache
def _lake() -> Lake:
    """The reader of this process; it remembers the list of files."""
    return open_lake(base_settings.from_environment().lake_url)


@jobs.periodic(cron="* * * * *")
@jobs.task(queueing_lock="advance_backfill", name="advance_backfill")
def advance_backfill(timestamp: int) -> None:
    """Settle the records that were asked for again, ask for the next ones, and end commands of which no word came."""
    with _connection():
        done = reverse_control.advance_backfill(_lake(), at=times.now())
        ended = reverse_control.close_forgotten(at=times.now())
    if done or ended:
        log.info("back-fill: asked %d, filled %d, ended %d; %d commands forgotten", *vars(done).values(), ended)


@jobs.periodic(cron="7 * * * *")
@jobs.task(queueing_lock="look_for_gaps", name="look_for_gaps")
def look_for_gaps(timestamp: int) -> None:
    """Find the minute, hour and day records that never came."""
    with _connection():
        found = reverse_control.look_for_gaps(_lake(), at=times.now())
    if found:
        log.info("back-fill: %d new gaps", found)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(queueing_lock="checkpoint", name="checkpoint")
def checkpoint(timestamp: int) -> None:
    """Sign the root over all entries of the ledger so far, if there are new ones."""
    with _connection():
        try:
            made = ledger.checkpoint(at=times.now())
        except ledger.NotSettled as error:
            log.warning("%s", error)
            return
    if made:
        log.info("ledger: checkpoint over %d entries, root %s", made.size, made.root)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(queueing_lock="tidy_lake", name="tidy_lake")
def tidy_lake(timestamp: int) -> None:
    """Merge the lake's small files."""
    done = maintenance.tidy(lake_url=base_settings.from_environment().lake_url, today=times.now().date())
    for table in done:
        log.info("lake: %s", table)


def _forget_requests() -> None:
    with _connection():
        matters.forget_requests(at=times.now())
        matters.forget_drafts(at=times.now())


@jobs.periodic(cron="17 * * * *")
@jobs.task(queueing_lock="clear_away", name="clear_away", pass_context=True)
async def clear_away(context: JobContext, timestamp: int) -> None:
    """Delete sessions that ended, notices read long ago, old log-ins, keys of programs, drafts, and finished jobs."""
    at = times.now()
    await sync_to_async(_forget_requests)()
    await Session.objects.filter(expire_date__lt=at).adelete()
    await Notice.objects.filter(read_at__lt=at - KEEP_READ_NOTICES).adelete()
    await Notice.objects.exclude(held="").filter(at__lt=at - KEEP_READ_NOTICES).adelete()
    await LoginAttempt.objects.filter(at__lt=at - KEEP_ATTEMPTS).adelete()
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=True)


@jobs.periodic(cron="37 3 * * *")
@jobs.task(queueing_lock="clear_clues", name="clear_clues")
def clear_clues(timestamp: int) -> None:
    """Delete clues that are older than rules/suspicions/weighing.yaml keeps them at hand; the lake has them all."""
    with _connection():
        gone = suspicions.clear_away(at=times.now())
    if gone:
        log.info("%d old clues cleared away", gone)


@jobs.periodic(cron="* * * * *")
@jobs.task(queueing_lock="carry_out_effects", name="carry_out_effects")
def carry_out_effects(timestamp: int) -> None:
    """Carry out what an act had asked for when its process ended."""
    with _connection():
        done = matters.carry_out(at=times.now())
    if done:
        log.info("%d effects of matters carried out", done)


@jobs.periodic(cron="* * * * *")
@jobs.task(lock="typeset_papers", queueing_lock="typeset_papers", name="typeset_papers")
def typeset_papers(timestamp: int) -> None:
    """Make the files of papers that acts have made."""
    with _connection():
        done = matters.typeset_waiting(at=times.now())
    if done:
        log.info("%d papers typeset", done)


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(queueing_lock="watch_quality", name="watch_quality")
def watch_quality(timestamp: int) -> None:
    """Tell of quality control that has become overdue, and close what is so no more."""
    with _connection():
        told = quality.watch(at=times.now())
    if told:
        log.info("quality control: %d events told", told)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(queueing_lock="watch_matters", name="watch_matters")
def watch_matters(timestamp: int) -> None:
    """Count clocks again whose calendar changed, do what is the system's to do, and remind of due dates."""
    with _connection():
        moved = matters.recount(at=times.now())
        done = matters.act_by_itself(at=times.now())
        told = matters.escalate(at=times.now())
    if moved or done or told:
        log.info("matters: %d due dates moved, %d acts of the system, %d reminders", moved, done, told)
