"""The sentences of a confirmed exceedance and of its end, Chinese and English; the words are ``words.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from qingtian.base import times
from qingtian.base.units import printed
from qingtian.stream.hj212.factors import factor

if TYPE_CHECKING:
    from qingtian.stream.periods.finding import PeriodFinding


@cache
def words(language: str) -> Mapping[str, Any]:
    """Return the words of a language, ``zh`` or ``en``."""
    document = yaml.safe_load((files("qingtian.stream.periods") / "words.yaml").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = document[language]
    return found


def opened(finding: PeriodFinding, language: str) -> str:
    """Return what was found, how the value was made, and what it supports."""
    own = words(language)
    text: str = own["counted" if finding.count > 1 else "opened"].format(
        factor=factor_name(finding.factor, language),
        when=when(finding.data_time, finding.period, language, counted=finding.count > 1),
        period=own["each" if finding.is_distance else "period"][finding.period],
        value=number(finding.value),
        unit=unit(finding.limit),
        how=_how(finding, own),
        bound=own["upper" if finding.over else "lower"],
        limit=number(finding.limit["upper" if finding.over else "lower"]),
        standard=finding.limit["standard"],
        over=_over(finding, own),
        count=finding.count,
        note=own["note"]["early" if finding.is_early else finding.support].format(
            wanted=finding.wanted, what=own["what"]["over" if finding.over else "below"]
        ),
    )
    return tidied(text)


def closed(message: Mapping[str, Any], language: str, *, why: str, now: float | None, reason: str) -> str:
    """Return why a finding that was told by ``message`` stands no longer; ``why`` names one of the words' reasons."""
    own = words(language)
    at = times.to_microseconds(datetime.fromisoformat(message["data_time"]))
    shown = {"now": number(now), "unit": unit(message["limit"]), "reason": own["reasons"].get(reason, reason)}
    text: str = own["closed"].format(
        factor=factor_name(message["factor"], language),
        when=when(at, message["period"], language, counted=message["count"] > 1),
        period=own["period"][message["period"]],
        value=number(message["value"]),
        unit=unit(message["limit"]),
        why=own["why"][why].format(**shown),
    )
    return tidied(text)


def ended(message: Mapping[str, Any], language: str, *, at: int, value: float | None) -> str:
    """Return by which later window (``at`` µs) what ``message`` tells has ended; ``value``: its own, if it has one."""
    own, since = words(language), times.to_microseconds(datetime.fromisoformat(message["data_time"]))
    together = message["count"] > 1
    text: str = own["ended_together" if together else "ended_each" if value is None else "ended"].format(
        factor=factor_name(message["factor"], language),
        since=when(since, message["period"], language, counted=together),
        when=when(at, message["period"], language, counted=together),
        period=own["period"][message["period"]],
        value=number(value),
        unit=unit(message["limit"]),
        what=own["what"]["below" if _is_below(message) else "over"],
    )
    return tidied(text)


def _is_below(message: Mapping[str, Any]) -> bool:
    """Say whether what was found lies below a lower limit."""
    lower, value = message["limit"].get("lower"), message["value"]
    return lower is not None and value is not None and value < lower


def when(at: int, period: str, language: str, *, counted: bool) -> str:
    """Return the day, or the day and the hours, of a window that begins ``at`` µs."""
    start = times.from_microseconds(at)
    day = f"{start.year}年{start.month}月{start.day}日" if language == "zh" else f"{start:%Y-%m-%d}"
    if period == "day" or counted:
        return day
    hour = f"{start.hour}时" if language == "zh" else f" {start:%H}:00"
    return day + (hour if period == "hour" else f" {start:%H:%M}")


def _how(finding: PeriodFinding, own: Mapping[str, Any]) -> str:
    window, how = finding.window, own["how"]
    # an hour that counts without a single minute does so by the flag of its record
    kind = "day" if finding.period == "day" else "hour" if window["n"] else "flag"
    text: str = how[kind].format(n=window["n"], due=window["due"])
    if window["weighted"]:
        text += how["weighted"]
    if finding.measure.startswith("Zs") and window["reference_oxygen"] is not None:
        known = {"reference": number(window["reference_oxygen"]), "oxygen": number(rounded(window["oxygen"], 2))}
        text += how["reference" if window["oxygen"] is None else "converted"].format(**known)
    return text


def _over(finding: PeriodFinding, own: Mapping[str, Any]) -> str:
    """Times over an upper limit; by how much below a lower one, and beyond either side of a band."""
    if finding.over and not finding.is_distance:
        return str(own["times"].format(times=number(round(finding.times_over, 3))))
    bound = finding.limit["upper" if finding.over else "lower"]
    apart, kind = number(abs(finding.value - bound)), "above" if finding.over else "short"
    return tidied(own[kind].format(apart=apart, unit=unit(finding.limit))).rstrip()


def number(value: float | None) -> str:
    """Write a number as short as it is, at most four decimals: 50.0 → 50."""
    if value is None:
        return ""
    return f"{round(value, 4):.4f}".rstrip("0").rstrip(".")


def rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def factor_name(code: str, language: str) -> str:
    """Return the factor's name in HJ 212-2017 annex B, the code itself if it is not there."""
    known = factor(code)
    return known.name(language) if known else code


def unit(limit: Mapping[str, Any]) -> str:
    found = str(limit.get("unit") or "")
    return "" if found in ("dimensionless", "无量纲") else printed(found)


def tidied(text: str) -> str:
    """Take out the blanks that an empty unit leaves."""
    return text.replace(" )", ")").replace(" ,", ",").replace(" .", ".").replace("  ", " ")
