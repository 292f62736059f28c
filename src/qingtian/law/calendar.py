"""The working days of mainland China: weekends, public holidays and adjusted working weekends 调休.

Source: the yearly notice of the State Council General Office (``rules/holidays.yaml``). A year without a notice has
weekends only, and every day of it is provisional. An administrator's override stands above both.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from qingtian.base.errors import QingtianError
from qingtian.law import rules
from qingtian.law.rules import Rule, RuleTable

ONE_DAY = timedelta(days=1)
SATURDAY = 5
SPRING_FESTIVAL = "春节"


class DayOutOfCalendar(QingtianError):
    code = "calendar.out_of_range"
    zh = "从 {day} 起算 {count} 个{unit_zh}，超出日历可表示的范围（公元1年至9999年）。请检查起算日期是否写错。"
    en = "{count} {unit} from {day} leave the calendar (years 1 to 9999). Check whether the start date is mistyped."


@dataclass(frozen=True, kw_only=True)
class DayKind:
    """Whether a day is worked, and why: the holiday's name, 周末, 工作日 or the administrator's override."""

    working: bool
    zh: str
    en: str


ORDINARY = DayKind(working=True, zh="工作日", en="working day")
WEEKEND = DayKind(working=False, zh="周末", en="weekend")
OVERRIDDEN = {
    True: DayKind(working=True, zh="管理员定为工作日", en="working day by the administrator's override"),
    False: DayKind(working=False, zh="管理员定为休息日", en="rest day by the administrator's override"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """What is known of each day. ``overrides`` maps a day to whether it is worked. Equal only to itself."""

    notices: Mapping[date, DayKind]
    official_years: frozenset[int]
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        if day in self.overrides:
            return OVERRIDDEN[self.overrides[day]]
        return self.notices.get(day) or (WEEKEND if day.weekday() >= SATURDAY else ORDINARY)

    def is_working_day(self, day: date) -> bool:
        return self.kind(day).working

    def is_provisional(self, day: date) -> bool:
        """Return whether no official notice (nor an override) says what ``day`` is."""
        return day.year not in self.official_years and day not in self.overrides

    def next_working_day(self, day: date) -> date:
        """Return ``day`` if it is worked, else the first working day after it."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """Return ``day`` if it is worked, else the last working day before it."""
        return day if self.is_working_day(day) else self.add_working_days(day, -1)

    def add_working_days(self, day: date, n: int) -> date:
        """Return the ``n``-th working day after ``day`` (before it if ``n`` is negative); ``day`` is not counted.

        Zero gives ``day`` itself, worked or not.

        :raises DayOutOfCalendar: if there is no such day between the years 1 and 9999.
        """
        left = abs(n)
        for found in days_from(day, backward=n < 0) if left else ():
            left -= self.is_working_day(found)
            if not left:
                return found
        if left:
            raise DayOutOfCalendar(day=day, count=n, unit="days", unit_zh="日")
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after ``start`` up to and with ``end``; negative if ``end`` is earlier."""
        first, last, sign = (start, end, 1) if start <= end else (end, start, -1)
        # counted towards the later of the two, or back towards the earlier: the day one starts from never counts
        shift = 1 if sign > 0 else 0
        days = (first + timedelta(days=number + shift) for number in range((last - first).days))
        return sign * sum(self.is_working_day(day) for day in days)


def days_from(day: date, *, backward: bool = False) -> Iterator[date]:
    """Yield the days after ``day`` one by one (or before it), to the end of the calendar."""
    step, end = (-ONE_DAY, date.min) if backward else (ONE_DAY, date.max)
    while day != end:
        day += step
        yield day


def add_days(day: date, n: int) -> date:
    """Return the day ``n`` calendar days after ``day``.

    :raises DayOutOfCalendar: if there is no such day between the years 1 and 9999.
    """
    try:
        return day + timedelta(days=n)
    except OverflowError:
        raise DayOutOfCalendar(day=day, count=n, unit="days", unit_zh="日") from None


def add_months(day: date, n: int) -> date:
    """Return the corresponding day ``n`` months later; a month without that day gives its last (民法典 202).

    :raises DayOutOfCalendar: if there is no such day between the years 1 and 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not date.min.year <= year <= date.max.year:
        raise DayOutOfCalendar(day=day, count=n, unit="months", unit_zh="月")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def from_table(table: RuleTable, *, overrides: Mapping[date, bool] | None = None) -> Calendar:
    """Make a calendar of notices: one row a day, with ``day``, ``kind`` (holiday or workday), ``zh`` and ``en``.

    A year is official when its Spring Festival is known: a notice may name a last day of December of the year
    before, which says nothing of the rest of that year.
    """
    notices = {rule["day"]: _kind(rule) for rule in table}
    years = frozenset(day.year for day, kind in notices.items() if kind.zh == SPRING_FESTIVAL)
    return Calendar(notices=notices, official_years=years, overrides=overrides or {})


def _kind(rule: Rule) -> DayKind:
    if rule["kind"] == "workday":
        return DayKind(working=True, zh=rule["zh"], en=f"make-up working day, {rule['en']}")
    return DayKind(working=False, zh=rule["zh"], en=rule["en"])


@cache
def _official() -> Calendar:
    return from_table(rules.table("holidays"))


def official(*, overrides: Mapping[date, bool] | None = None) -> Calendar:
    """Return the calendar of the State Council's notices, with an administrator's table of days on top."""
    known = _official()
    if not overrides:
        return known
    return Calendar(notices=known.notices, official_years=known.official_years, overrides=overrides)
