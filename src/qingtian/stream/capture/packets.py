"""A captured packet down to its TCP segment: Ethernet with VLAN, Linux cooked, loopback, raw IPv4 (RFC 791, 9293)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from struct import unpack_from

NULL, ETHERNET, RAW, COOKED, IPV4_ONLY = 0, 1, 101, 113, 228
IPV4, VLAN, PROVIDER_VLAN = 0x0800, 0x8100, 0x88A8
TCP = 6
FRAGMENT = 0x3FFF
FIN, SYN, RST = 1, 2, 4

Address = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class TcpSegment:
    """One TCP segment. ``sequence`` is that of its first byte (of the SYN, if it has one)."""

    source: Address
    target: Address
    sequence: int
    flags: int
    payload: bytes


def tcp_segment(link: int, data: bytes) -> TcpSegment | None:
    """Return the TCP segment in a captured packet; None if there is none, or only a fragment of one."""
    place = _network_layer(link, data)
    if place is None or len(data) < place + 20 or data[place] >> 4 != 4:
        return None
    header = (data[place] & 15) * 4
    total, _, fragment, _, protocol = unpack_from(">HHHBB", data, place + 2)
    if protocol != TCP or fragment & FRAGMENT or header < 20:
        return None
    # a sender that leaves its checksums and lengths to the network card writes a total of zero
    end = min(len(data), place + total) if total else len(data)
    return _segment(data[:end], place, place + header)


def _segment(data: bytes, network: int, place: int) -> TcpSegment | None:
    if len(data) < place + 20:
        return None
    source, target, sequence, _, offset, flags = unpack_from(">HHIIBB", data, place)
    payload = place + (offset >> 4) * 4
    if payload < place + 20:
        return None
    return TcpSegment(
        source=(_address(data, network + 12), source),
        target=(_address(data, network + 16), target),
        sequence=sequence,
        flags=flags,
        payload=data[payload:],
    )


def _address(data: bytes, place: int) -> str:
    return str(IPv4Address(data[place : place + 4]))


def _network_layer(link: int, data: bytes) -> int | None:
    """Return where the IPv4 header begins."""
    if link in (RAW, IPV4_ONLY, 12):
        return 0
    if link == NULL:
        return 4
    if link not in (ETHERNET, COOKED):
        return None
    place = 12 if link == ETHERNET else 14
    while len(data) >= place + 2:
        kind = unpack_from(">H", data, place)[0]
        if kind not in (VLAN, PROVIDER_VLAN):
            return place + 2 if kind == IPV4 else None
        place += 4
    return None
