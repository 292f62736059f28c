"""The finding event as it comes from the log (docs/architecture.md), checked once at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base.errors import QingtianError

EVENTS = frozenset({"opened", "worsened", "closed"})
SUPERSEDED, RECOVERED = "superseded", "recovered"
SUSPICION = "suspicion"
"""The level of what a series detector suspects; it is for the authority alone."""


class NoFinding(QingtianError):
    code = "alerts.no_finding"
    zh = "日志中的发现消息无法读取（{why}），已单独保存。请检查判定程序的版本。"
    en = "A finding on the log cannot be read ({why}); it was set aside. Check the version of the judge."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One event of a run. ``times_over`` is (value - limit) / limit; ``payload`` the whole message.

    A suspicion has a ``weight`` and neither ``limit`` (empty) nor values. ``support`` of a confirmed finding: warn or
    penalty. ``superseded``: it is closed since nothing of it is left; ``superseded_by`` stands in its place, if any.
    ``ended``: when what it tells of was over (of what is superseded, and of screening, the time of its last data).
    """

    id: str
    finding: str
    event: str
    detector: str
    level: str
    cn: int
    outlet: str
    factor: str
    period: str
    plan: int
    limit: Mapping[str, Any]
    value: float | None
    peak: float | None
    times_over: float | None
    band: int
    weight: float | None
    support: str
    superseded: bool
    superseded_by: str | None
    since: datetime
    data_time: datetime
    ended: datetime
    received_us: int
    sentence_zh: str
    sentence_en: str
    payload: Mapping[str, Any]


def read(message: Mapping[str, Any]) -> Finding:
    """Return the finding of a message.

    :raises NoFinding: if a field is missing or is not what it should be.
    """
    try:
        if message["event"] not in EVENTS:
            raise ValueError(f"event {message['event']!r}")
        evidence = message["evidence"]
        return Finding(
            id=str(message["id"]),
            finding=str(message["finding"]),
            event=str(message["event"]),
            detector=str(message["detector"]),
            level=str(message["level"]),
            cn=int(message["cn"]),
            outlet=str(message["outlet"]),
            factor=str(message["factor"]),
            period=str(message["period"]),
            plan=int(message["plan"]),
            band=int(message["band"]),
            since=datetime.fromisoformat(message["since"]),
            data_time=datetime.fromisoformat(message["data_time"]),
            ended=_ended(message),
            received_us=int(message["received_us"]),
            limit=dict(message["limit"] or {}),
            value=_number(message["value"]),
            peak=_number(message["peak"]),
            times_over=_number(message["times_over"]),
            weight=_number(message.get("weight")),
            support=str(message.get("support") or ""),
            superseded=message["event"] == "closed" and message.get("reason") == SUPERSEDED,
            superseded_by=message.get("superseded_by"),
            sentence_zh=str(evidence["zh"]),
            sentence_en=str(evidence["en"]),
            payload=message,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NoFinding(why=f"{type(error).__name__}: {error}") from error


def _ended(message: Mapping[str, Any]) -> datetime:
    recovered = message.get("reason") == RECOVERED and message.get("end")
    return datetime.fromisoformat(message["end"] if recovered else message["data_time"])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
