"""Data captured 数据捕集率 of a device by month and quarter: told when the span is over, and before that when what is
left of it cannot mend it. Pure.

Told by day, from the days of the span and `LEAD` before its quarter: a series is due from its first day there, a device
from the day after it came on line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.law import rules
from qingtian.stream.confirming import words
from qingtian.stream.confirming.ground import DAY, Ground, band_of, day_floor
from qingtian.stream.confirming.said import DAY_DATA, Shown
from qingtian.stream.hj212.factors import factor as factor_named
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.api import Excuse, beijing_start
from qingtian.stream.suspicions.suspicion import Chart

LEVEL, VERSION = "capture", "1"
LEAD = timedelta(days=31)
EXCUSING = ("stopped", "exempt")
MONTHS = {"month": 1, "quarter": 3}

Message = dict[str, Any]


@dataclass(frozen=True, kw_only=True, order=True)
class Span:
    """A month or quarter: Beijing days [start, end)."""

    start: date
    end: date
    period: str

    @property
    def rule(self) -> rules.Rule:
        """The row of rules/periods/capture.yaml in force on its first day."""
        (found,) = [one for one in rules.table("periods/capture").at(self.start) if one["period"] == self.period]
        return found

    @property
    def lead(self) -> date:
        """The first day whose data tell it."""
        return _begin(self.start, "quarter") - LEAD


def detectors() -> list[str]:
    """Return the codes under which it is told."""
    return sorted({str(rule["detector"]) for rule in rules.table("periods/capture")})


def spans(first: int, last: int, *, horizon: int) -> list[Span]:
    """Return the months and quarters that a day which is over, of those that begin in ``[first, last)`` µs, lies in."""
    begin, end = _over(first, last, horizon)
    return [one for one in _begun(begin, end) if one.end > begin]


def touched(first: int, last: int, *, horizon: int) -> list[Span]:
    """Return the months and quarters that such a day bears on: also those behind it, begun by the horizon, in whose
    `Span.lead` it lies, for a series is due from its first day known."""
    begin, end = _over(first, last, horizon)
    until = min(_later(_begin(end + LEAD, "quarter"), 3), times.from_microseconds(day_floor(horizon)).date())
    return [one for one in _begun(begin, until) if one.end > begin and one.lead < end] if begin < end else []


def _over(first: int, last: int, horizon: int) -> tuple[date, date]:
    """Return the days [first, last) that begin in ``[first, last)`` µs and are over."""
    begin, end = day_floor(first), min(day_floor(last + DAY - 1), day_floor(horizon))
    return times.from_microseconds(begin).date(), times.from_microseconds(end).date()


def _begun(first: date, until: date) -> list[Span]:
    """Return the months and quarters that begin before ``until``, from the quarter of ``first`` on; none if that is
    not before it."""
    found, month = list[Span](), _begin(first, "quarter")
    while first < until and month < until:
        for rule in rules.table("periods/capture").at(month):
            period = str(rule["period"])
            if month == _begin(month, period):
                found.append(Span(start=month, end=_later(month, MONTHS[period]), period=period))
        month = _later(month, 1)
    return sorted(found)


def _begin(day: date, period: str) -> date:
    months = MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _later(first: date, months: int) -> date:
    place = first.year * 12 + first.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def findings(windows: pl.DataFrame, ground: Ground, *, span: Span, outlets: set[str]) -> list[Message]:
    """Return one message for each device of these outlets that falls short, in the order of the plan.

    ``windows``: days (`lake.windows.OF_DAYS`) from `Span.lead` to the span's end, as far as they exist.
    """
    if not len(windows):
        return []
    until = min(span.end, times.from_microseconds(day_floor(ground.horizon)).date())
    days = _whole(periods.by_day(windows), ground).filter(pl.col("date") >= span.lead, pl.col("date") < until)
    excuses = [one for one in _excuses(ground, span) if one.outlet in outlets]
    months = periods.by_series(days, until=until, excuses=excuses, months_from=span.start)
    summed = months.group_by("outlet", "mn", "factor").agg(pl.col("due", "counted").sum()).sort("mn", "factor")
    by_device = summed.partition_by("outlet", "mn", as_dict=True, maintain_order=True)
    return [
        message
        for outlet in ground.plan.outlets
        if outlet.code in outlets
        for mn in sorted(outlet.mns)
        if (outlet.code, mn) in by_device
        for message in _of_device(by_device[outlet.code, mn], days, ground, span, until, excuses)
    ]


def _whole(days: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Leave out the day on which a device came on line: its hours before that were not due."""
    online = {mn: times.from_microseconds(at).date() for mn, at in ground.since.items()}
    first = pl.col("mn").replace_strict(online, default=None, return_dtype=pl.Date)
    return days.filter(first.is_null() | (pl.col("date") > first)) if online else days


