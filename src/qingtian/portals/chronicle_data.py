"""The curves of an outlet's history: own minutes, the windows that count, and what the device said; as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from qingtian.base.times import BEIJING
from qingtian.lake import windows as lake_windows
from qingtian.lake.curves import curve, thinned
from qingtian.office.sites.api import Outlet
from qingtian.portals.chronicle_wish import Wish
from qingtian.portals.history import lake, windows

MOST = 12_000
"""More records than this a curve are brought down; up to it each is drawn."""
BROUGHT_DOWN = 2_000
UPLOADS = {"real": 2011, "minute": 2051, "hour": 2061, "day": 2031}
LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
TORN = 2.5
"""Neighbours that are this many times their usual distance apart have a gap between them."""
PLAIN = ("value", "own", "reported")
OXYGEN = ("converted", "own_converted", "reported_converted")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One curve. ``role``: counted, own, reported or measured; times in ms since 1970 UTC."""

    role: str
    name: str
    at: list[int]
    value: list[float | None]
    low: list[float | None] = field(default_factory=list)
    high: list[float | None] = field(default_factory=list)
    count: list[int] = field(default_factory=list)


COARSER = {"real": "minute", "minute": "hour"}
"""What is shown instead where nobody chose a step, if it reaches much farther back."""
HALF, TWICE = 0.5, 2


@dataclass(frozen=True, kw_only=True)
class Curves:
    """``step`` that was read; ``every_s`` see `lake.curves`; ``flags`` and ``invalid``: [from ms, to ms, code]."""

    step: str
    lines: Sequence[Line]
    records: int
    every_s: int | None = None
    flags: Sequence[tuple[int, int, str]] = ()
    invalid: Sequence[tuple[int, int, str]] = ()
    confirmed: bool = False


def curves(outlet: Outlet, wish: Wish) -> Curves:
    """Return the curves that a page draws.

    Hours and days are the windows that judgement made, if there are any in this stretch, else what the device sent.

    :raises LakeUnreachable: if the lake does not answer.
    """
    step = wish.fitting
    found = _of_step(outlet, wish, step)
    if wish.step != "auto" or step not in COARSER:
        return found
    if not found.records:
        other = _records(outlet, wish, "minute" if step == "real" else "real")
        found = other if other.records else found
    shown = _shows(found, wish)
    if shown >= HALF:
        return found
    coarser = _of_step(outlet, wish, COARSER[step])
    return coarser if _shows(coarser, wish) > TWICE * shown else found


def _of_step(outlet: Outlet, wish: Wish, step: str) -> Curves:
    made = _windows(outlet, wish, step) if step in ("hour", "day") else None
    return made or _records(outlet, wish, step)


def _shows(curves: Curves, wish: Wish) -> float:
    """Return which part of the stretch lies behind the first point: fine records are younger than coarse ones."""
    first = min((line.at[0] for line in curves.lines if line.at), default=None)
    if first is None:
        return 0.0
    end = wish.end.timestamp()
    return (end - first / 1000) / (end - wish.start.timestamp())


def _records(outlet: Outlet, wish: Wish, step: str) -> Curves:
    end = "Rtd" if step == "real" else "Avg"
    found = curve(
        lake(),
        mns=[device.mn for device in outlet.devices.all()],
        factor=wish.factor,
        cn=UPLOADS[step],
        measures=[end, "Zs" + end],
        start=wish.start,
        end=wish.end,
        most=MOST,
        to=BROUGHT_DOWN,
    )
    names = {end: _("measured by the device"), "Zs" + end: _("converted to reference oxygen by the device")}
    lines = [
        _line("measured", names[measure], part)
        for (measure,), part in found.points.group_by("measure", maintain_order=True)
    ]
    length = LENGTHS.get(step, timedelta(0))
    flags = [(*_span(row["first"], row["last"] + length), row["flag"]) for row in found.flags.iter_rows(named=True)]
    return Curves(step=step, lines=lines, records=found.records, every_s=found.every_s, flags=flags)


