"""Send packets as they stand in a file, and tell which were acknowledged and why the others likely were not."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from qingtian.base import times
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.kernels import frame_chunks
from qingtian.stream.hj212.status import NAMES, UNKNOWN_MN

ANSWER = re.compile(rb"QN=(\d+);ST=91;CN=(?:9013|9014);(?:PW=[^;]*;)?MN=([^;]*);")
SEGMENT = re.compile(rb"##\d{1,4}(.*?&&.*&&)", re.DOTALL)
STAMP = re.compile(rb"DataTime=\d{14}")
PERIODS = {2031: timedelta(days=1), 2051: timedelta(minutes=10), 2061: timedelta(hours=1)}

Answers = dict[tuple[str, str], list[float]]
"""When each (QN, MN) was answered, as often as it was."""

REASONS = {
    "bad_checksum": "its checksum is wrong, so a gateway drops it",
    "bad_length": "its length is wrong, so a gateway drops it",
    "garbage": "this is not a packet",
    "oversize": "it is longer than a gateway takes",
    "broken_segment": "it has no CN, or no CP=&&…&&",
    "": "its MN is probably not registered, or the gateway's log does not take packets now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPacket:
    """A packet of a file. ``fault`` is what is wrong with it by itself, empty if nothing is."""

    raw: bytes
    offset: int
    qn: str
    mn: str
    cn: int
    asks: bool
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a packet; ``milliseconds`` until its answer, None if there was none."""

    packet: RawPacket
    milliseconds: float | None

    @property
    def missing(self) -> bool:
        return self.packet.asks and self.milliseconds is None

    def sentence(self) -> str:
        if self.milliseconds is not None:
            return f"acknowledged after {self.milliseconds:.1f} ms"
        if self.packet.asks or self.packet.fault:
            return "not acknowledged: " + REASONS[self.packet.fault]
        return "sent; it asks for no answer (Flag bit A is 0)"


def packets(raw: bytes) -> list[RawPacket]:
    """Cut a file into packets, whole or broken, leaving out blank lines between them."""
    frames = frame_chunks(raw, np.array([0, len(raw)]), DeviceTable.build([]), ended=np.array([1], np.uint8))
    found = []
    for index in range(len(frames)):
        status = int(frames.status[index])
        flag = int(frames.flag[index])
        found.append(
            RawPacket(
                raw=raw[frames.start[index] : frames.end[index]],
                offset=int(frames.start[index]),
                qn=_text(raw, int(frames.qn[index]), int(frames.qn_length[index])),
                mn=_text(raw, int(frames.mn[index]), int(frames.mn_length[index])),
                cn=int(frames.cn[index]),
                asks=flag > 0 and bool(flag & 1),
                # no device is known here, so every sound packet is one of a stranger
                fault="" if status == UNKNOWN_MN else NAMES[status],
            )
        )
    return [packet for packet in found if packet.raw.strip()]


def _text(raw: bytes, start: int, length: int) -> str:
    return raw[start : start + length].decode("utf-8", "replace") if length else ""


def refreshed(packet: RawPacket, *, now: datetime) -> RawPacket:
    """Return the packet as if it were recorded now: new QN, new DataTime (of a period: the last whole one), checksum.

    What is no packet stays as it is.
    """
    found = SEGMENT.search(packet.raw)
    if found is None:
        return packet
    qn = times.stamp_milliseconds(now)
    segment = re.sub(rb"QN=\d*", b"QN=" + qn.encode(), found.group(1), count=1)
    segment = STAMP.sub(b"DataTime=" + times.stamp(_data_time(packet.cn, now)).encode(), segment)
    frame = b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))
    return replace(packet, raw=frame, qn=qn, fault="")


def _data_time(cn: int, now: datetime) -> datetime:
    if cn not in PERIODS:
        return now
    midnight = now.astimezone(times.BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((now - midnight) // PERIODS[cn] - 1) * PERIODS[cn]


async def send(found: Sequence[RawPacket], *, host: str, port: int, wait: float) -> list[Outcome]:
    """Send all, then wait for answers until all are there or ``wait`` seconds bring no further one.

    :raises OSError: if nobody listens there.
    """
    reader, writer = await asyncio.open_connection(host, port)
    sent_at = time.perf_counter()
    try:
        for packet in found:
            writer.write(packet.raw if packet.raw.endswith(b"\n") else packet.raw + b"\r\n")
        awaited = sum(packet.asks and not packet.fault for packet in found)
        answers = await _answers(reader, awaited, wait)
    finally:
        writer.close()
    # where two packets bear the same QN and MN, the answer is the sound one's
    taken = {packet.offset: _outcome(packet, answers, sent_at) for packet in sorted(found, key=lambda one: one.fault)}
    return [taken[packet.offset] for packet in found]


async def _answers(reader: asyncio.StreamReader, awaited: int, wait: float) -> Answers:
    answers: Answers = {}
    seen = 0
    while seen < awaited:
        try:
            line = await asyncio.wait_for(reader.readline(), wait)
        except (TimeoutError, OSError):
            break
        if not line:
            break
        if answer := ANSWER.search(line):
            seen += 1
            key = (answer.group(1).decode(), answer.group(2).decode("utf-8", "replace"))
            answers.setdefault(key, []).append(time.perf_counter())
    return answers


def _outcome(packet: RawPacket, answers: Answers, sent_at: float) -> Outcome:
    times_of = answers.get((packet.qn, packet.mn)) if packet.asks else None
    return Outcome(packet=packet, milliseconds=(times_of.pop(0) - sent_at) * 1000 if times_of else None)
