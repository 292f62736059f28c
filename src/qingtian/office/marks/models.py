"""The register of marks: rows are never changed but for their state; a correction is a row of its own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.people.models import User
from qingtian.office.sites.models import Outlet


class Kind(models.TextChoices):
    CONDITION = "condition", _("工况标记")
    DEVICE = "device", _("监测设备标记")


class State(models.TextChoices):
    """``filed`` in time stands at once; ``to_review`` stands only after acceptance."""

    FILED = "filed", _("已标记")
    TO_REVIEW = "to_review", _("待审核")
    ACCEPTED = "accepted", _("审核通过")
    REJECTED = "rejected", _("审核不通过")
    SUPERSEDED = "superseded", _("已更正")
    WITHDRAWN = "withdrawn", _("已撤回")


class Mark(models.Model):
    """A mark (标记) on a stretch of an outlet's time.

    ``factors`` empty: all; ``mn`` empty: all devices of the outlet. ``end`` is exclusive. ``suspicions`` are codes of
    rules/marks/suspicions.yaml as they were found when it was filed or looked at last.
    """

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    label = models.CharField(max_length=24)
    factors = models.JSONField(default=list)
    mn = models.CharField(max_length=24, blank=True, default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    reason = models.TextField()
    state = models.CharField(max_length=12, choices=State.choices)
    suspicions = models.JSONField(default=list)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="marks_end_after_start")
        ]
        indexes = [
            models.Index(fields=["outlet", "start"], name="marks_mark_outlet"),
            models.Index(fields=["state", "-start"], name="marks_mark_state"),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.label}"


class StandingSet(models.Model):
    """The marks of an outlet that stand, as the log is told; ``published`` is the revision that the log has.

    ``quality``: what the register of quality control says of the data; it stands among the marks in ``document``.
    """

    outlet = models.OneToOneField(Outlet, models.PROTECT, primary_key=True, related_name="+")
    revision = models.IntegerField()
    published = models.IntegerField(default=0)
    document = models.JSONField()
    quality = models.JSONField(default=list)
