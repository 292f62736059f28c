"""The arithmetic of a finding, made anew from its packets, the outlet's part of the plan and the marks. Pure.

The same functions make a package and check it offline: what the report says of a value can be worked out again from
the raw bytes by whoever holds the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.law import rules
from qingtian.law.rounding import decimals_of
from qingtian.office.evidence import packets as raw
from qingtian.office.evidence.packets import Packet
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.explain import round_half_even

CONFIRMED, SUSPICION = "confirmed", "suspicion"
SHOWN = ("data_time", "value", "converted", "own", "reported", "n", "covered", "valid", "reason", "excluded", "exempt")


def named_values(event: Mapping[str, Any], packets: Sequence[Packet]) -> list[dict[str, Any]]:
    """Return the values that an event names, each beside what its raw packet says and what rounding makes of it.

    ``holds``: the packet is there, its frame is whole, and it carries this very value.
    """
    at = {(packet.sequence, packet.index): packet for packet in packets}
    return [_named(event, told, at) for told in event["evidence"]["packets"]]


def _named(event: Mapping[str, Any], told: Mapping[str, Any], at: Mapping[tuple[int, int], Packet]) -> dict[str, Any]:
    packet = at.get((int(told["sequence"]), int(told["index"])))
    said = raw.segment(packet) if packet else None
    found = said.factors.get(str(event["factor"]), {}).get(str(event["measure"])) if said else None
    return {
        "sequence": told["sequence"],
        "index": told["index"],
        "qn": told["qn"],
        "data_time": told["data_time"],
        "flag": told.get("flag"),
        "value": told["value"],
        "in_packet": found,
        "holds": said is not None and found == told["value"] and said.qn == told["qn"],
        **compared(float(told["value"]), event),
    }


def compared(value: float, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value rounded to the decimals of the event's limit (GB/T 8170), and whether that is beyond it."""
    limit = event.get("limit")
    if not limit:
        return {"rounded": None, "beyond": None}
    upper, lower = limit["upper"], limit["lower"]
    over = upper is not None and _rounded(value, upper, event) > upper
    under = lower is not None and _rounded(value, lower, event) < lower
    bound = lower if under or upper is None else upper
    return {"rounded": _rounded(value, bound, event), "beyond": over or under}


def _rounded(value: float, bound: float, event: Mapping[str, Any]) -> float:
    day = datetime.fromisoformat(event["data_time"]).date()
    own = [rule.get("decimals") for rule in rules.table("periods/factors").at(day) if rule["factor"] == event["factor"]]
    decimals = max([decimals_of(bound, event["limit"]["printed"]), *(int(each) for each in own if each)])
    return float(round_half_even(value, decimals))


def days_of(event: Mapping[str, Any]) -> list[date]:
    """Return the Beijing days that a finding speaks of; what ended an exceedance is no part of it."""
    first = datetime.fromisoformat(event["since"]).astimezone(times.BEIJING)
    ends = event["level"] == SUSPICION and event.get("end")
    last = datetime.fromisoformat(ends or event["data_time"]).astimezone(times.BEIJING)
    return [first.date() + timedelta(days=number) for number in range((last.date() - first.date()).days + 1)]


def windows(
    event: Mapping[str, Any], packets: Sequence[Packet], outlet: Mapping[str, Any], marks: Mapping[str, Any]
) -> pl.DataFrame:
    """Return the windows of the finding's days, made from the packets that had arrived when it was found."""
    plan = plan_of(event, outlet)
    known = [packet for packet in packets if packet.received_us <= int(event["received_us"])]
    rows = periods.rows_of(raw.readings(known))
    return periods.windows(rows, plan, days=days_of(event), marks=_marks(marks, str(outlet["code"])))


def plan_of(event: Mapping[str, Any], outlet: Mapping[str, Any]) -> periods.PeriodPlan:
    """Return the plan of the package, with this outlet alone."""
    return periods.read_plan({"number": int(event["plan"]), "outlets": [outlet]})


def _marks(document: Mapping[str, Any], outlet: str) -> list[periods.Mark]:
    return [periods.Mark.told(outlet, mark) for mark in document.get("standing", ())]


def found_again(event: Mapping[str, Any], made: pl.DataFrame, outlet: Mapping[str, Any]) -> bool:
    """Say whether the windows give this very finding again: the same value of the same window, the same limit."""
    return any(one.finding == event["finding"] for one in periods.judge(made, plan_of(event, outlet)))


def of_event(
    event: Mapping[str, Any],
    packets: Sequence[Packet],
    outlet: Mapping[str, Any] | None,
    marks: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the arithmetic of one event: values named, steps in both languages, windows, if it comes out again."""
    told: dict[str, Any] = {
        "event": event["id"],
        "values": named_values(event, packets),
        "steps": {"zh": [], "en": []},
        "windows": [],
        "found_again": None,
    }
    if outlet is None or event["level"] not in (CONFIRMED, SUSPICION):
        return told
    made = windows(event, packets, outlet, marks)
    mine = made.filter(pl.col("mn") == event["mn"], pl.col("factor") == event["factor"])
    told["windows"] = [_window(row) for row in mine.iter_rows(named=True)]
    if event["level"] == CONFIRMED and event["event"] != "closed":
        # what was closed as superseded rightly comes out no more
        told["found_again"] = found_again(event, made, outlet)
        told["steps"] = _steps(event, mine)
    return told


def _steps(event: Mapping[str, Any], mine: pl.DataFrame) -> dict[str, list[str]]:
    at = datetime.fromisoformat(event["data_time"])
    rows = mine.filter(pl.col("period") == event["period"], pl.col("data_time") == at)
    return {
        language: [
            step for row in rows.iter_rows(named=True) for step in periods.explain(row, language, limit=event["limit"])
        ]
        for language in ("zh", "en")
    }


def _window(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in SHOWN}
    return {**shown, "period": row["period"], "data_time": row["data_time"].astimezone(times.BEIJING).isoformat()}
