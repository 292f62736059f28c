"""The register of quality control: rows are never changed but for their state; a correction is a row of its own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.people.models import User
from qingtian.office.sites.models import Outlet


class Verdict(models.TextChoices):
    PASSED = "passed", _("合格")
    ADJUST = "adjust", _("需调整")
    OUT = "out_of_control", _("失控")


class State(models.TextChoices):
    """``standing`` counts; ``to_review`` counts only after acceptance."""

    STANDING = "standing", _("有效")
    TO_REVIEW = "to_review", _("待审核")
    REJECTED = "rejected", _("审核不通过")
    SUPERSEDED = "superseded", _("已更正")
    WITHDRAWN = "withdrawn", _("已撤回")


class Instrument(models.Model):
    """From ``since`` (midnight in Beijing) on, the instrument for a factor of a device is kept under control so.

    ``regime``: rules/quality/regimes, empty: no longer. Of several rows of one instrument each holds until the next.
    """

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="instruments")
    mn = models.CharField(max_length=24)
    factor = models.CharField(max_length=16)
    regime = models.CharField(max_length=32, blank=True, default="")
    since = models.DateField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["outlet", "since"], name="quality_instrument_of")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.factor}"


class Check(models.Model):
    """One check (质控记录) of an instrument. ``pairs``: reference and measured values, in the unit of the factor;
    ``span``: the measuring range 量程 it was judged by.

    ``judged``: what the rule said (figure, error, unit, passes, out, zh, en, source, certainty); empty if who did it
    said the verdict. ``technician``: who did it, in words.
    """

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="checks")
    mn = models.CharField(max_length=24)
    factor = models.CharField(max_length=16)
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    pairs = models.JSONField(default=list)
    span = models.FloatField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    judged = models.JSONField(default=dict)
    technician = models.CharField(max_length=64)
    note = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["outlet", "-at"], name="quality_check_outlet"),
            models.Index(fields=["state", "-at"], name="quality_check_state"),
            # the last of an instrument and kind, for the calendar of everybody
            models.Index(
                fields=["outlet", "mn", "factor", "kind", "-at", "-id"],
                condition=models.Q(state="standing"),
                name="quality_check_instrument",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.factor} {self.kind}"


class CheckFile(models.Model):
    """A file of a check (原始记录、标气证书), stored under its SHA-256."""

    check_of = models.ForeignKey(Check, models.PROTECT, related_name="files")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=48)
    bytes = models.BigIntegerField()
    at = models.DateTimeField()


class Awaited(models.Model):
    """When the clock alone will change how an outlet's quality control stands: the next check falls due ``at``."""

    outlet = models.OneToOneField(Outlet, models.PROTECT, primary_key=True, related_name="+")
    at = models.DateTimeField(db_index=True)


class Told(models.Model):
    """What the alerts were told of an outlet's quality control: a finding that was opened, ``closed`` when it ended."""

    finding = models.CharField(max_length=32, primary_key=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+")
    message = models.JSONField()
    closed = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["outlet"], condition=models.Q(closed=False), name="quality_told_open")]
