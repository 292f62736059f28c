"""What a person fills in → items of CP, checked against the bounds of the standard (HJ 212-2017 table 5). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal, InvalidOperation

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING, parse_stamp, stamp
from qingtian.office.reverse_control.catalogue import Field


class CommandIncomplete(QingtianError):
    """A refusal that the person mends in the form; nothing was sent."""


class ParameterMissing(CommandIncomplete):
    code = "reverse_control.parameter_missing"
    zh = "请填写“{field}”后再下发。"
    en = "Fill in {field}, then send it."


class ParameterWrong(CommandIncomplete):
    code = "reverse_control.parameter_wrong"
    zh = "“{field}”不能是 {value}：{why}。命令没有下发，请改正后再试。"
    en = "{field} cannot be {value}: {why}. Nothing was sent; correct it and try again."


class ParameterUnknown(CommandIncomplete):
    code = "reverse_control.parameter_unknown"
    zh = "命令没有名为 {value} 的参数。可用的参数：{known}。"
    en = "The command has no item {value}. It has: {known}."


class SpanTurned(CommandIncomplete):
    code = "reverse_control.span_turned"
    zh = "结束时间早于开始时间。命令没有下发，请改正后再试。"
    en = "The end lies before the beginning. Nothing was sent; correct it and try again."


def items_of(
    fields: Sequence[Field], given: Mapping[str, str], *, factors: Collection[str] = ()
) -> list[dict[str, str]]:
    """Return the items of CP in the order of the standard, as `bus.commands.Command` has them.

    ``given`` has texts by the names of `Field.form`; empty is not given. ``factors`` are the codes a ``factor`` may be.

    :raises ParameterMissing, ParameterWrong, ParameterUnknown, SpanTurned: nothing may be sent then; the first two
        name the field as the form calls it in ``fields["form"]``.
    """
    known = {field.form for field in fields}
    for name, text in given.items():
        if name not in known and text.strip():
            raise ParameterUnknown(value=name, known=", ".join(sorted(known)) or "—")
    texts = {field.form: _text(field, given.get(field.form, ""), factors) for field in fields}
    if texts.get("BeginTime") and texts.get("EndTime") and texts["EndTime"] < texts["BeginTime"]:
        raise SpanTurned
    items: list[dict[str, str]] = []
    for field in fields:
        if texts[field.form] and not field.unsent:
            pair = {field.name.format_map(texts): texts[field.form]}
            if field.joined and items:
                items[-1] |= pair
            else:
                items.append(pair)
    return items


def _text(field: Field, given: str, factors: Collection[str]) -> str:
    text = given.strip()
    if text:
        return _KINDS[field.kind](field, text, factors)
    if not field.optional:
        raise ParameterMissing(field=_called(field), form=field.form)
    return ""


def _called(field: Field) -> Term:
    return Term(zh=field.zh, en=field.en)


def _wrong(field: Field, text: str, zh: str, en: str) -> ParameterWrong:
    return ParameterWrong(field=_called(field), form=field.form, value=text[:40], why=Term(zh=zh, en=en))


def _whole(field: Field, text: str, factors: Collection[str]) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise _wrong(field, text, "须为整数", "it must be a whole number")
    value = int(text)
    if field.among and value not in field.among:
        listed = ", ".join(map(str, field.among))
        raise _wrong(field, text, f"只能是 {listed} 之一（{field.unit}）", f"it must be one of {listed} ({field.unit})")
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        bounds = f"{field.low}–{field.high} {field.unit}".strip()
        raise _wrong(field, text, f"范围为 {bounds}", f"the range is {bounds}")
    return str(value)


def _decimal(field: Field, text: str, factors: Collection[str]) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or len(text) > 15:
        raise _wrong(field, text, "须为数字", "it must be a number")
    return f"{value:f}"


def _moment(field: Field, text: str, factors: Collection[str]) -> str:
    try:
        return stamp(parse_stamp(text) if text.isdigit() else _local(text))
    except ValueError:
        raise _wrong(
            field,
            text,
            "须为时间，如 2026-11-23 08:00 或 20261123080000",
            "it must be a time such as 2026-11-23 08:00 or 20261123080000",
        ) from None


def _local(text: str) -> datetime:
    """A time without a zone is Beijing's: a form of a browser sends none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _clock(field: Field, text: str, factors: Collection[str]) -> str:
    return _of_the_day(field, text, "%H%M%S")


def _hour_minute(field: Field, text: str, factors: Collection[str]) -> str:
    return _of_the_day(field, text, "%H%M")


def _of_the_day(field: Field, text: str, form: str) -> str:
    # 080000 and 0800 are what the wire says, 08:00 what a browser sends
    spelled = ":".join(re.findall("..", text)) if text.isdigit() and len(text) in (4, 6) else text
    try:
        return time.fromisoformat(spelled).strftime(form)
    except ValueError:
        raise _wrong(field, text, "须为时刻，如 08:00", "it must be a time of the day such as 08:00") from None


def _factor(field: Field, text: str, factors: Collection[str]) -> str:
    if factors and text not in factors:
        raise _wrong(field, text, "不是该设备上报的因子编码", "it is no factor that this device reports")
    if not re.fullmatch(r"[A-Za-z0-9]{2,8}", text):
        raise _wrong(field, text, "须为因子编码，如 w01018", "it must be the code of a factor such as w01018")
    return text


def _choice(field: Field, text: str, factors: Collection[str]) -> str:
    if text not in {option[0] for option in field.options}:
        listed = ", ".join(option[0] for option in field.options)
        raise _wrong(field, text, f"只能是 {listed} 之一", f"it must be one of {listed}")
    return text


def _free(field: Field, text: str, factors: Collection[str]) -> str:
    if len(text) > field.most:
        raise _wrong(field, text, f"最多 {field.most} 个字符", f"it may have {field.most} characters at most")
    if field.pattern and not re.fullmatch(field.pattern, text):
        raise _wrong(field, text, "格式不符", "it does not have the form the standard gives it")
    return text


_KINDS: dict[str, Callable[[Field, str, Collection[str]], str]] = {
    "whole": _whole,
    "decimal": _decimal,
    "moment": _moment,
    "clock": _clock,
    "hour_minute": _hour_minute,
    "factor": _factor,
    "choice": _choice,
    "text": _free,
}
