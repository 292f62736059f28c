"""The bodies of parameters, control and answers: what stands in CP, typed (HJ 212-2017 §6.6, annex C; 2005 annex B).

Values with tags, real-time to daily, are in `values`.
"""

# ruff: noqa: RUF009 - item() and tagged() are dataclasses.field() with a declaration

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from qingtian.stream.hj212.messages.items import CLOCK, HOUR_MINUTE, MILLISECONDS, MOMENT, WHOLE, item, tagged

MINUTE_INTERVALS = frozenset({1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30})


@dataclass(frozen=True, kw_only=True)
class Body:
    """The data area of a message. What a body does not name stays in `Message.rest`."""


@dataclass(frozen=True, kw_only=True)
class Empty(Body):
    """空: ``CP=&&&&``."""


@dataclass(frozen=True, kw_only=True)
class Plain(Body):
    """Not typed: an unknown command, or a known one whose required items are missing or unreadable.

    All it says stands in `Message.rest`.
    """


@dataclass(frozen=True, kw_only=True)
class TimeOut(Body):
    """超时时间（秒）及重发次数 1000."""

    over_time: int = item("OverTime", kind=WHOLE, low=1, high=99)
    recount: int = item("ReCount", kind=WHOLE, low=1, high=99)


@dataclass(frozen=True, kw_only=True)
class WarnTime(Body):
    """超限报警时间 1001 (2005), minutes."""

    warn_time: int = item("WarnTime", kind=WHOLE)


@dataclass(frozen=True, kw_only=True)
class LoggerIdentity(Body):
    """数采仪信息 1001, 设备唯一标识 1002 (2025): i23005 logger, i23006 processor, i23007 and i23008 network card."""

    infos: Mapping[str, str] = tagged("Info")


@dataclass(frozen=True, kw_only=True)
class AskClock(Body):
    """提取现场机时间 1011, 时间校准请求 1013: of an analyser, or without PolId of the logger."""

    pol_id: str | None = item("PolId", optional=True)


@dataclass(frozen=True, kw_only=True)
class Clock(Body):
    """现场机时间 1011, 1012."""

    pol_id: str | None = item("PolId", optional=True)
    system_time: datetime = item("SystemTime", kind=MOMENT)


@dataclass(frozen=True, kw_only=True)
class AskKey(Body):
    """密钥更新 1014 (2025), the device asks."""

    created: datetime = item("SKCreateTime", kind=MILLISECONDS)


@dataclass(frozen=True, kw_only=True)
class NewKey(Body):
    """密钥更新 1014 (2025), the platform sends."""

    created: datetime = item("SKCreateTime", kind=MILLISECONDS)
    key: str = item("NewSK", joined=True)


@dataclass(frozen=True, kw_only=True)
class AskFactors(Body):
    """Factors asked for, as 1021 of 2005 does."""

    pol_ids: tuple[str, ...] = item("PolId", many=True)


@dataclass(frozen=True, kw_only=True)
class ReportTarget(Body):
    """上位机地址 1031, 1032 (2005)."""

    target: str = item("ReportTarget", "AlarmTarget")


@dataclass(frozen=True, kw_only=True)
class ReportTime(Body):
    """数据上报时间 1041, 1042 (2005), hhmm."""

    report_time: time = item("ReportTime", kind=HOUR_MINUTE)


@dataclass(frozen=True, kw_only=True)
class RealTimeInterval(Body):
    """实时数据间隔 1061, 1062, seconds."""

    seconds: int = item("RtdInterval", kind=WHOLE, low=30, high=3600)


@dataclass(frozen=True, kw_only=True)
class MinuteInterval(Body):
    """分钟数据间隔 1063, 1064, minutes."""

    minutes: int = item("MinInterval", kind=WHOLE, among=MINUTE_INTERVALS)


@dataclass(frozen=True, kw_only=True)
class NewPassword(Body):
    """现场机访问密码 1072. Never logged."""

    password: str = item("NewPW", "PW")


@dataclass(frozen=True, kw_only=True)
class NewPassword2005(Body):
    """现场机访问密码 1072 as 2005 writes it. Never logged."""

    password: str = item("PW", "NewPW")


@dataclass(frozen=True, kw_only=True)
class Span(Body):
    """History asked for by DataTime, both ends included; equal ends ask for one record."""

    begin: datetime = item("BeginTime", kind=MOMENT)
    end: datetime = item("EndTime", kind=MOMENT)


