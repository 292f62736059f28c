"""Times always carry a zone. China keeps one: Beijing time, UTC+8, no daylight saving.

HJ 212-2017 §6.3.1 writes times as ``YYYYMMDDhhmmss`` (DataTime) and ``YYYYMMDDhhmmsszzz`` (QN), in local time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "CST")

MICROSECONDS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Return the present instant in Beijing time. Programs call it at the edge and pass it in."""
    return datetime.now(BEIJING)


def to_microseconds(instant: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC. Naive times are refused with ``ValueError``."""
    if instant.tzinfo is None:
        raise ValueError("a time without a zone says nothing; give it one")
    return (instant - EPOCH) // timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> datetime:
    """Return the Beijing time of microseconds since 1970-01-01 UTC."""
    return (EPOCH + timedelta(microseconds=int(microseconds))).astimezone(BEIJING)


def parse_stamp(stamp: str) -> datetime:
    """Read an HJ 212 stamp of 14 digits (seconds) or 17 (milliseconds) as Beijing time.

    :raises ValueError: if it is no such stamp or no such day.
    """
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) in (14, 17)):
        raise ValueError(f"{stamp!r} is not YYYYMMDDhhmmss[zzz]")
    year, month, day = int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])
    hour, minute, second, millisecond = int(stamp[8:10]), int(stamp[10:12]), int(stamp[12:14]), int(stamp[14:] or 0)
    return datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=BEIJING)


def stamp(instant: datetime) -> str:
    """Write a DataTime: ``YYYYMMDDhhmmss`` in Beijing time."""
    return instant.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def stamp_milliseconds(instant: datetime) -> str:
    """Write a QN: ``YYYYMMDDhhmmsszzz`` in Beijing time."""
    local = instant.astimezone(BEIJING)
    return local.strftime("%Y%m%d%H%M%S") + f"{local.microsecond // 1000:03d}"
