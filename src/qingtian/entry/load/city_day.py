"""A day of minutes of the demo city in a lake, by the real path: from frames through judge and parser to files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from qingtian.base import times
from qingtian.bus.batches import PacketBatch
from qingtian.entry.load import backlog, packets
from qingtian.lake.maintenance import tidy
from qingtian.lake.writer import LakeWriter
from qingtian.stream.findings import plan
from qingtian.stream.findings.detectors import discover
from qingtian.stream.findings.judge import Judge
from qingtian.stream.readings.rows import join, packet_rows, reading_rows

FACTORS = packets.FACTORS[:7]
LIKE = packets.template(FACTORS, cn=2051, measures=("Avg",))
"""Seven minute means a packet: 11.9 million readings a day of 1,177 outlets."""

UPPER = {"w01018": 32.85, "w21003": 50.0, "w21001": 33.0}
"""mg/L. Values lie between 27 and 33: now and then some in a row exceed the first limit, none the others."""

AT_ONCE = 60
"""Messages judged at once, some 60,000 packets; a file of the lake holds as many."""


def snapshot(outlets: int, *, made: datetime) -> dict[str, Any]:
    """Return a plan of so many outlets, each with one device of the bench and a hour and a day limit a factor."""
    limits = [_limit(factor, upper, period) for factor, upper in UPPER.items() for period in ("hour", "day")]
    return {
        "number": 1,
        "made_at": made.isoformat(),
        "outlets": [
            {
                "code": f"B-{place:05d}",
                "name": f"{place}",
                "medium": "water",
                "source_type": "",
                "enterprise": "",
                "district": "",
                "grid": "",
                "devices": [{"mn": packets.device_mn(place), "pw": "123456"}],
                "limits": limits,
            }
            for place in range(outlets)
        ],
    }


def _limit(factor: str, upper: float, period: str) -> dict[str, Any]:
    return {
        "factor": factor,
        "period": period,
        "lower": None,
        "upper": upper,
        "unit": "mg/L",
        "measure": "Avg",
        "standard": "bench",
        "source": "bench",
        "certainty": "read",
        "from": None,
        "to": None,
        "printed": f"{upper:g} mg/L",
    }


def batches(*, outlets: int, end: datetime, minutes: int) -> Iterator[PacketBatch]:
    """Yield the packets of the minutes before ``end``, in the order of arrival."""
    return backlog.batches(outlets * minutes, until=end, devices=outlets, apart=60.0, like=LIKE)


def fill(lake_url: str, *, outlets: int, end: datetime, minutes: int = 1440) -> int:
    """Put the minutes before ``end`` into a lake, sorted as its housekeeping does; return how many readings."""
    judge = Judge(discover())
    judge.adopt(plan.read(snapshot(outlets, made=end - timedelta(days=1))), received=0)
    writer = LakeWriter(lake_url=lake_url, app_id="judge.0")
    for part in _parts(batches(outlets=outlets, end=end, minutes=minutes)):
        _, stretch = judge.judge(part)
        together = join([stretch])
        rows = {"packets": packet_rows(together), "readings": reading_rows(together)}
        writer.append(rows, last_sequence=part[-1][0])
    tidy(lake_url=lake_url, today=(end + timedelta(days=2)).astimezone(times.BEIJING).date())
    return judge.totals.readings


def _parts(made: Iterator[PacketBatch]) -> Iterator[Sequence[tuple[int, PacketBatch]]]:
    numbered = zip(count(1), made, strict=False)
    while part := list(islice(numbered, AT_ONCE)):
        yield part
