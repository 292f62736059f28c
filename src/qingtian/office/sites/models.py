"""Enterprises, outlets, devices, limits (企业、排放口、设备、限值); plan snapshots; what was last heard."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.people.models import District, Grid


class Medium(models.TextChoices):
    WATER = "water", _("废水")
    GAS = "gas", _("废气")


class Enterprise(models.Model):
    """A discharger (排污单位). ``synthetic`` marks those of the demo city; ``industry`` is in words or empty."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=96)
    name_en = models.CharField(max_length=128, blank=True, default="")
    uscc = models.CharField(max_length=18, blank=True, default="", help_text="统一社会信用代码")
    industry = models.CharField(max_length=48, blank=True, default="")
    synthetic = models.BooleanField(default=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="enterprises")
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="enterprises")
    lon = models.FloatField()
    lat = models.FloatField()

    def __str__(self) -> str:
        return self.name


class Outlet(models.Model):
    """An outlet (排放口) with a monitor. WGS-84 degrees."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=96)
    name_en = models.CharField(max_length=128, blank=True, default="")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="outlets")
    district = models.ForeignKey(District, models.PROTECT, related_name="outlets")
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="outlets")
    medium = models.CharField(max_length=8, choices=Medium.choices)
    standard = models.CharField(max_length=48)
    source_type = models.CharField(max_length=96)
    operating = models.JSONField(default=dict, blank=True, help_text="how it is measured; see architecture.md, Plan")
    lon = models.FloatField()
    lat = models.FloatField()

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A data logger (数采仪): MN of 24 hex digits, PW as HJ 212 has it."""

    mn = models.CharField(max_length=24, primary_key=True)
    pw = models.CharField(max_length=9)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="devices")
    active = models.BooleanField(default=True)


class Basis(models.TextChoices):
    STANDARD = "standard", _("排放标准")
    PERMIT = "permit", _("排污许可")


class Period(models.TextChoices):
    INSTANT = "instant", _("瞬时")
    FIVE_MINUTES = "5min", _("五分钟均值")
    HOUR = "hour", _("小时均值")
    DAY = "day", _("日均值")


class Limit(models.Model):
    """A limit that an outlet stands under, in the unit its device reports. ``printed`` is the standard's own words.

    ``source_type``: the row of the standard it came from, empty for a permit. ``reference_oxygen`` %, null: measured.
    Which limits bind is for `qingtian.law.binding`.
    """

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="limits")
    factor = models.CharField(max_length=16)
    period = models.CharField(max_length=8, choices=Period.choices)
    lower = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    upper = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    unit = models.CharField(max_length=24)
    measure = models.CharField(max_length=8, default="Avg")
    reference_oxygen = models.FloatField(null=True)
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.STANDARD)
    standard = models.CharField(max_length=64)
    source_type = models.CharField(max_length=96, blank=True, default="")
    source = models.CharField(max_length=255)
    certainty = models.CharField(max_length=8)
    start = models.DateField(null=True)
    end = models.DateField(null=True)
    printed = models.CharField(max_length=64)


class LimitConfirmation(models.Model):
    """Somebody has read a figure of a standard in a document (限值确认). Of several, the last counts."""

    standard = models.CharField(max_length=64)
    source_type = models.CharField(max_length=96, blank=True, default="")
    factor = models.CharField(max_length=16)
    period = models.CharField(max_length=8)
    printed = models.CharField(max_length=64)
    by = models.CharField(max_length=64)
    by_name = models.CharField(max_length=64)
    at = models.DateTimeField()
    document = models.CharField(max_length=255)

    class Meta:
        indexes = [models.Index(fields=["standard", "factor"], name="sites_confirmation_of")]


class PlanSnapshot(models.Model):
    """A plan as it goes on the log: zlib-compressed JSON. ``published_at`` is null until the log has it."""

    number = models.IntegerField(primary_key=True)
    content_hash = models.CharField(max_length=64)
    document = models.BinaryField()
    outlets = models.IntegerField()
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, db_index=True)


class DeviceStatus(models.Model):
    """What the judge last said of a device; absolute values, so a repeated message changes nothing."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="status")
    received = models.DateTimeField()
    data_time = models.DateTimeField(null=True)
    clock_offset_s = models.FloatField(null=True)
    packets = models.BigIntegerField()
    duplicates = models.BigIntegerField()
    cn = models.IntegerField(null=True)
    state = models.CharField(max_length=12)
    values = models.JSONField(default=dict)


class DeadLetter(models.Model):
    """A packet that was refused (死信), kept with the reason and its bytes."""

    id = models.CharField(max_length=32, primary_key=True)
    reason = models.CharField(max_length=24, db_index=True)
    received = models.DateTimeField(db_index=True)
    address = models.CharField(max_length=64)
    mn = models.CharField(max_length=64, blank=True, default="", db_index=True)
    detail = models.CharField(max_length=255, blank=True, default="")
    raw = models.BinaryField()


class UnreadableMessage(models.Model):
    """A message of the log that the office could not take (毒消息): kept with the reason, then set aside."""

    stream = models.CharField(max_length=32)
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    why = models.TextField()
    raw = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="sites_unreadable_once")]
