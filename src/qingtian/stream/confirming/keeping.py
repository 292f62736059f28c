"""What was said, in the lake: windows by revision, findings by event; written once, read before more is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

import orjson
import polars as pl
import pyarrow as pa

from qingtian.base import times
from qingtian.lake import findings as lake_findings
from qingtian.lake import history
from qingtian.lake import traces as lake_traces
from qingtian.lake import windows as lake_windows
from qingtian.lake.tables import FINDINGS, PERIODS
from qingtian.lake.writer import LakeWriter, contained
from qingtian.stream.confirming.difference import Said, State
from qingtian.stream.confirming.ground import DAY
from qingtian.stream.confirming.minutes import Traces
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.rows import Rows

APP = "confirmer.0"


class Keeper:
    """The lake as the confirmer uses it. ``turn``: the last one written; whoever says something new counts on."""

    def __init__(self, lake_url: str) -> None:
        self._writer = LakeWriter(lake_url=lake_url, app_id=APP)
        self.readings = history.open_readings(lake_url)
        self._windows = lake_windows.open_windows(lake_url)
        self._findings = lake_findings.open_findings(lake_url)
        self._packets = lake_traces.open_packets(lake_url)
        self.turn = max(0, *(contained(lake_url=lake_url, spec=spec, app_id=APP) for spec in (PERIODS, FINDINGS)))

    def rows(self, first: date, last: date, mns: Sequence[str]) -> Rows:
        """Return the readings of these devices and days (included)."""
        start, end = day_start(first), day_start(last) + DAY
        bounds = (times.from_microseconds(at) for at in (start, end))
        return periods.rows_of(history.readings_between(self.readings, *bounds, mns=mns))

    def traces(self, first: date, last: date, mns: Sequence[str], *, horizon: int) -> Traces:
        """Return the times of the packets of these devices that arrived on these days (included)."""
        return Traces.read(lake_traces.between(self._packets, first=first, last=last, mns=mns), horizon=horizon)

    def held(self, first: date, last: date, outlets: Collection[str]) -> pl.DataFrame:
        """Return the last revision of each window of these days, those that were taken back with ``superseded``."""
        every = lake_windows.windows(
            self._windows, first=first, last=last, outlets=sorted(outlets), history=True, periods=None
        )
        newest = every.unique(lake_windows.WINDOW, keep="last", maintain_order=True)
        # no window has no count: what was taken back is never the same as what comes again
        return newest.with_columns(n=pl.when("superseded").then(None).otherwise("n"))

    def means(self, start: int, end: int, mns: Sequence[str], *, period: str) -> pl.DataFrame:
        """Return the hours, or days, of these devices in ``[start, end)`` µs, and maybe some around them."""
        first, last = (times.from_microseconds(at).date() for at in (start, end))
        return lake_windows.of_devices(self._windows, first=first, last=last, mns=mns, period=period)

    def judged(self, start: int, end: int, outlets: Collection[str], factors: Collection[str]) -> pl.DataFrame:
        """Return what tells whether windows that begin in ``[start, end)`` µs are within their limits."""
        first, last = (times.from_microseconds(at).date() for at in (start, end - 1))
        return lake_windows.windows(
            self._windows,
            first=first,
            last=last,
            outlets=sorted(outlets),
            factors=sorted(factors),
            columns=[name for name in periods.JUDGED if name not in lake_windows.NAMED],
        )

    def said(
        self, start: int, end: int, outlets: Collection[str], *, detectors: Collection[str] | None = None
    ) -> list[Said]:
        """Return the last event of each finding of these outlets that begins in ``[start, end)`` µs."""
        first, last = (times.from_microseconds(at) for at in (start, end))
        rows = lake_findings.last_events(
            self._findings,
            first=first.date(),
            last=last.date(),
            outlets=sorted(outlets),
            detectors=None if detectors is None else sorted(detectors),
        ).filter(pl.col("data_time").is_between(first, last, closed="left"))
        return [_said(row) for row in rows.select("message", "number", "state", "told").iter_rows()]

    def behind(self, turn: int) -> list[Said]:
        """Return the events written after a turn: those that the log may not have."""
        rows = lake_findings.behind_turn(self._findings, turn)
        return [_said(row) for row in rows.select("message", "number", "state", "told").iter_rows()]

    def write(self, *, revised: pl.DataFrame, gone: pl.DataFrame, events: Sequence[Said], position: int) -> None:
        """Append the new revisions of windows, those taken back, and the events, as one turn.

        :raises LakeUnreachable: if the storage refuses; the turn may then be partly written.
        """
        tables: dict[str, pa.Table] = {}
        if len(revised) or len(gone):
            tables[PERIODS.name] = pa.concat_tables(
                [
                    periods.lake_rows(revised, sequence=position),
                    periods.lake_rows(gone, sequence=position, superseded=True),
                ]
            )
        if events:
            tables[FINDINGS.name] = _table(events, turn=self.turn + 1, position=position)
        if tables:
            self._writer.append_turn(tables, turn=self.turn + 1)
            self.turn += 1


def day_start(day: date) -> int:
    """Return the µs at which a day begins in Beijing."""
    return periods.beijing_start(day)


def _said(row: tuple[str, int, str, bool]) -> Said:
    message, number, state, told = row
    return Said(message=orjson.loads(message), number=number, state=State(state), told=told)


def _table(events: Iterable[Said], *, turn: int, position: int) -> pa.Table:
    rows = [_row(event) | {"turn": turn, "sequence": position} for event in events]
    return pa.Table.from_pylist(rows, schema=FINDINGS.schema)


def _row(event: Said) -> dict[str, object]:
    message = event.message
    since = datetime.fromisoformat(message["since"])
    names = ("outlet", "mn", "factor", "detector", "level", "period", "finding", "event")
    return {name: message[name] for name in names} | {
        "day": since.astimezone(times.BEIJING).date(),
        "number": event.number,
        "state": event.state.value,
        "told": event.told,
        "weight": message.get("weight"),
        "support": message.get("support"),
        "data_time": since,
        "end": datetime.fromisoformat(message["end"]) if message.get("end") else None,
        "received": times.from_microseconds(message["received_us"]),
        "message": orjson.dumps(message).decode(),
    }
