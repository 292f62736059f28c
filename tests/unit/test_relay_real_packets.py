"""Every real packet and every example of the standards can be passed on, to a target of any edition."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.hj212_shared import expected_error, lines, packets

from qingtian.bus.relays import Place
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.head import read_head
from qingtian.stream.hj212.segment import encode_frame
from qingtian.stream.relay.packets import Packet, segment_of
from qingtian.stream.relay.shipping import NotSent, Shipment, prepare
from qingtian.stream.relay.targets import Leg, Target

LEG = Leg(mn="X", as_mn="THERE", pw="654321")
TARGET = Target(code="c", name="c", host="h", port=1, enabled=True, legs={"X": LEG})
REASONS = {"not_meant", "edition", "too_long", "unreadable"}


def made(frame: bytes, edition: Edition | None) -> Shipment | NotSent:
    packet = Packet(place=Place(1, 0), mn="X", received_us=1767228007250000, frame=frame)
    return prepare(packet, replace(TARGET, edition=edition), LEG)


def frames() -> list[bytes]:
    real = [one["packet"].encode() for one in packets() if expected_error(one) is None]
    return real + [encode_frame(one["segment"].encode()) for one in lines("hj212_standard_segments.jsonl")]


@pytest.mark.parametrize("edition", [None, *Edition], ids=str)
def test_it_passes_every_packet_on_or_says_why_not(edition: Edition | None) -> None:
    sent = 0
    for frame in frames():
        one = made(frame, edition)
        if isinstance(one, NotSent):
            assert one.reason in REASONS, frame
            continue
        sent += 1
        for piece in one.pieces:
            segment = segment_of(piece.frame)
            assert segment is not None, frame
            assert len(segment) <= 1024
            head = read_head(segment)
            assert (head.mn, head.pw, head.asks) == ("THERE", "654321", True)
            assert edition is None or head.edition is edition
    assert sent > 80
