"""A job that fails leaves a sentence (作业失败原因); the queue itself only knows that it failed."""

from __future__ import annotations

from datetime import datetime

from qingtian.base.errors import QingtianError
from qingtian.office.jobs.models import JobFailure

SHOWN = 400
"""So much of what an unforeseen error says is kept; all of it stands in the worker's log."""


class JobBroke(QingtianError):
    code = "jobs.broke"
    zh = "作业中途出现意外错误：{error}。已办的部分有效，下一次到点会接着办。若再次失败，请查看 worker 日志。"
    en = "The job met an error nobody had foreseen: {error}. What it had done holds, and the next one goes on from "
    en += "there. If it fails again, read the worker's log."


class JobCutOff(QingtianError):
    code = "jobs.cut_off"
    zh = "办理该作业的进程中途终止（被强行结束或机器停机），作业没有办完。已办的部分有效，下一次到点会接着办。"
    en = "The process that did the job ended midway (killed, or the machine stopped). What it had done holds, and the "
    en += "next one goes on from there."


def keep_failure(*, job_id: int, error: Exception, at: datetime) -> None:
    """Keep why a job failed, instead of why it failed before. One statement."""
    told = error if isinstance(error, QingtianError) else JobBroke(error=_first_line(error))
    sentences = {"code": told.code, "zh": told.sentence("zh"), "en": told.sentence("en")}
    JobFailure.objects.update_or_create(job=job_id, defaults={"at": at, **sentences})


def _first_line(error: Exception) -> str:
    first, *_rest = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__} {first}".strip()[:SHOWN]
