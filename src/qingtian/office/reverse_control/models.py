"""Commands to devices and what was answered (反控命令与应答); gaps of records and who paused back-fill (补传)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.people.models import User
from qingtian.office.sites.models import Device, Outlet

if TYPE_CHECKING:
    Text = models.TextField[Any, Any]
else:
    Text = models.TextField


class OrderedJSON(Text):
    """JSON kept as text: PostgreSQL's own kind sorts the names of an object, and on the wire their order counts."""

    # what may be put in and what comes out, for the type checker
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)


class State(models.TextChoices):
    """Where a command stands. The last four are final; what a device says later still counts against silence."""

    QUEUED = "queued", _("排队")
    SENT = "sent", _("已发出")
    ACCEPTED = "accepted", _("设备已接受")
    EXECUTING = "executing", _("执行中")
    DONE = "done", _("执行成功")
    REFUSED = "refused", _("被拒绝或失败")
    TIMED_OUT = "timed_out", _("超时未答")
    EXPIRED = "expired", _("过期未发")


OPEN = (State.QUEUED, State.SENT, State.ACCEPTED, State.EXECUTING)


class Origin(models.TextChoices):
    """Who wanted it: a person, our back-fill, the gateway by itself (as the clock set after a connection), or another
    platform to which the relay passes packets on."""

    PERSON = "person", _("人员")
    BACKFILL = "backfill", _("补传")
    GATEWAY = "gateway", _("网关")
    RELAY = "relay", _("转发平台")


OURS = (Origin.PERSON, Origin.BACKFILL)
"""Given by the office, which numbers them; the others number their own."""


class DeviceCommand(models.Model):
    """One command to one device. ``id`` is the log's; ``qn`` (17 digits) is unique per device among ours.

    ``parameters``: the items of CP, as `bus.commands.Command` has them. ``frame``: as last sent, PW masked. ``parts``:
    how many messages of data answered it. ``error``: why the gateway ended it itself; ``why``: what made it ask.
    """

    id = models.CharField(max_length=32, primary_key=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="commands")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="commands")
    cn = models.IntegerField()
    qn = models.CharField(max_length=17)
    parameters = OrderedJSON(default=list)
    reason = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    acting_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=64)
    role = models.CharField(max_length=16, blank=True, default="")
    created = models.DateTimeField(db_index=True)
    expires = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    answer_s = models.IntegerField()
    execute_s = models.IntegerField()
    retries = models.IntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    state_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempt = models.IntegerField(default=0)
    frame = models.TextField(blank=True, default="")
    qn_rtn = models.IntegerField(null=True)
    exe_rtn = models.IntegerField(null=True)
    parts = models.IntegerField(default=0)
    error = models.JSONField(null=True)
    why = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "qn"],
                condition=models.Q(origin__in=["person", "backfill"]),
                name="reverse_control_qn_once",
            )
        ]
        indexes = [
            models.Index(fields=["outlet", "-created"], name="reverse_control_of_outlet"),
            models.Index(fields=["device", "-qn"], name="reverse_control_last_qn"),
            models.Index(
                fields=["outlet"],
                condition=models.Q(state__in=["queued", "sent", "accepted", "executing"]),
                name="reverse_control_open",
            ),
            models.Index(fields=["created"], condition=models.Q(published_at=None), name="reverse_control_unpublished"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class CommandAnswer(models.Model):
    """One message about a command as the gateway told it. ``items``: the data parts that the device answered."""

    id = models.CharField(max_length=32, primary_key=True)
    command = models.ForeignKey(DeviceCommand, models.CASCADE, related_name="answers")
    state = models.CharField(max_length=10, choices=State.choices)
    at = models.DateTimeField()
    attempt = models.IntegerField(default=0)
    qn_rtn = models.IntegerField(null=True)
    exe_rtn = models.IntegerField(null=True)
    items = OrderedJSON(default=list)


class RecordSeries(models.Model):
    """One kind of record (minute, hour, day) of one device: since when it is known, and its usual interval."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="record_series")
    cn = models.IntegerField()
    known_since = models.DateTimeField()
    step_s = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "cn"], name="reverse_control_series_once")]


class GapState(models.TextChoices):
    """Where a gap stands. *Refused*: the device said it has no such data; *given up*: it never gave them."""

    MISSING = "missing", _("缺失")
    ASKED = "asked", _("已请求")
    FILLED = "filled", _("已补齐")
    REFUSED = "refused", _("设备无数据")
    GIVEN_UP = "given_up", _("多次未果")


class Gap(models.Model):
    """Records in a row that never arrived: DataTimes ``begin`` to ``end``, both missing. ``left`` still are."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="gaps")
    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="+")
    cn = models.IntegerField()
    begin = models.DateTimeField()
    end = models.DateTimeField()
    step_s = models.IntegerField()
    records = models.IntegerField()
    left = models.IntegerField()
    state = models.CharField(max_length=8, choices=GapState.choices, default=GapState.MISSING)
    found_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    command = models.ForeignKey(DeviceCommand, models.SET_NULL, null=True, related_name="gaps")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "cn", "begin"], name="reverse_control_gap_once")]
        indexes = [models.Index(fields=["state", "changed_at"], name="reverse_control_gap_state")]


class BackfillPause(models.Model):
    """Back-fill rests: of one device, or of all (``device`` null). Whoever starts it again deletes the row."""

    device = models.OneToOneField(Device, models.CASCADE, null=True, related_name="backfill_pause")
    reason = models.TextField(blank=True, default="")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(device=None), name="reverse_control_one_pause_of_all"
            )
        ]
