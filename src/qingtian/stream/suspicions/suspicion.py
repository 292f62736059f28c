"""A suspicion 疑点: what looks wrong, where, when, how heavily it weighs, with evidence for people and for machines.

It never says that somebody falsified anything: it says what the values do and what a person should check.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.base.units import printed
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run
from qingtian.stream.suspicions.series import Column, Floats, Series

MOST_POINTS = 240
AROUND = 24
"""Rows shown before and after the run, so that one sees what is usual."""

ALARM = 0.5
"""From this weight on a suspicion is an alarm; below it is a clue that the board shows but nobody is told of."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A small picture as data: values of the excerpt (None: missing), every ``period`` µs from ``start``; run marked.

    ``lines`` are further curves or levels by their name in both languages; ``bands`` pairs of lower and upper curves.
    ``facility``: of which unit it is the channel, as the factor table does not name it.
    """

    factor: str
    unit: str
    start: int
    period: int
    values: Sequence[float | None]
    marked: tuple[int, int]
    lines: Sequence[Mapping[str, object]] = ()
    bands: Sequence[Mapping[str, object]] = ()
    facility: str | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "factor": self.factor,
            "unit": self.unit,
            "start": _iso(self.start),
            "period_s": self.period // times.MICROSECONDS,
            "values": list(self.values),
            "marked": [_iso(self.marked[0]), _iso(self.marked[1])],
            "lines": [dict(line) for line in self.lines],
            "bands": [dict(band) for band in self.bands],
            **({"facility": self.facility} if self.facility else {}),
        }


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """``start`` and ``end`` (exclusive) in µs since 1970 UTC; ``weight`` of evidence from 0 to 1, no probability."""

    detector: str
    version: str
    outlet: str
    factors: tuple[str, ...]
    start: int
    end: int
    weight: float
    zh: str
    en: str
    numbers: Mapping[str, float | int | str]
    charts: tuple[Chart, ...] = field(default_factory=tuple)

    @property
    def id(self) -> str:
        """The same by what, where and when: in every replay and from every cut."""
        return deterministic(self.detector, self.version, self.outlet, *self.factors, self.start)

    def message(self) -> dict[str, object]:
        """Return it as JSON values, times ISO 8601 with zone."""
        return {
            "id": self.id,
            "detector": self.detector,
            "detector_version": self.version,
            "outlet": self.outlet,
            "factors": list(self.factors),
            "start": _iso(self.start),
            "end": _iso(self.end),
            "weight": self.weight,
            "evidence": {
                "zh": self.zh,
                "en": self.en,
                "numbers": dict(self.numbers),
                "charts": [chart.as_dict() for chart in self.charts],
            },
        }


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A curve (one value a row of the series) or a level beside the values: its name in both languages."""

    zh: str
    en: str
    values: Floats | float
    upper: Floats | float | None = None
    """Given: a band between ``values`` and ``upper``."""


def suspect(
    series: Series,
    rules: Rules,
    *,
    run: Run,
    columns: Sequence[Column],
    weight: float,
    said: str,
    numbers: Mapping[str, float | int | str],
    drawn: Sequence[Drawn] = (),
) -> Suspicion:
    """Word and draw a suspicion. ``said`` is a key of the detector's words; ``numbers`` fill the sentence's places.

    Besides ``numbers`` a sentence may name {factor}, {start}, {end}, {rows}, {period} and {unit}. A suspicion that is
    not asked for stays without words and pictures.
    """
    figures = {name: _rounded(name, number) for name, number in numbers.items()}
    start, end = series.start + run.first * series.period, series.start + run.last * series.period
    bare = Suspicion(
        detector=rules.manifest.code,
        version=rules.manifest.version,
        outlet=series.outlet,
        factors=tuple(column.code for column in columns),
        start=start,
        end=end,
        weight=round(min(max(weight, 0.0), 1.0), 3),
        zh="",
        en="",
        numbers=figures,
    )
    if not series.is_asked(run.first):
        return bare
    places = {
        "start": _clock(start),
        "end": _clock(end),
        "rows": len(run),
        "unit": printed(_unit(columns[0])) if columns else "",
    }
    charts = (_chart(series, run, column, drawn if place == 0 else ()) for place, column in enumerate(columns[:3]))
    return replace(
        bare,
        zh=_sentence(rules, "zh", said, series, columns, {**places, **figures}),
        en=_sentence(rules, "en", said, series, columns, {**places, **figures}),
        charts=tuple(charts),
    )


WITHOUT_UNIT = ("dimensionless", "无量纲")
"""What the table of factors calls pH and the like."""

PERIODS = {
    "zh": {"minute": "分钟", "hour": "小时", "day": "日"},
    "en": {"minute": "minute", "hour": "hour", "day": "day"},
}
GAP = re.compile(r" (?=[ ;,.()])")
"""What a unit that is not known leaves behind in a sentence."""

JOINED = {"zh": "、", "en": ", "}


def _sentence(
    rules: Rules, language: str, said: str, series: Series, columns: Sequence[Column], places: Mapping[str, object]
) -> str:
    names = JOINED[language].join(getattr(column, language) or column.code for column in columns)
    template: str = rules.manifest.words[language][said]
    text = template.format_map({**places, "factor": names, "period": PERIODS[language][series.step]})
    return text if places["unit"] else GAP.sub("", text)


def _unit(column: Column) -> str:
    """A number without a unit is said as a number."""
    return "" if column.unit in WITHOUT_UNIT else column.unit


def _chart(series: Series, run: Run, column: Column, drawn: Sequence[Drawn]) -> Chart:
    first, last = max(run.first - AROUND, 0), min(run.last + AROUND, series.rows)
    every = max(1, math.ceil((last - first) / MOST_POINTS))
    rows = slice(first, last, every)
    return Chart(
        factor=column.code,
        unit=_unit(column),
        start=series.start + first * series.period,
        period=series.period * every,
        values=_plain(column.values[rows]),
        marked=(series.start + run.first * series.period, series.start + run.last * series.period),
        facility=column.facility,
        lines=[{"zh": d.zh, "en": d.en, "values": _curve(d.values, rows)} for d in drawn if d.upper is None],
        bands=[
            {"zh": d.zh, "en": d.en, "lower": _curve(d.values, rows), "upper": _curve(d.upper, rows)}
            for d in drawn
            if d.upper is not None
        ],
    )


def _curve(values: Floats | float, rows: slice) -> float | list[float | None]:
    return _plain(values[rows]) if isinstance(values, np.ndarray) else float(values)


def _plain(values: Floats) -> list[float | None]:
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values.tolist()]


def _rounded(name: str, number: float | int | str) -> float | int | str:
    """Values keep the digits that analysers print; a per cent is no measurement."""
    digits = 2 if name == "percent" else 6
    return float(f"{number:.{digits}g}") if isinstance(number, float) else number


def _clock(microseconds: int) -> str:
    return times.from_microseconds(microseconds).strftime("%Y-%m-%d %H:%M")


def _iso(microseconds: int) -> str:
    return times.from_microseconds(microseconds).isoformat()


def graded(value: float, *, alarm: float, certain: float) -> float:
    """Return the weight of a figure: `ALARM` at ``alarm``, 0.95 from ``certain`` on, a straight line between."""
    part = (value - alarm) / max(certain - alarm, 1e-9)
    return ALARM + (0.95 - ALARM) * min(max(part, 0.0), 1.0)
