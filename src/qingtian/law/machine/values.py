"""A value given for a fact → the value as the matter keeps it, or a refusal that says what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Definition, Fact
from qingtian.law.machine.state import FactValue, Refusal, day_of

CENT = Decimal("0.01")
LONGEST = 20_000
"""Characters of one text: some twelve pages; what is longer is a file."""
YEARS = (1900, 2199)
"""No day of a matter lies before or after; the wrong key makes 0206 of 2026, and no calendar counts from there."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
HUGE = 30
"""Digits before the point of a number."""


class UnknownFact(Refusal):
    code = "machine.unknown_fact"
    zh = "事项“{kind.zh}”没有名为“{fact}”的事实。相近的有：{near}。请改用其中之一，或在 facts.yaml 中定义。"
    en = "“{kind.en}” has no fact named {fact!r}. The nearest are: {near}. Use one of them, or define it in facts.yaml."


class FactNotAsked(Refusal):
    code = "machine.fact_not_asked"
    zh = "“{act.zh}”不填写“{fact.zh}”。可以填写的有：{known}。请在填写它的行为中填写。"
    en = "“{act.en}” does not take “{fact.en}”. It takes: {known}. Give it with the act that asks for it."


class MayNotFill(Refusal):
    code = "machine.may_not_fill"
    zh = "“{fact.zh}”由{fillers_zh}填写（{law}），{person}是以{role.zh}的身份办理。请由其填写。"
    en = "“{fact.en}” is filled in by: {fillers_en} ({law}); {person} acts as {role.en}. Let one of them give it."


class FactMissing(Refusal):
    code = "machine.fact_missing"
    zh = "“{act.zh}”缺少“{fact.zh}”（{law}）。{help.zh}"
    en = "“{act.en}” needs “{fact.en}” ({law}). {help.en}"


class WrongType(Refusal):
    code = "machine.wrong_type"
    zh = "“{fact.zh}”应为{should.zh}，给出的是“{found}”。{help.zh}"
    en = "“{fact.en}” has to be {should.en}; “{found}” was given. {help.en}"


class OutOfRange(Refusal):
    code = "machine.out_of_range"
    zh = "“{fact.zh}”应在 {least} 至 {most}{unit} 之间，给出的是 {found}（{law}）。请核对后改正。"
    en = "“{fact.en}” has to lie between {least} and {most} {unit}; {found} was given ({law}). Check and correct it."


class NotAnOption(Refusal):
    code = "machine.not_an_option"
    zh = "“{fact.zh}”没有选项“{found}”。可选：{known}。"
    en = "“{fact.en}” has no option {found!r}. Choose one of: {known}."


class WrongSideOfToday(Refusal):
    code = "machine.wrong_side_of_today"
    zh = "“{fact.zh}”为 {found}，{rule.zh}行为当日 {day}。请核对日期。"
    en = "“{fact.en}” is {found}, which {rule.en} the day of the act, {day}. Check the date."


class ImplausibleDay(Refusal):
    code = "machine.implausible_day"
    zh = "“{fact.zh}”为 {found}，年份不在 {first} 至 {last} 之间，应当是写错了。请核对日期。"
    en = "“{fact.en}” is {found}: no year from {first} to {last}, so it is probably mistyped. Check the date."


class TextTooLong(Refusal):
    code = "machine.text_too_long"
    zh = "“{fact.zh}”有 {found} 字，最多 {most} 字。请只写要点，全文作为附件提交。"
    en = "“{fact.en}” has {found} characters, and {most} at most are kept. Write the main points, and attach the rest."


class TextUnreadable(Refusal):
    code = "machine.text_unreadable"
    zh = "“{fact.zh}”里有看不见的控制字符或残缺的字符（{found}），无法保存和打印。请删去后重新填写。"
    en = "“{fact.en}” holds a control character or half a character ({found}), which nobody can print. Take it out."


class NotATime(ValueError):
    """A value that is not of the type; becomes a `WrongType` with the fact's name."""


