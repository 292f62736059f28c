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
    ended = models.DateField(null=True, help_text="from this day on not in use 停用")

    def __str__(self) -> str:
        return self.name


class Edition(models.TextChoices):
    HJ2005 = "2005", "HJ/T 212-2005"
    HJ2017 = "2017", "HJ 212-2017"
    HJ2025 = "2025", "HJ 212-2025"


class Login(models.TextChoices):
    STRICT = "strict", _("密码不符即拒收")
    LENIENT = "lenient", _("密码不符只作记录")


class Device(models.Model):
    """A data logger (数采仪): MN of 24 hex digits, PW as HJ 212 has it.

    ``edition``: where the Flag of its packets does not tell the truth. ``profile`` (设备档案): deviation → ``accept``,
    ``record`` or ``refuse``, only where that is not the usual. ``key``: SM4 of HJ 212-2025, 32 hexadecimal digits.
    """

    mn = models.CharField(max_length=24, primary_key=True)
    pw = models.CharField(max_length=9)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="devices")
    active = models.BooleanField(default=True)
    edition = models.CharField(max_length=4, choices=Edition.choices, blank=True, default="")
    profile = models.JSONField(blank=True, default=dict)
    login = models.CharField(max_length=8, choices=Login.choices, default=Login.STRICT)
    key = models.CharField(max_length=32, blank=True, default="")


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


class FacilityRole(models.TextChoices):
    PRODUCTION = "production", _("产污设施")
    TREATMENT = "treatment", _("治污设施")
    PUMP = "pump", _("排水泵")


class Facility(models.Model):
    """A unit of an outlet's plant that a channel tells of (用电、工况通道); `qingtian.stream.periods.facilities`.

    ``factor``: the code under which a device of the outlet sends the channel. ``unit``: of its values, empty for a
    state (0 stands). ``rated``: what the unit draws when it runs as it should. ``treats``: production units that a
    treatment unit is for. In force from ``start`` to ``end`` (excluded), null: open.
    """

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="facilities")
    name = models.CharField(max_length=48)
    role = models.CharField(max_length=12, choices=FacilityRole.choices)
    factor = models.CharField(max_length=8)
    unit = models.CharField(max_length=16, blank=True, default="")
    rated = models.FloatField(null=True)
    biological = models.BooleanField(default=False)
    treats = models.ManyToManyField("self", symmetrical=False, related_name="treated_by")
    start = models.DateField(null=True)
    end = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("outlet", "name"), name="sites_facility_named_once")]

    def __str__(self) -> str:
        return self.name


class RangeState(models.TextChoices):
    """``proposed`` by the firm waits for an officer; ``standing`` is in the plan."""

    PROPOSED = "proposed", _("待确认")
    STANDING = "standing", _("已生效")
    REFUSED = "refused", _("已退回")
    REPLACED = "replaced", _("已被取代")


class MeasuringRange(models.Model):
    """What an analyser can measure of a factor (量程、检出限), in the unit of the factor table; null: not known.

    ``mn`` empty: of all devices of the outlet. ``document``: where it is written. In force from ``start`` to ``end``
    (excluded), null: open. Rows are never changed but for their state, their end and what an officer said.
    """

    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="ranges")
    mn = models.CharField(max_length=24, blank=True, default="")
    factor = models.CharField(max_length=8)
    top = models.FloatField(null=True)
    detection = models.FloatField(null=True)
    document = models.CharField(max_length=128, blank=True, default="")
    state = models.CharField(max_length=12, choices=RangeState.choices)
    start = models.DateField(null=True)
    end = models.DateField(null=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "outlet"], name="sites_range_state")]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.factor}"


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


class DeviceSession(models.Model):
    """What the gateway last said of a device's connection (设备会话). ``since``: connected or gone since; ``run``: the
    life of the gateway that said so."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="session")
    connected = models.BooleanField()
    address = models.CharField(max_length=64, blank=True, default="")
    since = models.DateTimeField(null=True)
    edition = models.CharField(max_length=4, blank=True, default="")
    clock_offset_s = models.FloatField(null=True)
    told = models.DateTimeField()
    run = models.CharField(max_length=32)


class Counted(models.TextChoices):
    DEVIATION = "deviation", _("偏离")
    REFUSED = "refused", _("拒收")
    LOCKOUT = "lockout", _("登录锁定")


class DeviceCount(models.Model):
    """How often something was counted of a device in one life of the gateway, which counts from zero; those of earlier
    lives are added up under the empty ``run``."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="counts")
    kind = models.CharField(max_length=12, choices=Counted.choices)
    code = models.CharField(max_length=32)
    run = models.CharField(max_length=32)
    count = models.BigIntegerField()
    last = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("device", "kind", "code", "run"), name="sites_counted_once")]


class Replay(models.Model):
    """Dead letters to be read again (死信重读), asked for by somebody; carried out by the dispatcher or the command.

    ``sending``: the batch that is on its way to the log, so that after a crash it is known whether it got there.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    by_name = models.CharField(max_length=64)
    why = models.CharField(max_length=255)
    reason = models.CharField(max_length=24, blank=True, default="")
    mn = models.CharField(max_length=64, blank=True, default="")
    since = models.DateTimeField(null=True)
    after = models.CharField(max_length=80, blank=True, default="")
    sending = models.JSONField(null=True)
    taken = models.IntegerField(default=0)
    still_refused = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True, db_index=True)


class DeadLetter(models.Model):
    """A packet that was refused (死信), kept with the reason and its bytes. ``replayed_at``: it was read again, and is
    on the log since."""

    id = models.CharField(max_length=32, primary_key=True)
    reason = models.CharField(max_length=24, db_index=True)
    received = models.DateTimeField(db_index=True)
    address = models.CharField(max_length=64)
    mn = models.CharField(max_length=64, blank=True, default="", db_index=True)
    detail = models.CharField(max_length=255, blank=True, default="")
    deviations = models.JSONField(default=list)
    raw = models.BinaryField()
    replay = models.ForeignKey(Replay, models.PROTECT, null=True, related_name="letters")
    replayed_at = models.DateTimeField(null=True)


class UnreadableMessage(models.Model):
    """A message of the log that the office could not take (毒消息): kept with the reason, then set aside."""

    stream = models.CharField(max_length=32)
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    why = models.TextField()
    raw = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="sites_unreadable_once")]