def _excuses(ground: Ground, span: Span) -> Iterator[Excuse]:
    """Yield what marks on all factors of an outlet take from what is due."""
    effects = {
        (rule["class"], rule["label"]): rule["effect"] for rule in rules.table("periods/mark_effects").at(span.start)
    }
    start, end = (times.from_microseconds(beijing_start(day)) for day in (span.start, span.end))
    for mark in ground.marks:
        whole = mark.factors is None and mark.mn is None and effects.get((mark.kind, mark.label)) in EXCUSING
        if whole and mark.start < end and mark.end > start:
            yield Excuse(outlet=mark.outlet, start=max(mark.start, start), end=min(mark.end, end))


@dataclass(frozen=True, kw_only=True)
class Short:
    """A series that falls short: hours due and valid so far, and what is left of the span."""

    factor: str
    due: int
    counted: int
    rest: int

    @property
    def rate(self) -> float:
        return self.counted / self.due

    @property
    def best(self) -> float:
        """The rate if all that is left is valid."""
        return (self.counted + self.rest) / (self.due + self.rest)


def _of_device(
    series: pl.DataFrame, days: pl.DataFrame, ground: Ground, span: Span, until: date, excuses: Sequence[Excuse]
) -> Iterator[Message]:
    rule, rest = span.rule, (span.end - until).days * 24
    known = [
        Short(factor=factor, due=due, counted=counted, rest=rest)
        for factor, due, counted in series.select("factor", "due", "counted").iter_rows()
        if due >= rule["least_hours"]
    ]
    short = sorted((one for one in known if one.best < rule["line"]), key=lambda one: (one.best, one.factor))
    if short:
        outlet, mn = series.row(0)[:2]
        mine = days.filter(pl.col("mn") == mn, pl.col("factor") == short[0].factor)
        chart = _chart(mine, short[0], span, until, [one for one in excuses if one.outlet == outlet])
        yield _message(short, ground, span, until, outlet=outlet, mn=mn, chart=chart)


def _message(
    short: Sequence[Short], ground: Ground, span: Span, until: date, *, outlet: str, mn: str, chart: Chart
) -> Message:
    rule, worst, over = span.rule, short[0], until >= span.end
    start, end = beijing_start(span.start), beijing_start(until)
    weight = float(rule["over" if over else "early"])
    told = {language: _sentence(short, span, until, language) for language in ("zh", "en")}
    numbers = {**vars(worst), "rate": round(worst.rate, 4), "best": round(worst.best, 4), "line": rule["line"]}
    return Shown(
        finding=deterministic(LEVEL, VERSION, outlet, mn, span.period, span.start.isoformat()),
        detector=rule["detector"],
        version=VERSION,
        level=LEVEL,
        cn=DAY_DATA,
        outlet=outlet,
        mn=mn,
        factor="",
        factors=[one.factor for one in short],
        period=span.period,
        band=band_of(weight, at=start),
        weight=weight,
        begins=start,
        last=end - DAY,
        end=end,
        running=not over,
        known=min(end, ground.horizon),
        count=worst.due - worst.counted,
        evidence={**told, "numbers": numbers, "charts": [chart.as_dict()]},
    ).message(ground)


def _sentence(short: Sequence[Short], span: Span, until: date, language: str) -> str:
    worst, line = short[0], float(span.rule["line"])
    month = span.start.month
    named = words.sentence(span.period, language, year=span.start.year, month=month, quarter=(month + 2) // 3)
    factors = {"zh": "、", "en": ", "}[language].join(_named(one.factor, language) for one in short)
    return words.sentence(
        "capture_over" if until >= span.end else "capture_early",
        language,
        span=named,
        line=f"{100 * line:g}",
        factors=factors,
        factor=_named(worst.factor, language),
        due=worst.due,
        counted=worst.counted,
        rate=_percent(worst.rate),
        lacking=-int(-(line * worst.due - worst.counted) // 1),
        until=until.isoformat(),
        rest=worst.rest,
        best=_percent(worst.best),
    )


def _percent(share: float) -> str:
    """Round down: what is below a line is not said to be on it."""
    return f"{int(share * 1000) / 10:.1f}"


def _named(code: str, language: str) -> str:
    known = factor_named(code)
    return known.name(language) if known else code


def _chart(days: pl.DataFrame, worst: Short, span: Span, until: date, excuses: Sequence[Excuse]) -> Chart:
    """Draw which part of each day's hours due is valid; of a day of which nothing was heard, none."""
    shares = {
        day: 100 * counted / due if due else None
        for day, due, counted in days.select("date", "due", "counted").iter_rows()
    }
    since: date = min(shares, default=until)
    hours: dict[date, int] = {}
    for excuse in excuses:
        for day, _ in periods.hours_of(excuse):
            hours[day] = hours.get(day, 0) + 1
    every = [span.start + timedelta(days=number) for number in range((until - span.start).days)]
    silent: Mapping[date, float | None] = {
        day: None if day < since or hours.get(day, 0) >= 24 else 0.0 for day in every
    }
    return Chart(
        factor=worst.factor,
        unit="%",
        start=beijing_start(span.start),
        period=DAY,
        values=[None if (share := shares.get(day, silent[day])) is None else round(share, 1) for day in every],
        marked=(beijing_start(span.start), beijing_start(until)),
        lines=[{"zh": "应达到", "en": "to be reached", "values": 100 * float(span.rule["line"])}],
    )
