"""A window explains itself: how its value was made, step by step, with the numbers, Chinese and English (计算过程)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from qingtian.base import times
from qingtian.base.units import printed
from qingtian.law.rounding import decimals_of
from qingtian.stream.hj212.factors import factor
from qingtian.stream.periods import parameters
from qingtian.stream.periods.parameters import MEDIAN
from qingtian.stream.periods.wording import factor_name, number, tidied

Step = tuple[str, Mapping[str, Any]]


@cache
def words(language: str) -> Mapping[str, Any]:
    """Return the words of a language, ``zh`` or ``en``."""
    document = yaml.safe_load((files("qingtian.stream.periods") / "steps.yaml").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = document[language]
    return found


def explain(window: Mapping[str, Any], language: str, *, limit: Mapping[str, Any] | None = None) -> list[str]:
    """Return the steps of one window (a row of `api.windows`), and of its comparison with a ``limit`` of the plan."""
    own = words(language)
    steps = [*_steps(window), *(_comparison(window, limit) if limit else ())]
    return [tidied(own[name].format(**_shown(places, own, language))) for name, places in steps]


def _steps(window: Mapping[str, Any]) -> Iterator[Step]:
    yield f"taken_{_kind(window)}", window
    if window["excluded"]:
        yield "excluded", window
    if window["own"] is not None:
        yield _mean(window), window
    if window["reported"] is not None:
        yield "reported", window
    if not window["valid"]:
        yield "invalid", window
        return
    if window["period"] == "hour" and window["value"] == 0 and min(_averages(window), default=0.0) < 0:
        yield "negative", window
    yield "chosen", window
    if window["exempt"]:
        yield "exempt", window
    yield from _conversion(window)
    yield from _amount(window)
    if window["corrected"]:
        yield "corrected", window


def _averages(window: Mapping[str, Any]) -> list[float]:
    return [window[name] for name in ("own", "reported") if window[name] is not None]


def _kind(window: Mapping[str, Any]) -> str:
    if window["period"] in ("day", "month"):
        return "hours"
    # an hour that counts without a single minute does so by the flag of its record
    return "flag" if window["period"] == "hour" and window["valid"] and not window["covered"] else "minutes"


def _mean(window: Mapping[str, Any]) -> str:
    day = times.from_microseconds(times.to_microseconds(window["data_time"])).date()
    if parameters.at(day).role(window["factor"]) == MEDIAN:
        return "median"
    return "weighted" if window["weighted"] else "arithmetic"


def _conversion(window: Mapping[str, Any]) -> Iterator[Step]:
    if window["reference_oxygen"] is None or window["period"] not in ("hour", "day"):
        return
    if window["converted"] is None:
        yield "not_converted", window
    elif window["period"] == "day":
        yield "converted_day", window
    elif window["own_converted"] is not None:
        yield "converted", window
        if window["reported_converted"] is not None:
            yield "converted_reported", window


def _amount(window: Mapping[str, Any]) -> Iterator[Step]:
    if window["amount"] is not None and window["volume"] is not None:
        yield f"amount_{window['medium']}" if window["period"] == "hour" else "amount_sum", window


def _comparison(window: Mapping[str, Any], limit: Mapping[str, Any]) -> Iterator[Step]:
    """Tell the rounding to the limit's decimals (GB/T 8170, half to even) and what it says."""
    value = window["converted" if limit["measure"].startswith("Zs") else "value"]
    bound = limit["upper"] if limit["upper"] is not None else limit["lower"]
    if value is None or not window["valid"]:
        return
    rounded = round_half_even(value, decimals_of(bound, limit["printed"]))
    sides = (("beyond", limit["upper"], 1), ("below", limit["lower"], -1))
    apart = [name for name, edge, sign in sides if edge is not None and sign * (rounded - Decimal(repr(edge))) > 0]
    step = apart[0] if apart else "within"
    yield step, {**window, "judged": value, "rounded": f"{rounded:f}", **limit, "printed": printed(limit["printed"])}


def round_half_even(value: float, decimals: int) -> Decimal:
    """Round as GB/T 8170 asks (四舍六入五成双); negative ``decimals`` round to tens, hundreds."""
    return Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def _shown(places: Mapping[str, Any], own: Mapping[str, Any], language: str) -> dict[str, str]:
    known = factor(places["factor"])
    shown = {name: number(value) if isinstance(value, float) else str(value) for name, value in places.items()}
    unit = places.get("unit") or (known.unit if known else "") or ""
    return shown | {
        "name": factor_name(places["factor"], language),
        "unit": "" if unit == "dimensionless" else printed(unit),
        "excluded": _excluded(str(places["excluded"]), own),
        "reason": own["reasons"].get(places["reason"], places["reason"]),
    }


def _excluded(counted: str, own: Mapping[str, Any]) -> str:
    """Spell counters out: ``M16 C3`` → 维护 16, 校准 3."""
    parts = re.findall(r"([A-Za-z?_]+?)(\d+)", counted)
    return str(own["and"]).join(f"{own['left_out'].get(name, name)} {count}" for name, count in parts)
