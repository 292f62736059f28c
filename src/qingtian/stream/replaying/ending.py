"""What ended the exceedances that a replay finds, day by day: each is told once its end is known, or cannot come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.lake import windows as lake_windows
from qingtian.lake.files import TableFiles
from qingtian.stream.confirming import judgement
from qingtian.stream.confirming.ground import Ground
from qingtian.stream.periods import api as periods

Message = dict[str, Any]

SERIES = ["outlet", "mn", "factor", "period"]


class Endings:
    """Exceedances that go on, and the windows behind them; both bounded by what goes on and `periods.look_ahead`."""

    def __init__(self) -> None:
        self._going_on: list[Message] = []
        self._behind: list[pl.DataFrame] = []

    def day(self, made: pl.DataFrame, ground: Ground, *, until: int) -> list[Message]:
        """Take a day's windows; return the exceedances, of it or earlier, whose end is known ``until`` µs."""
        self._going_on += judgement.exceedances(made, ground)
        if not self._going_on:
            return []
        self._behind.append(made.select(periods.JUDGED))
        return self._tell(ground, until=until)

    def finish(self, lake: TableFiles, ground: Ground, *, until: int) -> list[Message]:
        """Return those that are left, by the windows that the lake holds from ``until`` µs, the stretch's end, on."""
        if not self._going_on:
            return []
        last = min(until + periods.look_ahead(), ground.horizon)
        if last > until:
            self._behind.append(self._held(lake, until, last))
        return self._tell(ground, until=None)

    def _held(self, lake: TableFiles, start: int, end: int) -> pl.DataFrame:
        first, last = (times.from_microseconds(at).date() for at in (start, end - 1))
        outlets, factors = (sorted({str(one[name]) for one in self._going_on}) for name in ("outlet", "factor"))
        wanted = [name for name in periods.JUDGED if name not in lake_windows.NAMED]
        found = lake_windows.windows(lake, first=first, last=last, outlets=outlets, factors=factors, columns=wanted)
        return found.select(periods.JUDGED)

    def _tell(self, ground: Ground, *, until: int | None) -> list[Message]:
        behind = pl.concat(self._behind)
        told = judgement.with_ends(self._going_on, behind, ground)
        done = [one for one in told if until is None or not one["running"] or _too_late(one, until)]
        self._going_on = [one for one in told if until is not None and one["running"] and not _too_late(one, until)]
        self._behind = [self._still_asked(behind)] if self._going_on else []
        return done

    def _still_asked(self, behind: pl.DataFrame) -> pl.DataFrame:
        """Return the windows of the series that go on, from the first of them on."""
        names = [*SERIES, "since"]
        rows = [[one[name] for name in names] for one in self._going_on]
        going = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        since = pl.col("since").min().str.to_datetime(time_unit="us", time_zone="UTC")
        first = going.group_by(SERIES).agg(since)
        kept = behind.join(first, on=SERIES, how="inner", maintain_order="left")
        return kept.filter(pl.col("data_time") >= pl.col("since")).select(periods.JUDGED)


def _too_late(message: Message, until: int) -> bool:
    since = times.to_microseconds(datetime.fromisoformat(message["since"]))
    return since + periods.look_ahead() < until
