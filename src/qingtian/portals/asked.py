"""What the address of a page asks for 网址参数, held against what there is: the unknown is refused, not passed over.

An address may come from a bookmark, a program or a slip of the hand. Showing something else than it asks for would let
people take one list for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from qingtian.base.errors import QingtianError, Term

FORMS = ("html", "json", "csv")
NAMED = 12
"""So many of the values that there are stand in a refusal."""
SHOWN = 40
"""So many characters of what was asked for stand in it."""
HIGHEST, FIRST_YEAR = 999_999_999, 2000
"""The last whole number that anything may ask for; the first year of which anything is kept."""
Query = Mapping[str, str]


class AskedUnknown(QingtianError):
    code = "web.asked_unknown"
    zh = "网址中的“{name}={value}”无法识别：{wanted}。没有查询任何内容，请改正网址，或回到页面重新选择。"
    en = "The address says “{name}={value}”, which is not known here: {wanted}. Nothing was looked up; correct the "
    en += "address, or go back and choose again."


def unknown(name: str, value: str, zh: str, en: str) -> AskedUnknown:
    """Return the refusal of a parameter; ``zh`` and ``en`` say what it has to be."""
    return AskedUnknown(name=name, value=value[:SHOWN], wanted=Term(zh=zh, en=en))


def option(query: Query, name: str, known: Iterable[str], *, usual: str = "") -> str:
    """Return the value of a parameter, one of ``known``; ``usual`` if it is empty or not there.

    :raises AskedUnknown: if it is any other.
    """
    value = query.get(name, "")
    if not value:
        return usual
    values = list(known)
    if value in values:
        return value
    if not values:
        raise unknown(name, value, "没有可选的值", "there is nothing to choose from")
    named, more = values[:NAMED], len(values) > NAMED
    zh = f"可用的值有 {'、'.join(named)}{f' 等 {len(values)} 个' if more else ''}"
    raise unknown(name, value, zh, f"it can be {', '.join(named)}{f' or {len(values) - NAMED} others' if more else ''}")


def needed(query: Query, name: str, zh: str, en: str) -> str:
    """Return the value of a parameter that has to be there; ``zh`` and ``en`` say what it is.

    :raises AskedUnknown: if it is empty or not there.
    """
    value = query.get(name, "").strip()
    if not value:
        raise unknown(name, "", zh, en)
    return value


def day(query: Query, name: str) -> date | None:
    """Return the day of a parameter, None if it is empty or not there.

    :raises AskedUnknown: if it says anything else.
    """
    value = query.get(name, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise unknown(name, value, "应为日期，如 2026-12-01", "it has to be a day such as 2026-12-01") from error


def whole(query: Query, name: str, *, first: int, last: int = HIGHEST, usual: int) -> int:
    """Return a whole number from ``first`` to ``last`` (both included), ``usual`` if it is empty or not there.

    :raises AskedUnknown: if it is any other, or none.
    """
    value = query.get(name, "")
    if not value:
        return usual
    known = value.isascii() and value.isdigit() and len(value) <= len(str(HIGHEST))
    if known and first <= int(value) <= last:
        return int(value)
    zh, en = f"应为 {first} 至 {last} 的整数", f"it has to be a whole number from {first} to {last}"
    raise unknown(name, value, zh, en)


def year(query: Query, *, last: int, usual: int) -> int:
    """Return the year of the parameter ``year``, ``usual`` if it is empty or not there.

    :raises AskedUnknown: if it is none in which anything was monitored, or is to come after ``last``.
    """
    return whole(query, "year", first=FIRST_YEAR, last=last, usual=usual)


def form(query: Query) -> str:
    """Return in which form the answer is wanted: ``html``, ``json`` or ``csv``.

    :raises AskedUnknown: if it is another.
    """
    return option(query, "format", FORMS, usual="html")
