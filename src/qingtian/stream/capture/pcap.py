"""The classic pcap file (libpcap, `pcap-savefile(5)`): its packets with their times, link layer and all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Protocol

from qingtian.base.errors import QingtianError

MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1),
    b"\xa1\xb2\xc3\xd4": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1000),
}
"""First four bytes → byte order, and how many fractions of its clock make a microsecond."""
PCAPNG = b"\x0a\x0d\x0d\x0a"
MAX_PACKET = 1 << 20
"""Bytes: libpcap itself allows no longer one."""


class CaptureRefused(QingtianError):
    code = "capture.refused"
    zh = "抓包文件不可用：{why}。请用 tcpdump -w 重新抓取，或用 editcap -F pcap 转换后再试。"
    en = (
        "The capture cannot be used: {why}. Capture it again with tcpdump -w, "
        "or turn it into a classic pcap with editcap -F pcap."
    )


class Source(Protocol):
    """What a capture is read from: a file, or whatever reads like one."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One captured packet. ``at``: µs since 1970 UTC. ``link``: link type of the file (LINKTYPE_…)."""

    at: int
    link: int
    data: bytes


def is_pcap(start: bytes) -> bool:
    """Say whether a file that starts with these bytes is a capture, of the classic or the new kind."""
    return start[:4] in MAGICS or start[:4] == PCAPNG


def read_pcap(source: Source) -> Iterator[Packet]:
    """Yield the packets of a capture. One that is cut off at the end of the file is left out.

    :raises CaptureRefused: if it is no classic pcap, or a packet is longer than one can be.
    """
    head = source.read(24)
    if head[:4] == PCAPNG:
        raise CaptureRefused(why="pcapng")
    if len(head) < 24 or head[:4] not in MAGICS:
        raise CaptureRefused(why="no pcap header")
    order, fractions = MAGICS[head[:4]]
    link = Struct(f"{order}I").unpack(head[20:])[0] & 0x0FFFFFFF
    record = Struct(f"{order}IIII")
    while len(start := source.read(record.size)) == record.size:
        seconds, fraction, length, _ = record.unpack(start)
        if length > MAX_PACKET:
            raise CaptureRefused(why=f"a packet of {length} bytes")
        data = source.read(length)
        if len(data) < length:
            return
        yield Packet(at=seconds * 1_000_000 + fraction // fractions, link=link, data=data)
