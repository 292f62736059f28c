"""Packets of a package: raw bytes as received, an index of when and where they arrived, and what they say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.lake.files import polars_schema
from qingtian.lake.tables import READINGS
from qingtian.office.evidence.container import digests
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.segment import BrokenSegment, Segment, decode_segment

FOLDER = "packets"


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One packet of the lake. ``frame`` as received; ``plain`` as it was read where that is another (a mended one)."""

    sequence: int
    index: int
    mn: str
    qn: str
    cn: int
    data_time: str | None
    received_us: int
    address: str
    plan: int
    frame: bytes
    plain: bytes | None = None

    @property
    def name(self) -> str:
        return f"{FOLDER}/{self.sequence:012d}-{self.index:05d}"

    @property
    def read(self) -> bytes:
        """The bytes that were read."""
        return self.plain or self.frame


def of_row(row: Mapping[str, Any]) -> Packet:
    """Return the packet of a row of the lake's ``packets``."""
    at = row["data_time"]
    return Packet(
        sequence=int(row["sequence"]),
        index=int(row["index"]),
        mn=str(row["mn"]),
        qn=str(row["qn"] or ""),
        cn=int(row["cn"]),
        data_time=at.astimezone(times.BEIJING).isoformat() if at else None,
        received_us=times.to_microseconds(row["received"]),
        address=str(row["address"] or ""),
        plan=int(row["plan"] or 0),
        frame=bytes(row["segment"]),
        plain=bytes(row["plain"]) if row.get("plain") else None,
    )


def files(packets: Iterable[Packet]) -> dict[str, bytes]:
    """Return a file of raw bytes for each packet, and one of what was read for each that was mended."""
    found: dict[str, bytes] = {}
    for packet in packets:
        found[f"{packet.name}.bin"] = packet.frame
        if packet.plain:
            found[f"{packet.name}.read.bin"] = packet.plain
    return found


def index(packets: Iterable[Packet]) -> list[dict[str, Any]]:
    """Return the index: where each packet stands on the log, when it arrived, its file with its digests."""
    return [
        {
            "file": f"{packet.name}.bin",
            "read_as": f"{packet.name}.read.bin" if packet.plain else None,
            "sequence": packet.sequence,
            "index": packet.index,
            "received": times.from_microseconds(packet.received_us).isoformat(),
            "received_us": packet.received_us,
            "address": packet.address,
            "mn": packet.mn,
            "qn": packet.qn,
            "cn": packet.cn,
            "data_time": packet.data_time,
            "plan": packet.plan,
            **digests(packet.frame),
        }
        for packet in packets
    ]


def of_index(lines: Iterable[Mapping[str, Any]], contents: Mapping[str, bytes]) -> list[Packet]:
    """Return the packets of a package from its index and its files.

    :raises KeyError: if the index names a file that is not there.
    """
    names = ("sequence", "index", "mn", "qn", "cn", "data_time", "received_us", "address", "plan")
    return [
        Packet(
            **{name: line[name] for name in names},
            frame=contents[line["file"]],
            plain=contents[line["read_as"]] if line["read_as"] else None,
        )
        for line in lines
    ]


def segment(packet: Packet) -> Segment | None:
    """Return what a packet says, None if its frame does not hold (length, checksum CRC, data area)."""
    frames = list(read_frames(packet.read))
    if len(frames) != 1 or not frames[0].ok:
        return None
    try:
        return decode_segment(frames[0].segment)
    except BrokenSegment:
        return None


def readings(packets: Sequence[Packet]) -> pl.DataFrame:
    """Return the readings of the packets, as the lake's ``readings`` have them (without ``day``)."""
    schema = polars_schema(READINGS)
    return pl.DataFrame([row for packet in packets for row in _rows(packet)], schema=schema, orient="row")


def _rows(packet: Packet) -> Iterator[dict[str, Any]]:
    said = segment(packet)
    stamp = said.cp.get("DataTime") if said else None
    if said is None or stamp is None:
        return
    try:
        at = times.parse_stamp(stamp)
    except ValueError:
        return
    for factor, tags in said.factors.items():
        for measure, value in tags.items():
            if isinstance(value, int | float):
                yield {
                    "mn": packet.mn,
                    "factor": factor,
                    "cn": packet.cn,
                    "measure": measure,
                    "value": float(value),
                    "flag": str(tags["Flag"]) if "Flag" in tags else None,
                    "data_time": at,
                    "received": times.from_microseconds(packet.received_us),
                    "sequence": packet.sequence,
                    "index": packet.index,
                }
