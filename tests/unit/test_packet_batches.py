"""Batches of the log with repaired packets (QTB2): written, read, put end to end; QTB1 as before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qingtian.bus import batches
from qingtian.bus.batches import NO_REPAIRS, BrokenBatch, PacketBatch, Repairs
from qingtian.stream.readings.arrivals import gather


def batch(frames: list[bytes], plain: dict[int, bytes]) -> PacketBatch:
    ends = np.cumsum([0, *map(len, frames)]).astype(np.uint32)
    mended = [plain[place] for place in sorted(plain)]
    repairs = Repairs(
        packets=np.array(sorted(plain), np.uint32),
        offsets=np.cumsum([0, *map(len, mended)]).astype(np.uint32),
        raw=b"".join(mended),
    )
    return PacketBatch(
        plan=3,
        received=np.arange(len(frames), dtype=np.int64) + 1000,
        offsets=ends,
        address_index=np.zeros(len(frames), np.uint16),
        addresses=("192.0.2.1",),
        raw=b"".join(frames),
        repairs=repairs if plain else NO_REPAIRS,
    )


@pytest.mark.parametrize("plain", [{}, {0: b"PLAIN-A"}, {1: b"P", 2: b"Q"}, {0: b"1", 1: b"22", 2: b"333"}])
def test_it_reads_what_it_wrote(plain: dict[int, bytes]) -> None:
    made = batch([b"aaa", b"bb", b"c"], plain)
    message = batches.encode(made)
    assert message[:4] == (b"QTB2" if plain else b"QTB1")
    read = batches.decode(message)
    assert [read.frame(index) for index in range(3)] == [b"aaa", b"bb", b"c"]
    assert [read.plain(index) for index in range(3)] == [plain.get(n, f) for n, f in enumerate([b"aaa", b"bb", b"c"])]
    assert read.received.tolist() == [1000, 1001, 1002]


def test_it_refuses_every_message_that_is_cut_or_too_long() -> None:
    for plain in ({}, {1: b"PLAIN"}):
        message = batches.encode(batch([b"aaa", b"bb"], plain))
        for end in range(len(message)):
            with pytest.raises(BrokenBatch):
                batches.decode(message[:end])
        with pytest.raises(BrokenBatch):
            batches.decode(message + b"x")


def test_arrivals_of_both_kinds_stand_end_to_end_with_what_is_to_be_read() -> None:
    first, second = batch([b"aaa", b"bb"], {}), batch([b"c", b"dddd"], {1: b"DD"})
    found = gather([(7, first), (8, second)])
    raw = [found.raw[start:end] for start, end in zip(found.offsets, found.offsets[1:], strict=False)]
    assert raw == [b"aaa", b"bb", b"c", b"dddd"]
    assert [found.plain(packet) for packet in range(4)] == [b"aaa", b"bb", b"c", b"DD"]
    assert found.repaired.tolist() == [False, False, False, True]


def test_arrivals_without_repairs_are_read_as_they_came() -> None:
    found = gather([(7, batch([b"aaa"], {})), (8, batch([b"b"], {}))])
    assert found.plain_raw is found.raw
    assert not found.repaired.any()


def test_a_batch_is_the_same_however_its_arrays_are_typed() -> None:
    made = batch([b"aaa", b"bb"], {0: b"A"})
    wider = replace(made, offsets=made.offsets.astype(np.int64))
    assert batches.encode(wider) == batches.encode(made)
