"""What may stand in a scenario file: every key, its kind, its meaning. The check and the manual read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qingtian.base.errors import Term
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.simulator.quirks import QUIRKS

FACTOR = re.compile(r"[A-Za-z0-9]{2,8}")


@dataclass(frozen=True)
class Kind:
    """A kind of value: ``zh``, ``en`` say what is expected; ``fits`` tells whether a value is one."""

    zh: str
    en: str
    fits: Callable[[Any], bool]


def _number(low: float, high: float, zh: str, en: str) -> Kind:
    return Kind(zh, en, lambda v: isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high)


def _whole(low: int, high: int) -> Kind:
    fits: Callable[[Any], bool] = lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high  # noqa: E731
    return Kind(f"{low} 到 {high} 的整数", f"a whole number from {low} to {high}", fits)


def _is_curve(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    if not all(isinstance(p, list) and len(p) == 2 and all(isinstance(n, int | float) for n in p) for p in value):
        return False
    seconds = [point[0] for point in value]
    return seconds == sorted(set(seconds))


def _texts(among: Mapping[str, object] | None = None) -> Callable[[Any], bool]:
    return lambda v: (
        isinstance(v, list) and all(isinstance(each, str) and (among is None or each in among) for each in v)
    )


YES_NO = Kind("true 或 false", "true or false", lambda v: isinstance(v, bool))
SHARE = _number(0, 1, "0 到 1 的数", "a number from 0 to 1")
SECONDS = _number(0, 1e9, "不小于 0 的秒数", "seconds, 0 or more")
DAYS = _number(0, 3650, "0 到 3650 的天数", "days, 0 to 3650")
SIGNED = _number(-1e9, 1e9, "秒数，可为负", "seconds, negative ones too")
POSITIVE = _number(1e-9, 1e9, "大于 0 的数", "a number above 0")
ANY = _number(-1e12, 1e12, "一个数", "a number")
TEXT = Kind("一段文字（数字须加引号）", "a text (digits in quotes)", lambda v: isinstance(v, str) and bool(v))
DIGITS = Kind("字母与数字，须加引号", "letters and digits, in quotes", lambda v: isinstance(v, str) and v.isalnum())
MARK = Kind("一个字符的数据标记", "a data mark of one character", lambda v: isinstance(v, str) and len(v) == 1)
CURVE = Kind("[秒, 倍数] 的列表，秒递增", "a list of [second, multiple], seconds rising", _is_curve)
CODES = Kind("因子编码的列表", "a list of factor codes", _texts())
WORDS = Kind("文字的列表", "a list of texts", _texts())
DEVIATING = Kind("模拟器可作出的偏离代码的列表", "a list of deviation codes the simulator can make", _texts(QUIRKS))
EDITION = Kind("2005、2017 或 2025", "2005, 2017 or 2025", lambda v: v in {edition.value for edition in Edition})
MEDIUM = Kind("water 或 gas", "water or gas", lambda v: v in ("water", "gas"))
KEY = Kind("16 个字符", "16 characters", lambda v: isinstance(v, str) and len(v.encode()) == 16)
MINUTES = Kind(
    "1 2 3 4 5 6 10 12 15 20 30 之一",
    "one of 1 2 3 4 5 6 10 12 15 20 30",
    lambda v: v in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30),
)
FACTORS = Kind(
    "因子编码到 {level, limit, …} 的表",
    "a table of factor codes to {level, limit, …}",
    lambda v: isinstance(v, dict) and bool(v),
)
BEHAVES = Kind(
    "内置情景名，或行为的表", "a built-in scenario, or a table of behaviour", lambda v: isinstance(v, str | dict)
)


@dataclass(frozen=True)
class Key:
    """A key of the file: its kind, the attribute it fills, its meaning."""

    kind: Kind
    attribute: str
    meaning: Term


def _keys(rows: Sequence[tuple[str, str, Kind, str, str]]) -> dict[str, Key]:
    return {name: Key(kind, attribute or name, Term(zh=zh, en=en)) for name, attribute, kind, zh, en in rows}


BEHAVIOUR = _keys(
    [
        ("lasts", "lasts_s", SECONDS, "一次持续的秒数（不写：一直）", "seconds an episode lasts (without: for ever)"),
        ("rests", "rests_s", SECONDS, "两次之间正常的秒数", "seconds in order between two episodes"),
        ("exceeding", "", YES_NO, "一个有限值的因子升到限值以上", "a factor with a limit rises over it"),
        ("frozen", "", YES_NO, "数值恒定不变", "values stand still"),
        ("curve", "", CURVE, "数值随时间的倍数，点间线性", "the multiple of values over time, linear between points"),
        ("factors", "", CODES, "curve 只作用于这些因子", "the curve is for these factors only"),
        ("mark", "", MARK, "数据标记", "the data mark of all values"),
        ("stopped", "off", YES_NO, "停机：不测量、不连接", "off: nothing is measured, no line"),
        (
            "gaps",
            "",
            SHARE,
            "分钟、小时、日数据中不上传的份额（存储中有）",
            "share of period records not sent (its memory has them)",
        ),
        ("late", "late_s", SECONDS, "记录晚这么久才上传", "records are sent so much later"),
        ("clock_ahead", "clock_offset_s", SIGNED, "时钟快的秒数", "seconds its clock is ahead"),
        ("clock_drift", "clock_drift_s", SIGNED, "时钟每日再快的秒数", "seconds its clock gains a day"),
        ("asks_time", "", YES_NO, "时钟偏差时用 1013 请求校时", "asks for the time (1013) when its clock is off"),
        ("line_down", "", YES_NO, "断线：照常记录，恢复后补传", "the line is down: it records, and sends later"),
        ("noise", "", SHARE, "首次发送时被改动一个字节的份额", "share of frames that arrive broken the first time"),
        ("cut", "", SHARE, "分两段发送的份额", "share of frames sent in two pieces with a pause"),
        ("drops", "", SHARE, "发到一半断线的份额", "share of frames during which the line drops"),
        ("duplicates", "", SHARE, "连发两遍的份额", "share of frames sent twice at once"),
        ("bytes_per_second", "", POSITIVE, "发送速度", "speed of sending"),
        (
            "deviations",
            "",
            DEVIATING,
            "每包都有的偏离（docs/hj212.md 的代码）",
            "deviations of every packet (codes of docs/hj212.md)",
        ),
    ]
)

DEVICE = _keys(
    [
        ("mn", "", TEXT, "MN；{number} 代之以序号", "MN; {number} stands for the number"),
        ("count", "", _whole(1, 100_000), "台数（1）", "how many (1)"),
        ("first", "", _whole(0, 1_000_000_000), "第一台的序号（1）", "number of the first (1)"),
        ("edition", "", EDITION, "标准版本（2017）", "edition of the standard (2017)"),
        ("pw", "", DIGITS, "访问密码（123456）", "password (123456)"),
        ("st", "", DIGITS, "系统编码（32，气 31）", "system code (32, of gas 31)"),
        ("medium", "", MEDIUM, "water 或 gas（water）", "water or gas (water)"),
        ("factors", "", FACTORS, "监测因子", "the factors it measures"),
        (
            "interval",
            "interval_s",
            POSITIVE,
            "实时数据间隔，秒（--interval）",
            "seconds between real-time packets (--interval)",
        ),
        ("minutes", "", MINUTES, "分钟数据间隔（10）", "minute interval (10)"),
        (
            "heartbeat",
            "heartbeat_s",
            SECONDS,
            "2025 版心跳间隔，秒，0 为无（60）",
            "seconds between heartbeats of 2025, 0: none (60)",
        ),
        ("key", "", KEY, "2025 版 SM4 密钥，16 个字符", "SM4 key of 2025, 16 characters"),
        ("asks", "", YES_NO, "上传要求应答（2005 版否，其余是）", "uploads ask for an answer (2005 no, else yes)"),
        ("equipment", "", WORDS, "设备，2021、2041 所述（SB1）", "equipment of 2021 and 2041 (SB1)"),
        ("announces", "", YES_NO, "开机上传 2081（是）", "sends 2081 when it starts (true)"),
        ("memory_days", "", DAYS, "历史数据保存天数（30）", "days of history it keeps (30)"),
        (
            "haste",
            "",
            POSITIVE,
            "校准、清洗、采样比实际快的倍数（1）",
            "how many times faster it calibrates, cleans, samples (1)",
        ),
        ("behaviour", "", BEHAVES, "这些设备自己的行为", "behaviour of these devices alone"),
    ]
)

FACTOR_KEYS = _keys(
    [
        ("level", "typical", ANY, "通常水平", "its usual level"),
        ("limit", "upper", ANY, "上限", "its upper limit"),
        ("lower", "", ANY, "下限", "its lower limit"),
        ("unit", "", TEXT, "单位（因子表）", "unit (that of the factor table)"),
        ("decimals", "", _whole(0, 10), "小数位（因子表）", "decimals (those of the factor table)"),
        ("spread", "", SHARE, "相对标准差（0.08）", "relative standard deviation (0.08)"),
        ("converted", "", YES_NO, "同时报折算值", "also reports values at reference oxygen"),
    ]
)

FILE = _keys(
    [
        ("zh", "", TEXT, "中文说明", "what it is, in Chinese"),
        ("en", "", TEXT, "英文说明", "what it is, in English"),
        ("behaviour", "", BEHAVES, "所有设备的行为（normal）", "behaviour of all devices (normal)"),
        ("devices", "", Kind("设备的列表", "a list of devices", lambda v: isinstance(v, list)), "设备", "the devices"),
    ]
)
