"""A small world for tests of the judge: frames with exact values, batches as the gateway makes them, plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from qingtian.base import times
from qingtian.bus.batches import PacketBatch
from qingtian.stream.hj212.kernels import checksum

START = datetime(2026, 11, 22, 10, 0, tzinfo=times.BEIJING)


def limit(factor: str, *, upper: float | None, period: str = "day", **of: Any) -> dict[str, Any]:
    known = {
        "factor": factor,
        "period": period,
        "lower": None,
        "upper": upper,
        "unit": "mg/L",
        "measure": "Avg",
        "standard": "GB 18918-2002",
        "source": "table 1",
        "certainty": "read",
        "from": None,
        "to": None,
        "printed": "" if upper is None else f"{upper:g} mg/L",
    }
    return known | of


def snapshot(outlets: Mapping[str, Sequence[dict[str, Any]]], *, number: int = 1) -> dict[str, Any]:
    """A plan of outlets ``O-<mn>`` with one device each: limits by MN."""
    return {
        "number": number,
        "made_at": "2026-11-22T09:00:00+08:00",
        "outlets": [
            {
                "code": f"O-{mn}",
                "name": f"{mn} 总排口",
                "medium": "water",
                "enterprise": "E0001",
                "district": "440306",
                "grid": "440306-03",
                "devices": [{"mn": mn, "pw": "123456"}],
                "limits": list(limits),
            }
            for mn, limits in outlets.items()
        ],
    }


def frame(mn: str, data_time: datetime, body: str, *, cn: int = 2011, qn: datetime | None = None) -> bytes:
    head = f"QN={times.stamp_milliseconds(qn or data_time)};ST=32;CN={cn};PW=123456;MN={mn};Flag=5;"
    segment = f"{head}CP=&&DataTime={times.stamp(data_time)};{body}&&".encode()
    return b"##%04d%s%04X\r\n" % (len(segment), segment, checksum(segment))


def batch(frames: Sequence[tuple[bytes, datetime]], *, plan: int = 1) -> PacketBatch:
    """Frames with their time of arrival."""
    lengths = [len(one) for one, _ in frames]
    return PacketBatch(
        plan=plan,
        received=np.array([times.to_microseconds(received) for _, received in frames], np.int64),
        offsets=np.cumsum([0, *lengths]).astype(np.uint32),
        address_index=np.zeros(len(frames), np.uint16),
        addresses=("127.0.0.1",),
        raw=b"".join(one for one, _ in frames),
    )


def realtime(
    mn: str, values: Sequence[float | str], *, factor: str = "w01018", start: datetime = START, flag: str | None = "N"
) -> list[tuple[bytes, datetime]]:
    """Real-time packets half a minute apart, each arriving half a second after its DataTime."""
    mark = f",{factor}-Flag={flag}" if flag else ""
    moments = [start + timedelta(seconds=30 * step) for step in range(len(values))]
    return [
        (frame(mn, moment, f"{factor}-Rtd={value}{mark}"), moment + timedelta(milliseconds=500))
        for moment, value in zip(moments, values, strict=True)
    ]
