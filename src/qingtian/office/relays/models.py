"""Targets and their devices (转发目标), what the relay last said of each, and what it keeps a record of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.sites.models import Device


class Edition(models.TextChoices):
    """In which edition a target is spoken to."""

    AS_RECEIVED = "", _("按收到的版本")
    HJ2005 = "2005", "HJ/T 212-2005"
    HJ2017 = "2017", "HJ 212-2017"
    HJ2025 = "2025", "HJ 212-2025"


class RelayTarget(models.Model):
    """Another platform. ``factors`` null: all; ``answer_s``, ``retries`` null: those of ``rules/relay/patience``."""

    code = models.SlugField(max_length=32, primary_key=True)
    name = models.CharField(max_length=96)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    enabled = models.BooleanField(default=True)
    edition = models.CharField(max_length=4, blank=True, default="", choices=Edition.choices)
    allow_commands = models.BooleanField(default=False)
    factors = models.JSONField(null=True)
    answer_s = models.FloatField(null=True)
    retries = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class RelayDevice(models.Model):
    """A device whose packets go to a target, and the MN and PW it has there."""

    target = models.ForeignKey(RelayTarget, models.CASCADE, related_name="devices")
    device = models.ForeignKey(Device, models.PROTECT, related_name="relays")
    as_mn = models.CharField(max_length=24)
    pw = models.CharField(max_length=9)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "device"], name="relays_device_once"),
            models.UniqueConstraint(fields=["target", "as_mn"], name="relays_mn_there_once"),
        ]


class Standing(models.Model):
    """How the relay stands with a target, as it last said; absolute values (`bus.relays.Standing`)."""

    target = models.OneToOneField(RelayTarget, models.CASCADE, primary_key=True, related_name="standing")
    at = models.DateTimeField()
    state = models.CharField(max_length=12)
    since = models.DateTimeField()
    sequence = models.BigIntegerField()
    in_flight = models.IntegerField()
    lag_packets = models.BigIntegerField()
    lag_messages = models.BigIntegerField()
    lag_s = models.FloatField()
    rate = models.FloatField()
    acknowledged = models.BigIntegerField()
    repeated = models.BigIntegerField()
    refused = models.BigIntegerField()
    left_out = models.BigIntegerField()
    why = models.CharField(max_length=255, blank=True, default="")


class Sample(models.Model):
    """The standing of a minute, for the chart: the last one of it. Kept two days."""

    target = models.ForeignKey(RelayTarget, models.CASCADE, related_name="samples")
    minute = models.DateTimeField()
    lag_packets = models.BigIntegerField()
    lag_s = models.FloatField()
    rate = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "minute"], name="relays_sample_once")]


class Record(models.Model):
    """A packet that a target refused or could not be told, or a command of a target and what became of it."""

    id = models.CharField(max_length=32, primary_key=True)
    target = models.ForeignKey(RelayTarget, models.CASCADE, related_name="records")
    kind = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    at = models.DateTimeField(db_index=True)
    mn = models.CharField(max_length=64, blank=True, default="")
    as_mn = models.CharField(max_length=64, blank=True, default="")
    qn = models.CharField(max_length=32, blank=True, default="")
    cn = models.IntegerField()
    detail = models.CharField(max_length=255, blank=True, default="")
    frame = models.TextField(blank=True, default="")
    sequence = models.BigIntegerField(null=True)
    index = models.IntegerField(null=True)
