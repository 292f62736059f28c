"""The face of the worker's jobs: what waits, runs, failed, and having one done again."""

from __future__ import annotations

from qingtian.office.jobs.access import (
    DONE,
    ENDED,
    FAILED,
    MOST,
    RUNNING,
    STATES,
    WAITING,
    Job,
    counts,
    job,
    jobs,
    may_see,
)
from qingtian.office.jobs.actions import JobNotFailed, JobWaitsAlready, chain, do_again

__all__ = [
    "DONE",
    "ENDED",
    "FAILED",
    "MOST",
    "RUNNING",
    "STATES",
    "WAITING",
    "Job",
    "JobNotFailed",
    "JobWaitsAlready",
    "chain",
    "counts",
    "do_again",
    "job",
    "jobs",
    "may_see",
]
