"""What a person does with a job of the worker: have one that failed done again (重办)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django.procrastinate_app import current_app
from procrastinate.exceptions import UniqueViolation

from qingtian.base.errors import QingtianError
from qingtian.office.jobs.access import FAILED, job, require_keeper
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import User


class JobNotFailed(QingtianError):
    code = "jobs.not_failed"
    zh = "作业 {job} 没有失败，无需重办；没有改动。请刷新页面查看现在的状态。"
    en = "Job {job} has not failed, so there is nothing to do again; nothing was changed. Load the page anew."


class JobWaitsAlready(QingtianError):
    code = "jobs.waits_already"
    zh = "同一种作业已有一个在排队，会办理这一个留下的部分；没有改动。稍后请刷新页面。"
    en = "One of the same kind waits already and will do what this one left; nothing was changed. Load the page later."


def chain(name: str) -> str:
    """Return the ledger chain of a kind of job."""
    return f"job:{name}"


def do_again(*, acting_user: User, job_id: int, at: datetime) -> None:
    """Put a job that failed back into the queue.

    :raises NotYours: if the person may not.
    :raises NotFoundHere: if there is none.
    :raises JobNotFailed: if it has not failed.
    :raises JobWaitsAlready: if one of its kind waits.
    """
    require_keeper(acting_user)
    found = job(acting_user, job_id)
    if found.state != FAILED:
        raise JobNotFailed(job=job_id)
    content = {"job": job_id, "name": found.name, "attempts": found.attempts}
    try:
        with transaction.atomic():
            current_app.job_manager.retry_job_by_id(job_id, at)
            ledger.append(chain=chain(found.name), acting_user=acting_user, act="do_job_again", at=at, content=content)
    except UniqueViolation as error:
        raise JobWaitsAlready(job=job_id) from error
