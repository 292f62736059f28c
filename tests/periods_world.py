"""Days of readings, told compactly, as rows of the lake: for tests of the windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from qingtian.base.times import BEIJING
from qingtian.lake.files import polars_schema
from qingtian.lake.tables import READINGS
from qingtian.law.quality.judging import judge
from qingtian.law.quality.stretches import Check
from qingtian.stream.periods.api import Mark, PeriodPlan, read_plan

MN = "A" * 24
LENGTH = {2011: timedelta(minutes=1), 2051: timedelta(minutes=1), 2061: timedelta(hours=1), 2031: timedelta(days=1)}


def moment(day: date, clock: str) -> datetime:
    """Return the Beijing time of a day's ``HH:MM``; 24:00 is the end of the day."""
    hours, minutes = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(hours=hours, minutes=minutes)


def limit(**given: Any) -> dict[str, Any]:
    """Return a limit as the plan has it."""
    plain = {
        "lower": None,
        "upper": None,
        "measure": "Avg",
        "certainty": "read",
        "from": None,
        "to": None,
        "source": "test",
    }
    bound = given.get("upper", given.get("lower"))
    return plain | {"printed": f"{bound} {given.get('unit', '')}", "standard": "GB 0"} | given


def plan_of(outlet: Mapping[str, Any], *, number: int = 1) -> PeriodPlan:
    limits = [limit(**row) for row in outlet.get("limits", ())]
    device = {"devices": [{"mn": MN, "pw": "123456"}], "name": "", "limits": limits}
    return read_plan({"number": number, "outlets": [{**outlet, **device}]})


def readings(day: date, entries: Sequence[Mapping[str, Any]], *, first: int = 1) -> pl.DataFrame:
    """Return the lake rows of ``entries``; each entry arrives after the one before, correcting what it repeats."""
    rows = [row for number, entry in enumerate(entries, start=first) for row in _rows(day, entry, number)]
    names = polars_schema(READINGS).names()
    return pl.DataFrame(rows, schema=dict(polars_schema(READINGS)), orient="row").select(names)


def _rows(day: date, entry: Mapping[str, Any], number: int) -> Iterator[dict[str, Any]]:
    cn = entry.get("cn", 2051)
    step = timedelta(minutes=entry["every"]) if "every" in entry else LENGTH[cn]
    values = entry.get("values")
    at, end = moment(day, entry.get("from", "00:00")), moment(day, entry.get("to", "24:00"))
    gaps = [(moment(day, start), moment(day, stop)) for start, stop in entry.get("except", ())]
    place = 0
    while at < end:
        if not any(start <= at < stop for start, stop in gaps):
            yield {
                "mn": MN,
                "factor": entry["factor"],
                "cn": cn,
                "measure": entry.get("measure", "Avg"),
                "value": float(values[place % len(values)] if values else entry["value"]),
                "flag": entry.get("flag", "N"),
                "data_time": at,
                "received": at + step + timedelta(seconds=number),
                "sequence": number,
                "index": 0,
            }
        at, place = at + step, place + 1


def marks_of(day: date, outlet: str, entries: Sequence[Mapping[str, Any]]) -> list[Mark]:
    return [
        Mark(
            outlet=outlet,
            kind=entry["kind"],
            label=entry["label"],
            start=moment(day, entry["from"]),
            end=moment(day, entry["to"]),
            factors=tuple(entry["factors"]) if "factors" in entry else None,
        )
        for entry in entries
    ]


def checks_of(day: date, medium: str, entries: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Return checks of quality control, judged by their figures; each says what verdict it must come to."""
    return [_check(number, day, medium, entry) for number, entry in enumerate(entries, start=1)]


def _check(number: int, day: date, medium: str, entry: Mapping[str, Any]) -> Check:
    pairs = [(float(known), float(measured)) for known, measured in entry["pairs"]]
    asked = {"kind": entry["kind"], "medium": medium, "factor": entry["factor"], "span": entry.get("span")}
    found = judge(**asked, pairs=pairs, day=day)
    assert found is not None
    assert found.verdict == entry["verdict"], entry
    at = moment(day, entry["at"])
    return Check(number=number, mn=MN, factor=entry["factor"], kind=entry["kind"], at=at, verdict=found.verdict)
