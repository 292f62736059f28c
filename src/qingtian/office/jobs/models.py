"""What the queue of jobs does not keep: why one failed."""

from __future__ import annotations

from django.db import models


class JobFailure(models.Model):
    """Why a job failed the last time, as sentences for people. ``job`` numbers a row of the queue, maybe gone."""

    job = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    code = models.CharField(max_length=64)
    zh = models.TextField()
    en = models.TextField()
