"""A packet as an object of a JSON line, and as rows of a table: one row a value."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.entry.convert.sources import Found
from qingtian.stream.hj212.decoded import Decoded, decoded

Row = tuple[object, ...]

COLUMNS = (
    "at", "source", "target", "offset", "ok", "error", "deviations", "mn", "st", "cn", "qn", "data_time",
    "factor", "tag", "value", "text", "flag",
)  # fmt: skip
"""``value``: the number, None if the tag is text. ``flag``: the data mark of the factor. ``at``: ISO 8601 with zone."""

MARK = "Flag"


def line(found: Found) -> dict[str, object]:
    """Return the packet as `qingtian decode` tells it, with where and when it was captured."""
    return {
        "at": found.at.isoformat() if found.at else None,
        "source": found.source,
        "target": found.target,
        **decoded(found.reading.frame),
        "deviations": found.reading.deviations,
    }


def rows(found: Found) -> Iterator[Row]:
    """Yield a row for each value of a packet; of a packet without values, one row that says so much. No passwords."""
    packet = decoded(found.reading.frame)
    head = _head(found, packet)
    empty = True
    for code, tags in packet["factors"].items():
        mark = tags.get(MARK)
        for tag, value in tags.items():
            if tag == MARK and len(tags) > 1:
                continue
            empty = False
            number = value if isinstance(value, float) else None
            yield (*head, code, tag, number, None if number is not None else str(value), mark)
    if empty:
        yield (*head, None, None, None, None, None)


def _head(found: Found, packet: Decoded) -> Row:
    at = found.at.isoformat() if found.at else None
    deviations = " ".join(found.reading.deviations)
    told = (packet["offset"], packet["ok"], packet["error"], deviations, packet["mn"], packet["st"], packet["cn"])
    return (at, found.source, found.target, *told, packet["qn"], packet["cp"].get("DataTime"))
