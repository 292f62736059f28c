"""The score of a case file under review 案卷评查得分, by the tables of the rule (rules/file_review). Pure.

Score = 50 + [50 × points ÷ standard points of the items that apply − basic deductions] + bonus; zero with any major
problem (环执法发〔2024〕4号). A sheet is lines of text, as a reviewer would write them: ``立案：2``,
``听证笔录：不适用``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from qingtian.base.errors import QingtianError, Term
from qingtian.law import rules
from qingtian.law.rules import Rule

ITEMS, DEDUCTIONS, MAJOR = "file_review/items", "file_review/deductions", "file_review/major"
NOT_APPLICABLE = "不适用"
BASE, SHARE = Decimal(50), Decimal(50)
CENT = Decimal("0.01")
LINE = re.compile(r"^(?P<item>.+?)\s*[:：]\s*(?P<points>\S+)$")


class SheetRefused(QingtianError):
    code = "file_review.sheet_refused"
    zh = "评分表不能计算：{why}。请按评分表逐项改正。"
    en = "The sheet cannot be reckoned: {why}. Correct it item by item."


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a sheet comes to. ``steps``: how, sentence by sentence, in Chinese as it stands on the sheet."""

    standard: Decimal
    points: Decimal
    deducted: Decimal
    major: int
    score: Decimal
    steps: tuple[str, ...]


def rows(table: str, *, sort: str, day: date) -> tuple[Rule, ...]:
    """Return the rows of one of the tables; of the items those for this sort of file."""
    return tuple(row for row in rules.table(table).at(day) if row.get("sort") in (None, sort))


def scored(sort: str, points: Sequence[str], deductions: Sequence[str], major: Sequence[str], *, day: date) -> Score:
    """Reckon a sheet.

    :raises SheetRefused: if an item is left out, has too many points, or is none of the table.
    """
    items = rows(ITEMS, sort=sort, day=day)
    given = _read(points, items)
    left = [row["zh"] for row in items if row["item"] not in given and not row.get("bonus")]
    if left:
        names = "、".join(left)
        raise _refused(f"{names}没有评分，也没有写明不适用", f"{names} have no points and are not marked as 不适用")
    taken = _read(deductions, rows(DEDUCTIONS, sort=sort, day=day))
    found = _major(major, rows(MAJOR, sort=sort, day=day))
    return _reckoned(items, given, taken, found)


def _reckoned(
    items: Sequence[Rule], given: dict[str, Decimal | None], taken: dict[str, Decimal | None], found: Sequence[Rule]
) -> Score:
    apply = [row for row in items if not row.get("bonus") and given[row["item"]] is not None]
    standard = sum((Decimal(row["points"]) for row in apply), Decimal(0))
    if not standard:
        raise _refused("没有一项适用", "no item applies")
    sums = Sums(
        standard=standard,
        points=sum((given[row["item"]] or Decimal(0) for row in apply), Decimal(0)),
        deducted=sum((value or Decimal(0) for value in taken.values()), Decimal(0)),
        bonus=sum((given.get(row["item"]) or Decimal(0) for row in items if row.get("bonus")), Decimal(0)),
    )
    out = [row["zh"] for row in items if row not in apply and not row.get("bonus")]
    steps = list(_steps(sums, len(apply), out))
    if found:
        steps.append(f"有重大问题 {len(found)} 项（{'；'.join(row['zh'] for row in found)}）：整卷为 0 分")
    return Score(
        standard=sums.standard,
        points=sums.points,
        deducted=sums.deducted,
        major=len(found),
        score=Decimal(0) if found else sums.whole,
        steps=tuple(steps),
    )


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What the columns of a sheet come to."""

    standard: Decimal
    points: Decimal
    deducted: Decimal
    bonus: Decimal

    @property
    def share(self) -> Decimal:
        return (SHARE * self.points / self.standard).quantize(CENT, ROUND_HALF_EVEN)

    @property
    def whole(self) -> Decimal:
        return max(BASE + self.share - self.deducted + self.bonus, Decimal(0))


def _steps(sums: Sums, applying: int, out: Sequence[str]) -> Iterator[str]:
    standard, points, share = _told(sums.standard), _told(sums.points), _told(sums.share)
    yield f"适用 {applying} 项，标准分合计 {standard} 分" + (f"；不适用：{'、'.join(out)}" if out else "")
    yield f"项目得分合计 {points} 分，50 × {points} ÷ {standard} = {share}"
    plus = f" ＋ 加分 {_told(sums.bonus)}" if sums.bonus else ""
    yield f"50 ＋ {share} − 基本扣分 {_told(sums.deducted)}{plus} = {_told(sums.whole)} 分"


def _told(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _read(lines: Sequence[str], table: Sequence[Rule]) -> dict[str, Decimal | None]:
    """Return points by item; None: it does not apply."""
    found: dict[str, Decimal | None] = {}
    for line in lines:
        said = LINE.match(unicodedata.normalize("NFKC", line).strip())
        row = _named(said["item"], table) if said else None
        if said is None or row is None:
            known = "、".join(each["zh"] for each in table)
            raise _refused(f"“{line}”不是评分表的项目（{known}）", f"“{line}” is no item of the table ({known})")
        if row["item"] in found:
            raise _refused(f"“{row['zh']}”写了两次", f"“{row['zh']}” is there twice")
        found[row["item"]] = _points(said["points"], row)
    return found


def _named(item: str, table: Sequence[Rule]) -> Rule | None:
    return next((row for row in table if item in (row["zh"], row["en"], row["item"])), None)


def _points(text: str, row: Rule) -> Decimal | None:
    if text == NOT_APPLICABLE:
        return None
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= row["points"] or points != points.quantize(CENT):
        most = row["points"]
        raise _refused(
            f"“{row['zh']}”应为 0 至 {most} 分、至多两位小数，或者写明不适用，写的是“{text}”",
            f"“{row['zh']}” takes 0 to {most} points with at most two decimals, or 不适用; “{text}” was given",
        )
    return points


def _major(lines: Sequence[str], table: Sequence[Rule]) -> list[Rule]:
    found: dict[int, Rule] = {}
    for line in lines:
        row = next((row for row in table if line.strip() in (row["zh"], row["en"], str(row["item"]))), None)
        if row is None:
            raise _refused(f"“{line}”不是细则列出的重大问题", f"“{line}” is none of the major problems of the rule")
        found[row["item"]] = row
    return list(found.values())


def _refused(zh: str, en: str) -> SheetRefused:
    return SheetRefused(why=Term(zh=zh, en=en))
