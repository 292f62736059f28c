"""When a confirmed exceedance has ended 超标结束: a later window of the same series that is judged and within. Pure.

What a finding says never changes by it; it only gets an end. Which windows end it, and after how many of them, is
``rules/periods/recovery.yaml``: windows that are not valid, or exempt, say nothing of it either way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.law import rules
from qingtian.stream.periods import criteria, wording
from qingtian.stream.periods.judgement import BEIJING, held
from qingtian.stream.periods.plan import PeriodPlan

SERIES = ("outlet", "mn", "factor", "period")
JUDGED = (*SERIES, "data_time", "period_end", "value", "converted", "low", "high", "valid", "exempt")
"""What of a window tells whether it is within its limits."""

DAY = 24 * 3600 * times.MICROSECONDS

Message = Mapping[str, Any]
Series = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A judged window, or a day of those that count together: [start, end) µs; ``value`` if one number is judged."""

    start: int
    end: int
    exceeds: bool
    value: float | None


def look_ahead() -> int:
    """Return the longest stretch behind a finding (µs) in which any rule lets it end."""
    return max(int(rule["look_days"]) for rule in rules.table("periods/recovery")) * DAY


def with_ends(messages: Iterable[Message], windows: pl.DataFrame, plan: PeriodPlan, *, horizon: int) -> list[Message]:
    """Return confirmed findings with ``running``, ``end`` and ``recovery`` (both None while it goes on).

    ``windows``: those of the findings' series for `look_ahead` behind each, as far as they are closed (``horizon`` µs).

    :raises qingtian.law.rules.RuleRefused: if a rule file cannot be used.
    """
    asked = list(messages)
    if not asked:
        return []
    verdicts = _verdicts(_of_series(windows, {_series(one)[:4] for one in asked}), plan, horizon=horizon)
    tracks: dict[tuple[Series, int], Track] = {}
    return [_with_end(one, verdicts, tracks) for one in asked]


def _series(message: Message) -> Series:
    """Return what is followed: a series, and whether its windows count one by one or together."""
    return (*(message[name] for name in SERIES), int(message["count"]) > 1)


def _of_series(windows: pl.DataFrame, wanted: Iterable[Series]) -> pl.DataFrame:
    named = pl.DataFrame(sorted(wanted), schema=dict.fromkeys(SERIES, pl.String), orient="row")
    return windows.select(JUDGED).join(named, on=list(SERIES), how="semi").sort("data_time")


def _verdicts(windows: pl.DataFrame, plan: PeriodPlan, *, horizon: int) -> dict[Series, list[Verdict]]:
    """Return what was judged of each series, in the order of time."""
    dated = windows.with_columns(day=pl.col("data_time").dt.convert_time_zone(BEIJING).dt.date())
    found: dict[Series, list[Verdict]] = {}
    for (day,), part in dated.group_by("day", maintain_order=True):
        assert isinstance(day, date)
        compared = held(part, criteria.at(plan, day, outlets=set(part["outlet"])))
        singly, together = (compared.filter((pl.col("at_least") > 1) == many) for many in (False, True))
        _gather(found, _each(singly), together=False)
        if times.to_microseconds(datetime.combine(day, datetime.min.time(), times.BEIJING)) + DAY <= horizon:
            _gather(found, _whole_days(together), together=True)
    return found


def _each(compared: pl.DataFrame) -> pl.DataFrame:
    mean = pl.when(pl.col("measure").str.starts_with("Zs")).then("converted").otherwise("value")
    return compared.group_by(*SERIES, "data_time", maintain_order=True).agg(
        end=pl.col("period_end").first(),
        exceeds=(pl.col("over") | pl.col("under")).any(),
        value=pl.when(pl.col("each_value").any()).then(None).otherwise(mean.first()),
    )


def _whole_days(compared: pl.DataFrame) -> pl.DataFrame:
    """Return one row a day and series: whether so many windows exceed a limit that together they count."""
    by_limit = compared.group_by(*SERIES, "limit", maintain_order=True).agg(
        data_time=pl.col("data_time").min(),
        end=pl.col("period_end").max(),
        exceeds=(pl.col("over") | pl.col("under")).sum() >= pl.col("at_least").first(),
    )
    return by_limit.group_by(*SERIES, maintain_order=True).agg(
        data_time=pl.col("data_time").min(),
        end=pl.col("end").max(),
        exceeds=pl.col("exceeds").any(),
        value=pl.lit(None, pl.Float64),
    )


def _gather(found: dict[Series, list[Verdict]], rows: pl.DataFrame, *, together: bool) -> None:
    for row in rows.iter_rows(named=True):
        verdict = Verdict(
            start=times.to_microseconds(row["data_time"]),
            end=times.to_microseconds(row["end"]),
            exceeds=row["exceeds"],
            value=row["value"],
        )
        found.setdefault((*(row[name] for name in SERIES), together), []).append(verdict)


def _with_end(
    message: Message, verdicts: Mapping[Series, Sequence[Verdict]], tracks: dict[tuple[Series, int], Track]
) -> dict[str, Any]:
    start = times.to_microseconds(datetime.fromisoformat(message["data_time"]))
    day = times.from_microseconds(start).date()
    (rule,) = [one for one in rules.table("periods/recovery").at(day) if one["period"] == message["period"]]
    series, within = _series(message), int(rule["within"])
    if (series, within) not in tracks:
        tracks[series, within] = Track.of(verdicts.get(series, ()), within=within)
    # a warning before enough came together is over with its own day, if they did not
    until = start + int(rule["look_days"]) * DAY
    last = tracks[series, within].ended(start, until=until, own=bool(message.get("early")))
    if last is None:
        return {**message, "running": True, "end": None, "recovery": None}
    told = {language: wording.ended(message, language, at=last.start, value=last.value) for language in ("zh", "en")}
    recovery = {"data_time": times.from_microseconds(last.start).isoformat(), "value": last.value, **told}
    return {**message, "running": False, "end": times.from_microseconds(last.end).isoformat(), "recovery": recovery}


@dataclass(frozen=True, kw_only=True)
class Track:
    """A series' verdicts in the order of time; ``next_end``: by place the first from there on that ends something,
    being the last of ``within`` in a row that do not exceed (None: none). An outlet that exceeds for weeks asks often.
    """

    verdicts: Sequence[Verdict]
    starts: Sequence[int]
    within: int
    next_end: Sequence[int | None]

    @classmethod
    def of(cls, verdicts: Sequence[Verdict], *, within: int) -> Track:
        streaks: list[int] = []
        for one in verdicts:
            streaks.append(0 if one.exceeds else (streaks[-1] if streaks else 0) + 1)
        found: list[int | None] = [None] * (len(verdicts) + 1)
        for place in range(len(verdicts) - 1, -1, -1):
            found[place] = place if streaks[place] >= within else found[place + 1]
        return cls(verdicts=verdicts, starts=[one.start for one in verdicts], within=within, next_end=found)

    def ended(self, start: int, *, until: int, own: bool) -> Verdict | None:
        """Return the window before ``until`` µs that ended what began at ``start`` µs; ``own``: its own may."""
        behind = bisect_right(self.starts, start)
        if own and behind and self.verdicts[behind - 1].end > start:
            behind -= 1
        first = behind + self.within - 1
        place = self.next_end[first] if first < len(self.next_end) else None
        found = None if place is None else self.verdicts[place]
        return found if found is not None and found.start < until else None