@dataclass(frozen=True, kw_only=True)
class AskValues(Body):
    """取实时数据 2011; of power use (ST=44, 2025) with a span of time."""

    begin: datetime | None = item("BeginTime", kind=MOMENT, optional=True)
    end: datetime | None = item("EndTime", kind=MOMENT, optional=True)


@dataclass(frozen=True, kw_only=True)
class OnAnalyser(Body):
    """An action of one analyser: 3012, 3013, 3014, 3022, 3024, and what 3017, 3018, 3019 ask."""

    pol_id: str = item("PolId")


@dataclass(frozen=True, kw_only=True)
class Calibrate(Body):
    """零点校准量程校准 3011. ``calibration`` (2025): 0 zero, 1 span."""

    pol_id: str = item("PolId")
    calibration: int | None = item("CalibrationType", kind=WHOLE, optional=True, joined=True, among=frozenset({0, 1}))


@dataclass(frozen=True, kw_only=True)
class SamplingTimes(Body):
    """设备采样时间周期 3014 of 2005: hours of the day."""

    pol_id: str = item("PolId")
    hours: tuple[int, ...] = item("CTime", "Ctime", kind=WHOLE, many=True, joined=True, low=0, high=24)


@dataclass(frozen=True, kw_only=True)
class SampleRetained(Body):
    """超标留样 3015: which bottle."""

    data_time: datetime = item("DataTime", kind=MOMENT)
    bottle: int = item("VaseNo", kind=WHOLE, low=1, high=99)


@dataclass(frozen=True, kw_only=True)
class SamplingCycle(Body):
    """采样时间周期 3016, 3017: first time of the day, then every so many hours."""

    pol_id: str = item("PolId")
    start: time = item("CstartTime", kind=CLOCK)
    hours: int = item("CTime", "Ctime", kind=WHOLE, low=1, high=24)


@dataclass(frozen=True, kw_only=True)
class TimeToResult(Body):
    """出样时间 3018, minutes from the sample to its value."""

    pol_id: str = item("PolId")
    minutes: int = item("Stime", "STime", kind=WHOLE, low=1, high=120)


@dataclass(frozen=True, kw_only=True)
class SerialNumber(Body):
    """设备唯一标识 3019. Unasked (with DataTime) when an analyser was replaced."""

    data_time: datetime | None = item("DataTime", kind=MOMENT, optional=True)
    pol_id: str = item("PolId")
    serials: Mapping[str, str] = tagged("SN")


@dataclass(frozen=True, kw_only=True)
class AskInformation(Body):
    """提取现场机信息 3020: a state or parameter; of a log, a span of time."""

    pol_id: str = item("PolId")
    info_id: str = item("InfoId")
    begin: datetime | None = item("BeginTime", kind=MOMENT, optional=True)
    end: datetime | None = item("EndTime", kind=MOMENT, optional=True, joined=True)


@dataclass(frozen=True, kw_only=True)
class SiteInformation(Body):
    """现场机信息 3020: log text (between ``//``), state or parameters by code of table B.10."""

    data_time: datetime = item("DataTime", kind=MOMENT)
    pol_id: str | None = item("PolId", optional=True)
    infos: Mapping[str, str] = tagged("Info")


@dataclass(frozen=True, kw_only=True)
class SetInformation(Body):
    """设置现场机参数 3021."""

    pol_id: str = item("PolId")
    info_id: str = item("InfoId")
    infos: Mapping[str, str] = tagged("Info")


@dataclass(frozen=True, kw_only=True)
class RequestAnswer(Body):
    """请求应答 9011; see `returns.QN_RETURNS`. ``qn`` only in 2005, which carries it in CP."""

    qn: str | None = item("QN", optional=True)
    returned: int = item("QnRtn", kind=WHOLE)


@dataclass(frozen=True, kw_only=True)
class ExecutionResult(Body):
    """执行结果 9012; see `returns.EXE_RETURNS`. ``qn`` only in 2005."""

    qn: str | None = item("QN", optional=True)
    returned: int = item("ExeRtn", kind=WHOLE)


@dataclass(frozen=True, kw_only=True)
class NoticeAnswer(Body):
    """通知应答 9013. ``qn`` only in 2005."""

    qn: str | None = item("QN", optional=True)


@dataclass(frozen=True, kw_only=True)
class DataAnswer(Body):
    """数据应答 9014. All items only in 2005: the exchange, the command and the part answered to."""

    qn: str | None = item("QN", optional=True)
    cn: int | None = item("CN", kind=WHOLE, optional=True)
    pno: int | None = item("PNO", kind=WHOLE, optional=True)
    pnum: int | None = item("PNUM", kind=WHOLE, optional=True)