def _windows(outlet: Outlet, wish: Wish, step: str) -> Curves | None:
    found = lake_windows.windows(
        windows(),
        first=wish.start.astimezone(BEIJING).date(),
        last=wish.end.astimezone(BEIJING).date(),
        outlets=[outlet.pk],
        periods=[step],
        factors=[wish.factor],
        columns=[*PLAIN, *OXYGEN, "reference_oxygen", "valid", "exempt", "reason"],
    )
    found = found.filter(pl.col("data_time") >= wish.start, pl.col("data_time") < wish.end).sort("data_time")
    if found.is_empty():
        return None
    columns = OXYGEN if found["reference_oxygen"].is_not_null().any() else PLAIN
    lines, every = _lines(found, columns, wish)
    told = LENGTHS[step]
    invalid = [(*_span(began, ended, told), reason) for began, ended, reason in _runs(found)]
    return Curves(step=step, lines=lines, records=len(found), every_s=every, invalid=invalid, confirmed=True)


def _lines(found: pl.DataFrame, columns: Sequence[str], wish: Wish) -> tuple[list[Line], int | None]:
    roles = zip(("counted", "own", "reported"), _names(), columns, strict=True)
    lines, every = [], None
    for role, name, column in roles:
        rows = found.select(pl.lit(role).alias("measure"), "data_time", pl.col(column).alias("value"))
        if rows["value"].is_null().all() and role != "counted":
            continue
        points, every = thinned(rows, start=wish.start, end=wish.end, most=MOST, to=BROUGHT_DOWN)
        lines.append(_line(role, name, points))
    return lines, every


def _names() -> tuple[str, str, str]:
    return _("the value that counts"), _("our own average"), _("average reported by the device")


def _runs(found: pl.DataFrame) -> Iterator[tuple[Any, Any, str]]:
    """Yield first, last and reason of neighbouring windows that do not count."""
    why = pl.when(~pl.col("valid")).then("reason").when(pl.col("exempt")).then(pl.lit("exempt")).otherwise(pl.lit(""))
    marked = found.unique("data_time", keep="first").sort("data_time").with_columns(why=why.fill_null(""))
    runs = marked.group_by(pl.col("why").rle_id().alias("run"), maintain_order=True)
    told = runs.agg(pl.col("why").first(), pl.col("data_time").min().alias("a"), pl.col("data_time").max().alias("b"))
    yield from ((row["a"], row["b"], row["why"]) for row in told.iter_rows(named=True) if row["why"])


def _span(first: Any, last: Any, length: timedelta = timedelta(0)) -> tuple[int, int]:
    return int(first.timestamp() * 1000), int((last + length).timestamp() * 1000)


def _with_gaps(points: pl.DataFrame) -> pl.DataFrame:
    """Put a missing value where points are missing, so that no line is drawn across what nobody measured."""
    after = points["data_time"].diff().shift(-1)
    usual = after.median()
    if not isinstance(usual, timedelta):
        return points
    torn = points.filter(after > TORN * usual).with_columns(
        data_time=pl.col("data_time") + usual,
        value=pl.lit(None, pl.Float64),
        low=pl.lit(None, pl.Float64),
        high=pl.lit(None, pl.Float64),
    )
    return pl.concat([points, torn]).sort("data_time")


def _line(role: str, name: str, points: pl.DataFrame) -> Line:
    columns = (
        _with_gaps(points)
        .select(
            at=pl.col("data_time").dt.epoch("ms"),
            value=pl.col("value").round_sig_figs(8),
            low=pl.col("low").round_sig_figs(8),
            high=pl.col("high").round_sig_figs(8),
            count="count",
        )
        .to_dict(as_series=False)
    )
    if all(count == 1 for count in columns["count"]):
        return Line(role=role, name=name, at=columns["at"], value=columns["value"])
    return Line(role=role, name=name, **columns)
