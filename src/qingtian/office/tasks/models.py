"""Tasks (任务), their clocks, reports, reviews and evidence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.alerts.models import Episode, Severity
from qingtian.office.people.models import District, Grid, User
from qingtian.office.sites.models import Enterprise, Outlet
from qingtian.office.tasks.machine import State


class TaskState(models.TextChoices):
    """The states of `machine.State` with their words."""

    DISPATCHED = State.DISPATCHED.value, _("已派发")
    REASSIGNED = State.REASSIGNED.value, _("已改派")
    ACCEPTED = State.ACCEPTED.value, _("已接收")
    ON_SITE = State.ON_SITE.value, _("已到场")
    REPORTED = State.REPORTED.value, _("已报告")
    RETURNED = State.RETURNED.value, _("已退回")
    REVIEWED = State.REVIEWED.value, _("已审核")
    CLOSED = State.CLOSED.value, _("已办结")
    MERGED = State.MERGED.value, _("已合并")


class Task(models.Model):
    """One thing to be done about one outlet, from dispatch to close. ``handler`` is who accepted it."""

    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=160)
    episode = models.OneToOneField(Episode, models.PROTECT, null=True, related_name="task")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="tasks")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="tasks")
    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=TaskState.choices, default=TaskState.DISPATCHED)
    severity = models.IntegerField(choices=Severity.choices)
    urgent = models.BooleanField(default=False, help_text="over 2 times the limit, or a toxic metal")
    role = models.CharField(max_length=16, help_text="the role it is dispatched to")
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="tasks")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    made_at = models.DateTimeField(db_index=True)
    changed_at = models.DateTimeField()
    on_site_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "state"], name="tasks_task_district"),
            models.Index(fields=["handler", "state"], name="tasks_task_handler"),
            models.Index(fields=["enterprise", "-made_at"], name="tasks_task_enterprise"),
        ]

    def __str__(self) -> str:
        return self.number


class TaskClock(models.Model):
    """A clock of a task (时限) by rules/task_clocks.yaml; ``basis`` says where the time comes from."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="clocks")
    name = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    basis = models.CharField(max_length=255)
    certainty = models.CharField(max_length=8)
    escalated = models.IntegerField(default=0, help_text="steps of rules/escalation.yaml already taken")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(stopped_at__isnull=True), name="tasks_clock_running")
        ]


class Report(models.Model):
    """What the handler found and did (现场报告). A task that was returned has more than one."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports")
    version = models.IntegerField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    on_site_at = models.DateTimeField()
    cause = models.CharField(max_length=32)
    situation = models.TextField(help_text="what was seen on site (现场情况)")
    measures = models.TextField(help_text="what was done or demanded (处置措施)")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "version"], name="tasks_report_once")]


class Evidence(models.Model):
    """A file of a report (佐证), stored under its SHA-256."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="evidence")
    report = models.ForeignKey(Report, models.PROTECT, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=48)
    bytes = models.BigIntegerField()
    at = models.DateTimeField()


class Review(models.Model):
    """A reviewer's word on a report (审核意见): approved, or returned with a reason."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="reviews")
    report = models.ForeignKey(Report, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    approved = models.BooleanField()
    opinion = models.TextField()
