"""What is done again and again: escalation, effects of matters, back-fill, housekeeping, clearing away what is over."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import cache

from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from procrastinate import JobContext
from procrastinate.jobs import Status

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.lake import maintenance
from qingtian.lake.reader import Lake, open_lake
from qingtian.office.alerts.api import Notice, gather
from qingtian.office.jobs.clockwork import every, every_on_the_loop, jobs, own_connection
from qingtian.office.jobs.failures import JobCutOff, keep_failure
from qingtian.office.jobs.models import JobFailure
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import api as matters
from qingtian.office.people.models import LoginAttempt
from qingtian.office.quality import api as quality
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.suspicions import api as suspicions
from qingtian.office.tasks import api as tasks

__all__ = ["jobs"]

log = logging.getLogger(__name__)

KEEP_READ_NOTICES = timedelta(days=90)
KEEP_ATTEMPTS = timedelta(days=180)
KEEP_JOBS_HOURS = 24
SILENT_SECONDS = 120.0
"""A worker not heard of for so long is gone."""


@every("* * * * *")
def escalate() -> None:
    """Tell those next in line of clocks that ran out."""
    taken = tasks.escalate(at=times.now())
    if taken:
        log.info("%d escalation steps taken", taken)


@every("*/10 * * * *")
def send_digests() -> None:
    """Send what was held back, at the hours of the digest; asked often, in case we were down when the hour began."""
    told = gather(at=times.now())
    if told:
        log.info("%d digests sent", told)


@cache
def _lake() -> Lake:
    """The reader of this process; it remembers the list of files."""
    return open_lake(base_settings.from_environment().lake_url)


@every("* * * * *")
def advance_backfill() -> None:
    """Settle the records that were asked for again, ask for the next ones, and end commands of which no word came."""
    done = reverse_control.advance_backfill(_lake(), at=times.now())
    ended = reverse_control.close_forgotten(at=times.now())
    if done or ended:
        log.info("back-fill: asked %d, filled %d, ended %d; %d commands forgotten", *vars(done).values(), ended)


@every("7 * * * *")
def look_for_gaps() -> None:
    """Find the minute, hour and day records that never came."""
    found = reverse_control.look_for_gaps(_lake(), at=times.now())
    if found:
        log.info("back-fill: %d new gaps", found)


@every("*/5 * * * *")
def checkpoint() -> None:
    """Sign the root over all entries of the ledger so far, if there are new ones."""
    try:
        made = ledger.checkpoint(at=times.now())
    except ledger.NotSettled as error:
        log.warning("%s", error)
        return
    if made:
        log.info("ledger: checkpoint over %d entries, root %s", made.size, made.root)


@every("*/5 * * * *")
def tidy_lake() -> None:
    """Merge the lake's small files."""
    done = maintenance.tidy(lake_url=base_settings.from_environment().lake_url, today=times.now().date())
    for table in done:
        log.info("lake: %s", table)


def _forget_requests() -> None:
    with own_connection():
        matters.forget_requests(at=times.now())
        matters.forget_drafts(at=times.now())


@every_on_the_loop("17 * * * *")
async def clear_away(context: JobContext) -> None:
    """Delete sessions that ended, notices read long ago, old log-ins, keys of programs, drafts, and finished jobs."""
    at = times.now()
    await sync_to_async(_forget_requests)()
    await Session.objects.filter(expire_date__lt=at).adelete()
    await Notice.objects.filter(read_at__lt=at - KEEP_READ_NOTICES).adelete()
    await Notice.objects.exclude(held="").filter(at__lt=at - KEEP_READ_NOTICES).adelete()
    await LoginAttempt.objects.filter(at__lt=at - KEEP_ATTEMPTS).adelete()
    await JobFailure.objects.filter(at__lt=at - timedelta(hours=KEEP_JOBS_HOURS)).adelete()
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=True)


def _keep_cut_off(job_ids: list[int]) -> None:
    with own_connection():
        for job_id in job_ids:
            keep_failure(job_id=job_id, error=JobCutOff(), at=times.now())


@every_on_the_loop("* * * * *")
async def end_cut_off(context: JobContext) -> None:
    """End the jobs whose worker was killed: one of them may hold a lock that its successors wait for."""
    manager = context.app.job_manager
    stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS)
    # who does this is alive, however late its own heartbeat
    left = [job for job in stalled if job.worker_id is None or job.worker_id != context.job.worker_id]
    for job in left:
        await manager.finish_job(job, Status.FAILED, delete_job=False)
    await sync_to_async(_keep_cut_off)([job.id for job in left if job.id is not None])
    if left:
        log.warning("%d jobs ended that a worker left midway: %s", len(left), " ".join(job.task_name for job in left))


@every("37 3 * * *")
def clear_clues() -> None:
    """Delete clues that are older than rules/suspicions/weighing.yaml keeps them at hand; the lake has them all."""
    gone = suspicions.clear_away(at=times.now())
    if gone:
        log.info("%d old clues cleared away", gone)


@every("* * * * *")
def carry_out_effects() -> None:
    """Carry out what an act had asked for when its process ended."""
    done = matters.carry_out(at=times.now())
    if done:
        log.info("%d effects of matters carried out", done)


@every("* * * * *", lock="typeset_papers")
def typeset_papers() -> None:
    """Make the files of papers that acts have made."""
    done = matters.typeset_waiting(at=times.now())
    if done:
        log.info("%d papers typeset", done)


@every("*/10 * * * *")
def watch_quality() -> None:
    """Tell of quality control that has become overdue, and close what is so no more."""
    told = quality.watch(at=times.now())
    if told:
        log.info("quality control: %d events told", told)


@every("*/5 * * * *")
def watch_matters() -> None:
    """Count clocks again whose calendar changed, do what is the system's to do, and remind of due dates."""
    moved = matters.recount(at=times.now())
    done = matters.act_by_itself(at=times.now())
    told = matters.escalate(at=times.now())
    if moved or done or told:
        log.info("matters: %d due dates moved, %d acts of the system, %d reminders", moved, done, told)
