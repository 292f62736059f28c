"""Captures: pcap files, packets, TCP streams out of order, sent again and with gaps."""

from __future__ import annotations

import io
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingtian.stream.capture.packets import FIN, RST, SYN, TcpSegment, tcp_segment
from qingtian.stream.capture.pcap import CaptureRefused, is_pcap, read_pcap
from qingtian.stream.capture.streams import MAX_AHEAD, Chunk, TcpStreams

SOURCE, TARGET = ("10.0.0.1", 40000), ("10.0.0.2", 9212)


def ethernet(payload: bytes, *, sequence: int = 1, flags: int = 0, vlan: bool = False, pad: bytes = b"") -> bytes:
    tcp = pack(">HHIIBBHHH", SOURCE[1], TARGET[1], sequence, 0, 5 << 4, flags, 65535, 0, 0) + payload
    ip = pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, 10, 0, 0, 1, 10, 0, 0, 2)
    tag = b"\x81\x00\x00\x05" if vlan else b""
    return b"\x02" * 12 + tag + b"\x08\x00" + ip + tcp + pad


def pcap(packets: list[bytes], *, order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1) -> bytes:
    head = pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    records = (pack(f"{order}IIII", 1_700_000_000 + n, 5, len(p), len(p)) + p for n, p in enumerate(packets))
    return head + b"".join(records)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "fraction"), [(0xA1B2C3D4, 5), (0xA1B23C4D, 0)])
def test_it_reads_both_byte_orders_and_both_clocks(order: str, magic: int, fraction: int) -> None:
    data = pcap([b"one", b"three"], order=order, magic=magic)
    assert is_pcap(data)
    found = list(read_pcap(io.BytesIO(data)))
    assert [(packet.at, packet.link, packet.data) for packet in found] == [
        (1_700_000_000_000_000 + fraction, 1, b"one"),
        (1_700_000_001_000_000 + fraction, 1, b"three"),
    ]
    assert len(list(read_pcap(io.BytesIO(data[:-1])))) == 1


@pytest.mark.parametrize(
    "data", [b"\x0a\x0d\x0d\x0a" + b"\0" * 30, b"##0087QN=", pcap([]) + pack("<IIII", 0, 0, 1 << 30, 0)]
)
def test_what_is_no_classic_pcap_is_refused(data: bytes) -> None:
    with pytest.raises(CaptureRefused):
        list(read_pcap(io.BytesIO(data)))


@pytest.mark.parametrize("vlan", [False, True])
def test_it_finds_the_tcp_segment_and_drops_the_padding(vlan: bool) -> None:
    segment = tcp_segment(1, ethernet(b"##", sequence=7, flags=SYN, vlan=vlan, pad=b"\0" * 20))
    assert segment == TcpSegment(source=SOURCE, target=TARGET, sequence=7, flags=SYN, payload=b"##")


def test_other_link_layers_lead_to_the_same_segment() -> None:
    frame = ethernet(b"##")
    for link, data in ((101, frame[14:]), (113, b"\0" * 14 + frame[12:]), (0, b"\x02\0\0\0" + frame[14:])):
        assert tcp_segment(link, data) == tcp_segment(1, frame)


def test_what_is_no_tcp_over_ipv4_is_passed_over() -> None:
    frame = ethernet(b"##")
    udp = frame[:23] + b"\x11" + frame[24:]
    fragment = frame[:20] + b"\x20\x00" + frame[22:]
    arp = frame[:12] + b"\x08\x06" + frame[14:]
    for data in (udp, fragment, arp, frame[:20], frame[:40], b""):
        assert tcp_segment(1, data) is None
    assert tcp_segment(999, frame) is None


@given(st.binary(max_size=80), st.sampled_from([0, 1, 101, 113]))
def test_no_bytes_break_it(data: bytes, link: int) -> None:
    tcp_segment(link, data)


def segment(sequence: int, payload: bytes = b"", flags: int = 0) -> TcpSegment:
    return TcpSegment(source=SOURCE, target=TARGET, sequence=sequence % (1 << 32), flags=flags, payload=payload)


def stream(segments: list[TcpSegment]) -> list[Chunk]:
    streams = TcpStreams()
    return [chunk for each in segments for chunk in streams.take(each)] + list(streams.finish())


def data_of(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


@settings(max_examples=80, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_stream_does_not_depend_on_order_and_repeats(data: bytes, draws: st.DataObject) -> None:
    # over the end of the circle of sequence numbers, too
    start = draws.draw(st.sampled_from([0, 12345, (1 << 32) - 100]))
    size = draws.draw(st.integers(1, 50))
    cut = [segment(start + 1 + place, data[place : place + size]) for place in range(0, len(data), size)]
    again = draws.draw(st.lists(st.sampled_from(cut), max_size=4))
    wide = segment(start + 1, data[: draws.draw(st.integers(1, len(data)))])
    sent = draws.draw(st.permutations([*cut, *again, wide, segment(start + 1 + len(data), flags=FIN)]))
    chunks = stream([segment(start, flags=SYN), *sent])
    assert data_of(chunks) == data
    assert sum(chunk.lost for chunk in chunks) == 0


def test_a_capture_that_began_in_the_middle_is_read_from_there() -> None:
    assert data_of(stream([segment(500, b"ab"), segment(502, b"cd")])) == b"abcd"


def test_missing_bytes_are_told_and_the_rest_is_given() -> None:
    chunks = stream([segment(0, flags=SYN), segment(1, b"ab"), segment(13, b"yz"), segment(15, flags=RST)])
    assert [(chunk.data, chunk.lost, chunk.ended) for chunk in chunks] == [
        (b"ab", 0, False),
        (b"yz", 10, False),
        (b"", 0, True),
    ]


def test_it_does_not_wait_for_a_missing_byte_without_end() -> None:
    streams = TcpStreams()
    list(streams.take(segment(0, flags=SYN)))
    size = 1 << 16
    ahead = [chunk for n in range(MAX_AHEAD // size + 1) for chunk in streams.take(segment(2 + n * size, bytes(size)))]
    assert ahead[0].lost == 1
    assert sum(len(chunk.data) for chunk in ahead) == MAX_AHEAD + size


def test_a_second_connection_of_the_same_ports_begins_anew() -> None:
    chunks = stream([segment(0, flags=SYN), segment(1, b"ab"), segment(900, flags=SYN), segment(901, b"cd")])
    assert [chunk.data for chunk in chunks] == [b"ab", b"", b"cd", b""]
