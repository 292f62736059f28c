"""What is new: windows against the windows held before, findings against the findings that stood. Pure.

A window gets a new revision only if it says something else; when its data arrived, or by which plan it was made, says
nothing. A finding that no longer holds is closed as superseded, with the reason; it is never erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.stream.periods import wording
from qingtian.stream.periods.finding import PeriodFinding, event_id
from qingtian.stream.periods.table import KEY, SCHEMA

SAYS = tuple(name for name in SCHEMA.names if name not in (*KEY, "plan", "received"))
SUPERSEDED = "superseded"


def revise(held: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the windows of ``now``, with ``revision`` and whether they are ``new`` against ``held``.

    ``held``: the newest row of each of these windows as it was, with ``revision``; others may be among them. A window
    that is not in ``now`` any more (its device left the plan) is not told of here.
    """
    before = held.select(*KEY, "revision", was=pl.struct(SAYS))
    beside = now.with_columns(says=pl.struct(SAYS)).join(before, on=list(KEY), how="left", maintain_order="left")
    same = pl.col("says").eq_missing(pl.col("was"))
    return beside.with_columns(
        new=~same, revision=(pl.col("revision").fill_null(0) + (~same).cast(pl.Int32)).cast(pl.Int32)
    ).drop("says", "was")


def difference(
    standing: Sequence[Mapping[str, Any]], findings: Sequence[PeriodFinding], *, windows: pl.DataFrame, plan: int
) -> list[dict[str, Any]]:
    """Return the events that lead from what stood to what is found now, closings first.

    ``standing``: the ``opened`` messages that stand, of exactly the outlets and days that were judged anew;
    ``findings``: what `judgement.judge` says of them; ``windows``: what it judged (with ``revision``).
    """
    now = [finding.message() for finding in findings]
    found = {message["finding"] for message in now}
    stood = {message["finding"] for message in standing}
    closed = [superseded(one, now, windows=windows, plan=plan) for one in standing if one["finding"] not in found]
    return closed + [message for message in now if message["finding"] not in stood]


def superseded(
    message: Mapping[str, Any], now: Sequence[Mapping[str, Any]], *, windows: pl.DataFrame, plan: int
) -> dict[str, Any]:
    """Return the event that closes a finding which is not among ``now``, with why it does not hold any more."""
    row = _window(message, windows)
    by = next((str(one["finding"]) for one in now if _same_window(one, message)), None)
    why, value = _why(message, row, by)
    revision = max(int(message["revision"]), int(row["revision"])) if row else int(message["revision"])
    told = {
        language: wording.closed(message, language, why=why, now=value, reason=row["reason"] if row else "")
        for language in ("zh", "en")
    }
    return {
        **message,
        "id": event_id(message["finding"], "closed", revision, plan),
        "event": "closed",
        "reason": SUPERSEDED,
        "superseded_by": by,
        "plan": plan,
        "revision": revision,
        "received": times.from_microseconds(_received(row, message)).isoformat(),
        "received_us": _received(row, message),
        "evidence": {"packets": [], **told},
    }


def _received(row: Mapping[str, Any] | None, message: Mapping[str, Any]) -> int:
    arrived = row["received"] if row else None
    return times.to_microseconds(arrived) if arrived else int(message["received_us"])


def _window(message: Mapping[str, Any], windows: pl.DataFrame) -> dict[str, Any] | None:
    at = datetime.fromisoformat(message["data_time"])
    place = [pl.col(name) == message[name] for name in ("outlet", "mn", "factor", "period")]
    found = windows.filter(*place, pl.col("data_time") == at)
    return found.row(0, named=True) if len(found) else None


def _same_window(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = ("detector", "outlet", "mn", "factor", "period", "measure", "data_time")
    return all(one[name] == other[name] for name in names)


def _why(message: Mapping[str, Any], row: Mapping[str, Any] | None, by: str | None) -> tuple[str, float | None]:
    """Return the word for why a finding is superseded, and the window's value now."""
    if row is None:
        return "gone", None
    value = row["converted" if message["measure"].startswith("Zs") else "value"]
    if by is not None:
        return "again", value
    if row["exempt"]:
        return "exempt", value
    if not row["valid"] or value is None:
        return "invalid", value
    return ("gone" if _beyond(value, message["limit"]) else "within"), value


def _beyond(value: float, limit: Mapping[str, Any]) -> bool:
    upper, lower = limit["upper"], limit["lower"]
    return (upper is not None and value > upper) or (lower is not None and value < lower)
