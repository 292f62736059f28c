"""请求返回值 QnRtn and 执行结果 ExeRtn (HJ 212-2017 tables 7 and 8): what a device answers to a request."""

from __future__ import annotations

from dataclasses import dataclass

from qingtian.stream.hj212.editions import Edition

READY = 1
"""QnRtn: the request will be executed; any other ends the exchange."""
DONE = 1
"""ExeRtn: done."""
NO_DATA = 100
"""ExeRtn: there is no such data."""


@dataclass(frozen=True)
class Return:
    """A value, its sentence, and whether HJ/T 212-2005 knows it."""

    value: int
    zh: str
    en: str
    in_2005: bool = False

    def name(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


def _by_value(*rows: Return) -> dict[int, Return]:
    return {row.value: row for row in rows}


QN_RETURNS = _by_value(
    Return(1, "准备执行请求", "will execute", in_2005=True),
    Return(2, "请求被拒绝", "refused", in_2005=True),
    Return(3, "PW 错误", "wrong password PW", in_2005=True),
    Return(4, "MN 错误", "wrong device id MN"),
    Return(5, "ST 错误", "wrong system ST"),
    Return(6, "Flag 错误", "wrong Flag"),
    Return(7, "QN 错误", "wrong QN"),
    Return(8, "CN 错误", "wrong command CN"),
    Return(9, "CRC 校验错误", "wrong checksum"),
    Return(100, "未知错误", "unknown error"),
)

EXE_RETURNS = _by_value(
    Return(1, "执行成功", "done", in_2005=True),
    Return(2, "执行失败，但不知道原因", "failed, reason unknown", in_2005=True),
    Return(3, "命令请求条件错误", "a condition of the command is not met"),
    Return(4, "通讯超时", "communication timed out"),
    Return(5, "系统繁忙不能执行", "busy"),
    Return(6, "系统故障", "system fault"),
    Return(100, "没有数据", "no data", in_2005=True),
)


def known(returns: dict[int, Return], value: int, edition: Edition) -> bool:
    """Say whether a value stands in the table of this edition."""
    row = returns.get(value)
    return row is not None and (row.in_2005 or edition is not Edition.HJ2005)
