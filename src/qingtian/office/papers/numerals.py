"""Chinese numerals of official papers: amounts in capitals 大写, days as they stand under a signature. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
PLAIN = "〇一二三四五六七八九"


def capitals(amount: Decimal) -> str:
    """Return an amount in yuan in capitals (支付结算办法 附一): 60000 → 陆万元整, 10500.05 → 壹万零伍佰元零伍分."""
    sign, cents = ("负" if amount < 0 else ""), int(abs(amount) * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    whole = f"{_whole(yuan)}元" if yuan or not cents else ""
    if not jiao and not fen:
        return f"{sign}{whole}整"
    tenth = f"{DIGITS[jiao]}角" if jiao else "零" if whole else ""
    return f"{sign}{whole}{tenth}" + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    """Return a whole number in capitals, in groups of four; a zero is said once between what it stands between."""
    if not number:
        return DIGITS[0]
    said, gap = "", False
    groups = [number // 10_000**power % 10_000 for power in range(len(GROUPS))]
    for power in reversed(range(len(GROUPS))):
        group = groups[power]
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += DIGITS[0]
        said += _group(group) + GROUPS[power]
        gap = False
    return said


def _group(number: int) -> str:
    said, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + PLACES[power]
        gap = not digit
    return said


def counted(number: int) -> str:
    """Return a whole number below 10,000 in plain Chinese: 57 → 五十七, 101 → 一百零一, 1054 → 一千零五十四."""
    said = _group(number)
    for capital, plain in zip(DIGITS + "拾佰仟", "零一二三四五六七八九十百千", strict=True):
        said = said.replace(capital, plain)
    return said.removeprefix("一") if 10 <= number < 20 else said


def day(on: date) -> str:
    """Return a day as in print: 2026年4月7日."""
    return f"{on.year}年{on.month}月{on.day}日"


def formal_day(on: date) -> str:
    """Return a day as under a signature: 二〇二六年四月七日."""
    year = "".join(PLAIN[int(digit)] for digit in str(on.year))
    return f"{year}年{counted(on.month)}月{counted(on.day)}日"
