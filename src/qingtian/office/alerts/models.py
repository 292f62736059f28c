"""Findings as they came, episodes (预警) they belong to, notices, the enterprise's answer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.people.models import District, Grid, User
from qingtian.office.sites.models import Enterprise, Outlet


class Severity(models.IntegerChoices):
    """How loud an episode is; rules/severity.yaml says from what on."""

    ATTENTION = 1, _("关注")
    WARNING = 2, _("预警")
    BREACH = 3, _("超标")
    SEVERE = 4, _("严重超标")


class EpisodeState(models.TextChoices):
    OPEN = "open", _("进行中")
    RECOVERED = "recovered", _("已恢复")
    CLOSED = "closed", _("已办结")


class Episode(models.Model):
    """All findings of one factor at one outlet, as long as they go on: one alert, not one per packet."""

    number = models.CharField(max_length=24, unique=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="episodes")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="episodes")
    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="+")
    detector = models.CharField(max_length=32)
    factor = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=EpisodeState.choices, default=EpisodeState.OPEN)
    severity = models.IntegerField(choices=Severity.choices)
    level = models.CharField(max_length=12)
    period = models.CharField(max_length=8)
    limit = models.JSONField()
    unit = models.CharField(max_length=24, blank=True, default="")
    value = models.FloatField(null=True, help_text="none of a suspicion")
    peak = models.FloatField(null=True)
    times_over = models.FloatField(null=True)
    weight = models.FloatField(null=True, help_text="of the evidence of a suspicion, 0 to 1; no probability")
    support = models.CharField(max_length=8, blank=True, default="", help_text="of what is confirmed: warn, penalty")
    superseded = models.BooleanField(default=False, help_text="new data, a mark or a plan left nothing of it")
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    since = models.DateTimeField(help_text="first DataTime over")
    opened_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=32, blank=True, default="")
    conclusion = models.TextField(blank=True, default="")
    tasked = models.BooleanField(default=False, help_text="a task has it; it closes with the task")
    # the first of several that opened at this outlet within minutes (归组)
    lead = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    received_us = models.BigIntegerField(help_text="arrival of the packet that opened or last worsened it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "factor", "detector"],
                condition=models.Q(state="open"),
                name="alerts_one_open_episode",
            )
        ]
        indexes = [
            models.Index(fields=["district", "-opened_at"], name="alerts_episode_district"),
            models.Index(fields=["enterprise", "-opened_at"], name="alerts_episode_enterprise"),
            models.Index(fields=["outlet", "factor", "detector", "-id"], name="alerts_episode_of"),
        ]

    def __str__(self) -> str:
        return self.number


class FindingRecord(models.Model):
    """One finding event as the judge wrote it (``event`` opened, worsened or closed of run ``finding``)."""

    id = models.CharField(max_length=32, primary_key=True)
    finding = models.CharField(max_length=32, db_index=True)
    event = models.CharField(max_length=12)
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="findings")
    plan = models.IntegerField()
    cn = models.IntegerField()
    value = models.FloatField(null=True)
    data_time = models.DateTimeField()
    received_us = models.BigIntegerField()
    taken_at = models.DateTimeField()
    payload = models.JSONField()


class NoticeKind(models.TextChoices):
    OPENED = "opened", _("新预警")
    WORSENED = "worsened", _("预警升级")
    RECOVERED = "recovered", _("已恢复")
    SUPERSEDED = "superseded", _("已更正")
    TASK = "task", _("任务")
    RETURNED = "returned", _("任务退回")
    OVERDUE = "overdue", _("超时")
    MATTER = "matter", _("事项")
    DUE = "due", _("临期")
    DIGEST = "digest", _("摘要")
    MARKS = "marks", _("标记限额")
    MARK_WAITS = "mark_waits", _("标记待审")


class HeldBecause(models.TextChoices):
    """Why a notice was not told at once."""

    SILENCED = "silenced", _("静默")
    GROUPED = "grouped", _("归组")
    QUIET = "quiet", _("免打扰")
    BUDGET = "budget", _("超出当日通知预算")


class Notice(models.Model):
    """A word to one person. ``task`` and ``matter`` are ids of later stages.

    ``held`` is why it was not told at once, empty if it was; it then comes in ``digest``. ``basis`` says by which rule
    it was sent and, if held, by which held back.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    episode = models.ForeignKey(Episode, models.CASCADE, null=True, related_name="notices")
    task = models.BigIntegerField(null=True)
    matter = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    subject = models.CharField(max_length=160, help_text="number and name of what it is about")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    held = models.CharField(max_length=12, choices=HeldBecause.choices, blank=True, default="")
    basis = models.JSONField(default=dict)
    digest = models.ForeignKey("self", models.SET_NULL, null=True, related_name="gathered")

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="alerts_notice_user"),
            # the badge on every page counts these
            models.Index(fields=["user"], condition=models.Q(read_at=None, held=""), name="alerts_notice_unread"),
            # the next digest gathers these
            models.Index(
                fields=["user"], condition=~models.Q(held="") & models.Q(digest=None), name="alerts_notice_waiting"
            ),
        ]


class QuietHours(models.Model):
    """When a person does not want to be told of what can wait (免打扰), Beijing time; may go over midnight."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="quiet_hours")
    begins = models.TimeField()
    ends = models.TimeField()


class Silence(models.Model):
    """Nobody is told of these alerts of an outlet for a while (静默); they are opened and shown all the same.

    ``factor`` and ``detector`` narrow it; empty is all.
    """

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="silences")
    factor = models.CharField(max_length=16, blank=True, default="")
    detector = models.CharField(max_length=32, blank=True, default="")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["outlet", "-until"], name="alerts_silence_outlet")]

    def concerns(self, episode: Episode) -> bool:
        """Say whether it is about what this episode is about; whether it runs, and its outlet, are not asked."""
        return self.factor in ("", episode.factor) and self.detector in ("", episode.detector)


class EnterpriseAnswer(models.Model):
    """What the enterprise owes and gave (企业确认与说明): confirm, then explain, each by its hour."""

    episode = models.OneToOneField(Episode, models.CASCADE, related_name="answer")
    confirm_due = models.DateTimeField()
    explain_due = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField(null=True)
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=32, blank=True, default="")
    text = models.TextField(blank=True, default="")
    planned_repair = models.DateField(null=True)
