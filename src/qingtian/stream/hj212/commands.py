"""The commands 命令编码 CN: their names, direction and kind, and in which version of the standard they stand.

Facts: HJ 212-2017 tables 4 and 6, HJ/T 212-2005 table 5; those of 2025 second-hand (the text was not read).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

V2005, V2017, V2025 = 2005, 2017, 2025


class Kind(Enum):
    """How an exchange runs (HJ 212-2017 §6.5)."""

    REQUEST = "request"
    """上位机请求: answered 9011, and 9012 when done."""
    UPLOAD = "upload"
    """上传: answered 9014 if Flag asks for it."""
    NOTICE = "notice"
    """通知: answered 9013."""
    ANSWER = "answer"
    """交互: never answered."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command. ``down``: platform to device; ``up``: device to platform. ``kind`` is that of what starts it."""

    cn: int
    zh: str
    en: str
    kind: Kind
    down: bool
    up: bool
    versions: frozenset[int]

    def name(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


_KINDS = {"R": Kind.REQUEST, "U": Kind.UPLOAD, "N": Kind.NOTICE, "I": Kind.ANSWER}

# CN · direction (d down, u up) · kind · versions (5 = 2005, 7 = 2017, 9 = 2025) · Chinese · English
_TABLE = """
1000 d  R 579 设置超时时间及重发次数 | Set time-out and retries
1001 u  U 59  2005：设置超限报警时间；2025：上传数采仪信息 | 2005: set alarm time; 2025: logger identity
1002 d  R 9   设置设备唯一标识 | Set the device id
1011 du R 579 提取现场机时间 | Read the clock
1012 d  R 579 设置现场机时间 | Set the clock
1013 u  N 79  现场机时间校准请求 | Device asks for the time
1014 du U 9   密钥更新 | Renew the key
1021 du R 5   提取污染物报警门限值 | Read alarm limits
1022 d  R 5   设置污染物报警门限值 | Set alarm limits
1031 du R 5   提取上位机地址 | Read the platform's address
1032 d  R 5   设置上位机地址 | Set the platform's address
1041 du R 5   提取数据上报时间 | Read the daily report time
1042 d  R 5   设置数据上报时间 | Set the daily report time
1061 du R 579 提取实时数据间隔 | Read the real-time interval
1062 d  R 579 设置实时数据间隔 | Set the real-time interval
1063 du R 79  提取分钟数据间隔 | Read the minute interval
1064 d  R 79  设置分钟数据间隔 | Set the minute interval
1072 d  R 579 设置现场机访问密码 | Set the access password
2011 du U 579 污染物实时数据 | Real-time values
2012 d  N 579 停止察看污染物实时数据 | Stop real-time values
2013 du U 9   原始监测数据 | Raw monitoring data
2021 du U 579 设备运行状态数据 | Equipment state
2022 d  N 579 停止察看设备运行状态 | Stop equipment state
2031 du U 579 污染物日历史数据 | Daily values
2041 du U 579 设备运行时间日历史数据 | Equipment hours of the day
2051 du U 579 污染物分钟数据 | Minute values
2052 du U 9   单次噪声监测数据 | Single noise measurement
2061 du U 579 污染物小时数据 | Hourly values
2062 du U 9   自动标样核查数据 | Automatic standard-sample check
2071 du U 5   污染物报警记录 | Alarm records
2072 u  N 5   上传报警事件 | Alarm event
2081 u  U 79  数采仪开机时间 | Logger start time
2111 u  U 9   炉膛温度五分钟均值 | Furnace temperature, 5-minute mean
3011 d  R 579 零点校准量程校准 | Zero and span calibration
3012 d  R 579 即时采样 | Sample now
3013 d  R 579 启动清洗/反吹（2005：设备操作） | Start cleaning or blow-back (2005: operate equipment)
3014 d  R 57  比对采样（2005：设置设备采样时间周期） | Comparison sampling (2005: set sampling times)
3015 du R 7   超标留样 | Retain a sample on exceedance
3016 d  R 7   设置采样时间周期 | Set the sampling cycle
3017 du R 7   提取采样时间周期 | Read the sampling cycle
3018 du R 79  提取出样时间 | Read the time to result
3019 du R 79  提取设备唯一标识 | Read the analyser's serial number
3020 du R 79  提取现场机信息 | Read site information
3021 d  R 79  设置现场机参数 | Set a site parameter
3022 d  R 9   即时留样 | Retain a sample now
3024 d  R 9   启动自动标样核查 | Start the automatic standard check
9011 u  I 579 请求应答 | Answer to a request
9012 u  I 579 执行结果 | Result of execution
9013 du I 579 通知应答 | Answer to a notice
9014 du I 579 数据应答 | Answer to data
9015 u  N 9   心跳 | Heartbeat
"""
_VERSIONS = {"5": V2005, "7": V2017, "9": V2025}


def _read(line: str) -> Command:
    cn, ways, kind, versions, names = line.split(maxsplit=4)
    zh, en = names.split(" | ")
    return Command(
        cn=int(cn),
        zh=zh,
        en=en,
        kind=_KINDS[kind],
        down="d" in ways,
        up="u" in ways,
        versions=frozenset(_VERSIONS[digit] for digit in versions),
    )


COMMANDS = {command.cn: command for command in map(_read, _TABLE.strip().splitlines())}


def command(cn: int) -> Command | None:
    """Return the command of a number; None for one that no version knows (vendors have their own)."""
    return COMMANDS.get(cn)