SHOULD: Mapping[str, Words] = {
    "text": Words(zh="文字", en="a text"),
    "date": Words(zh="日期（如 2026-08-15）", en="a date such as 2026-08-15"),
    "datetime": Words(zh="带时区的时刻", en="a moment with a zone"),
    "money": Words(zh="以元为单位、至多两位小数的金额", en="an amount in yuan with at most two decimals"),
    "number": Words(zh="数字", en="a number"),
    "whole": Words(zh="整数", en="a whole number"),
    "choice": Words(zh="选项", en="an option"),
    "yes_no": Words(zh="是或否", en="yes or no"),
    "person": Words(zh="人员标识", en="a person's identifier"),
    "list": Words(zh="文字的列表", en="a list of texts"),
}
SIDES = {"past": Words(zh="晚于", en="is after"), "future": Words(zh="早于", en="is before")}


def _text(found: object) -> str:
    if not isinstance(found, str) or not found.strip():
        raise NotATime
    return found.strip()


def _date(found: object) -> date:
    if isinstance(found, str):
        return date.fromisoformat(found)
    if type(found) is not date:
        raise NotATime
    return found


def _moment(found: object) -> datetime:
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise NotATime
    return moment


def _number(found: object) -> Decimal:
    if isinstance(found, bool) or not isinstance(found, int | Decimal | str):
        raise NotATime
    number = Decimal(found)
    if not number.is_finite() or abs(number.adjusted()) > HUGE:
        raise NotATime
    return number


def _money(found: object) -> Decimal:
    amount = _number(found)
    if amount != amount.quantize(CENT):
        raise NotATime
    return amount.quantize(CENT)


def _whole(found: object) -> int:
    number = _number(found)
    if number != int(number):
        raise NotATime
    return int(number)


def _yes_no(found: object) -> bool:
    if not isinstance(found, bool):
        raise NotATime
    return found


def _list(found: object) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not found:
        raise NotATime
    return tuple(_text(each) for each in found)


READ: Mapping[str, Callable[[object], FactValue]] = {
    "text": _text,
    "date": _date,
    "datetime": _moment,
    "money": _money,
    "number": _number,
    "whole": _whole,
    "choice": _text,
    "yes_no": _yes_no,
    "person": _text,
    "list": _list,
}


def settled(definition: Definition, fact: Fact, found: object, *, day: date) -> FactValue:
    """Return what the matter keeps of ``found``: amounts as `Decimal` yuan, lists as tuples.

    :raises WrongType: if it is of another type.
    :raises OutOfRange, NotAnOption, WrongSideOfToday, ImplausibleDay: if it is of the type, and not allowed.
    :raises TextTooLong, TextUnreadable: if it is a text that cannot be kept.
    """
    name = definition.words.of("facts", fact.name)
    try:
        value = READ[fact.type](found)
    except (NotATime, ValueError, InvalidOperation):
        raise WrongType(fact=name, should=SHOULD[fact.type], found=found, help=fact.help) from None
    if fact.type == "choice" and value not in fact.options:
        raise NotAnOption(fact=name, found=value, known=", ".join(fact.options))
    if isinstance(value, int | Decimal):
        _within(fact, name, Decimal(value))
    if isinstance(value, date):
        _on_its_side(fact, name, value, day)
    for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
        _can_be_kept(name, text)
    return value


def _within(fact: Fact, name: Words, value: Decimal) -> None:
    low, high = fact.least, fact.most
    if (low is not None and value < low) or (high is not None and value > high):
        least, most = ("…" if bound is None else bound for bound in (low, high))
        raise OutOfRange(fact=name, least=least, most=most, unit=fact.unit, found=value, law=fact.law or "-")


def _can_be_kept(name: Words, text: str) -> None:
    if len(text) > LONGEST:
        raise TextTooLong(fact=name, found=len(text), most=LONGEST)
    odd = UNPRINTABLE.search(text)
    if odd:
        raise TextUnreadable(fact=name, found=f"U+{ord(odd[0]):04X}")


def _on_its_side(fact: Fact, name: Words, value: date, day: date) -> None:
    first, last = YEARS
    if not first <= value.year <= last:
        raise ImplausibleDay(fact=name, found=value, first=first, last=last)
    that = day_of(value)
    if (fact.when == "past" and that > day) or (fact.when == "future" and that < day):
        raise WrongSideOfToday(fact=name, found=value, rule=SIDES[fact.when], day=day)
