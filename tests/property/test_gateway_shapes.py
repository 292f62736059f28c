"""Packets of one shape deviate alike: what the gateway remembers of a shape is what reading each packet would say."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingtian.stream.gateway.kernel_door import shape_of
from qingtian.stream.gateway.kernels import SHAPED
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.tolerant import read

CODES = ("w01018", "a34001", "zz9", "w21003-", "SB1", "01018")
TAGS = ("Rtd", "Avg", "Flag", "EFlag", "td", "ZsRtd", "SampleTime", "RS", "Min")
VALUES = ("1.5", "20", "-3.25", "4o", "", "N", "7", "3", "1e5", "123456789012345", "//x1;y//", "20261122100000")
STAMPS = ("20261122100000", "20261122100005", "20261122100000123", "20261399999999", "", "2026112210")
QNS = ("20261122100000001", "1617936069734", "", "12", "2026112210000000x")
MEASURED = re.compile(rb"(-(?!E?Flag)[A-Za-z]+=)(-?[0-9.]{1,6})(?=[;,&])")
MNS = ("010000A8900016F000169DC0", "88888880000001", "JLYP01_AIR01_0001", "abc")


@st.composite
def frames(draw: st.DrawFn, *, lower: bool = True) -> bytes:
    items = [f"DataTime={draw(st.sampled_from(STAMPS))}"] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 4))):
        code, tag, value = draw(st.sampled_from(CODES)), draw(st.sampled_from(TAGS)), draw(st.sampled_from(VALUES))
        items.append(f"{code}-{tag}={value}")
    head = (
        f"QN={draw(st.sampled_from(QNS))};ST={draw(st.sampled_from(('32', '80', '91')))};"
        f"CN={draw(st.sampled_from(SHAPED.tolist()))};PW={draw(st.sampled_from(('123456', '')))};"
        f"MN={draw(st.sampled_from(MNS))};Flag={draw(st.sampled_from(('4', '5', '7', '9', '300')))};"
    )
    if draw(st.booleans()):
        head += f"PNUM={draw(st.integers(1, 3))};PNO={draw(st.integers(1, 3))};"
    segment = f"{head}CP=&&{draw(st.sampled_from((';', ',', '; '))).join(items)}&&".encode()
    tail = printed(checksum(segment))
    tail = tail.lower() if lower and draw(st.booleans()) else tail
    return b"##%04d%s%s%s" % (len(segment), segment, tail, draw(st.sampled_from((b"\r\n", b"\n", b""))))


def shape(raw: bytes) -> int:
    buffer = np.frombuffer(raw, np.uint8)
    return int(shape_of(buffer, 0, len(buffer)))


def deviations(raw: bytes) -> tuple[str, ...]:
    (frame,) = read_frames(raw)
    return read(frame, way=Way.UP).deviations


def with_other_digits(raw: bytes, digits: list[int]) -> bytes:
    """Return the frame with other digits in what is measured, as a logger sends it a minute later."""
    found = iter(digits * 100)
    end = raw.rindex(b"&&") + 2
    segment = MEASURED.sub(
        lambda match: match[1] + re.sub(rb"[0-9]", lambda _: b"%d" % next(found), match[2]), raw[6:end]
    )
    return b"##%04d%s%s%s" % (len(segment), segment, printed(checksum(segment)), raw[end + 4 :])


@given(first=frames(), second=frames(), digits=st.lists(st.integers(0, 9), min_size=1, max_size=9))
@settings(max_examples=300, deadline=None)
def test_packets_of_one_shape_deviate_alike(first: bytes, second: bytes, digits: list[int]) -> None:
    for other in (second, with_other_digits(first, digits)):
        if shape(first) == shape(other):
            assert deviations(first) == deviations(other), other


@given(frame=frames(lower=False))
@settings(max_examples=100, deadline=None)
def test_the_next_packet_of_a_logger_has_the_shape_of_the_last(frame: bytes) -> None:
    assert shape(with_other_digits(frame, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])) == shape(frame)
