"""Which body a command has, by direction and edition: the one table of the typed layer."""

from __future__ import annotations

from enum import Enum
from functools import cache

from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages import bodies as b
from qingtian.stream.hj212.messages import values as v


class Way(Enum):
    """Direction 方向. ``UP``: device to platform 现场机→上位机; ``DOWN``: platform to device."""

    UP = "up"
    DOWN = "down"


_EDITIONS = {"5": Edition.HJ2005, "7": Edition.HJ2017, "9": Edition.HJ2025}

# CN, direction (u up, d down), editions (5 = 2005, 7 = 2017, 9 = 2025), body
_ROWS: tuple[tuple[str, str, str, type[b.Body]], ...] = (
    ("1000", "d", "579", b.TimeOut),
    ("1001", "d", "5", b.WarnTime),
    ("1001", "u", "9", b.LoggerIdentity),
    ("1002", "d", "9", b.LoggerIdentity),
    ("1011", "d", "579", b.AskClock),
    ("1011", "u", "579", b.Clock),
    ("1012", "d", "579", b.Clock),
    ("1013", "u", "79", b.AskClock),
    ("1014", "u", "9", b.AskKey),
    ("1014", "d", "9", b.NewKey),
    ("1021", "d", "5", b.AskFactors),
    ("1021", "u", "5", v.AlarmLimits),
    ("1022", "d", "5", v.AlarmLimits),
    ("1031", "d", "5", b.Empty),
    ("1031", "u", "5", b.ReportTarget),
    ("1032", "d", "5", b.ReportTarget),
    ("1041", "d", "5", b.Empty),
    ("1041", "u", "5", b.ReportTime),
    ("1042", "d", "5", b.ReportTime),
    ("1061", "d", "579", b.Empty),
    ("1061", "u", "579", b.RealTimeInterval),
    ("1062", "d", "579", b.RealTimeInterval),
    ("1063", "d", "79", b.Empty),
    ("1063", "u", "79", b.MinuteInterval),
    ("1064", "d", "79", b.MinuteInterval),
    ("1072", "d", "5", b.NewPassword2005),
    ("1072", "d", "79", b.NewPassword),
    ("2011", "d", "57", b.Empty),
    ("2011", "d", "9", b.AskValues),
    ("2011", "u", "579", v.Values),
    ("2012", "d", "579", b.Empty),
    ("2013", "d", "9", b.Span),
    ("2013", "u", "9", v.Values),
    ("2021", "d", "579", b.Empty),
    ("2021", "u", "579", v.EquipmentStates),
    ("2022", "d", "579", b.Empty),
    ("2031", "d", "579", b.Span),
    ("2031", "u", "579", v.Values),
    ("2041", "d", "579", b.Span),
    ("2041", "u", "579", v.EquipmentHours),
    ("2051", "d", "579", b.Span),
    ("2051", "u", "579", v.Values),
    ("2052", "d", "9", b.Span),
    ("2052", "u", "9", v.Values),
    ("2061", "d", "579", b.Span),
    ("2061", "u", "579", v.Values),
    ("2062", "d", "9", b.Span),
    ("2062", "u", "9", v.Values),
    ("2071", "d", "5", b.Span),
    ("2071", "u", "5", v.Alarm),
    ("2072", "u", "5", v.Alarm),
    ("2081", "u", "79", v.Restart),
    ("2111", "u", "9", v.Values),
    ("3011", "d", "579", b.Calibrate),
    ("3012", "d", "579", b.OnAnalyser),
    ("3013", "d", "579", b.OnAnalyser),
    ("3014", "d", "5", b.SamplingTimes),
    ("3014", "d", "7", b.OnAnalyser),
    ("3015", "d", "7", b.Empty),
    ("3015", "u", "7", b.SampleRetained),
    ("3016", "d", "7", b.SamplingCycle),
    ("3017", "d", "7", b.OnAnalyser),
    ("3017", "u", "7", b.SamplingCycle),
    ("3018", "d", "79", b.OnAnalyser),
    ("3018", "u", "79", b.TimeToResult),
    ("3019", "d", "79", b.OnAnalyser),
    ("3019", "u", "79", b.SerialNumber),
    ("3020", "d", "79", b.AskInformation),
    ("3020", "u", "79", b.SiteInformation),
    ("3021", "d", "79", b.SetInformation),
    ("3022", "d", "9", b.OnAnalyser),
    ("3024", "d", "9", b.OnAnalyser),
    ("9011", "u", "579", b.RequestAnswer),
    ("9012", "u", "579", b.ExecutionResult),
    ("9013", "ud", "579", b.NoticeAnswer),
    ("9014", "ud", "579", b.DataAnswer),
    ("9015", "u", "9", b.Empty),
)

BODIES: dict[tuple[int, Way, Edition], type[b.Body]] = {
    (int(cn), Way.UP if way == "u" else Way.DOWN, _EDITIONS[digit]): body
    for cn, ways, editions, body in _ROWS
    for way in ways
    for digit in editions
}

# a device may use a command of another edition than its Flag says: the richest edition first
_SEARCH = (Edition.HJ2017, Edition.HJ2025, Edition.HJ2005)


@cache
def body_of(cn: int, way: Way, edition: Edition) -> type[b.Body] | None:
    """Return the body of a command in this direction: of the edition, else of one that knows it; None if none."""
    for each in (edition, *_SEARCH):
        found = BODIES.get((cn, way, each))
        if found is not None:
            return found
    return None
