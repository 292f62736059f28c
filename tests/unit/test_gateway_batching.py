"""Accepted frames into batches: cut by size, kept by partition and in order."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from tests.integration.wire import frame, plan

from qingtian.base import times
from qingtian.bus import batches as log_batches
from qingtian.entry.load import packets
from qingtian.stream.gateway import batching
from qingtian.stream.gateway.registry import Registry, registry
from qingtian.stream.hj212.kernels import frame_chunks

QN = "20261122100000{:03d}"


def framed(chunks: list[bytes], known: Registry) -> list[tuple[int, log_batches.PacketBatch]]:
    buffer = b"".join(chunks)
    starts = np.cumsum([0, *map(len, chunks)])
    found = frame_chunks(buffer, starts, known.devices)
    arrived = np.arange(len(chunks), dtype=np.int64) + 1000
    addresses = [f"192.0.2.{index % 3}" for index in range(len(chunks))]
    return list(batching.batches(buffer, found, arrived=arrived, addresses=addresses, registry=known))


def test_it_makes_one_batch_of_what_several_connections_sent() -> None:
    known = registry(plan(["A1", "B1"], number=5))
    first, second = frame(qn=QN.format(1), mn="A1"), frame(qn=QN.format(2), mn="B1")
    [(partition, batch)] = framed([first, second + first[:40]], known)
    assert partition == 0
    assert batch.plan == 5
    assert [batch.frame(0), batch.frame(1)] == [first, second]
    assert batch.received.tolist() == [1000, 1001]
    assert [batch.addresses[index] for index in batch.address_index] == ["192.0.2.0", "192.0.2.1"]


def test_it_leaves_refused_frames_out_and_keeps_the_rest_untouched() -> None:
    known = registry(plan(["A1"]))
    good, bad = frame(qn=QN.format(1), mn="A1"), frame(qn=QN.format(2), mn="STRANGER")
    [(_, batch)] = framed([b"noise\r\n" + good + bad + good], known)
    assert [batch.frame(index).rstrip() for index in range(len(batch))] == [good.rstrip(), good.rstrip()]


def test_it_makes_no_batch_of_nothing() -> None:
    assert framed([b"GET / HTTP/1.1\r\n\r\n"], registry(plan(["A1"]))) == []


def test_it_cuts_before_a_message_would_be_too_long() -> None:
    devices = 20
    known = registry(plan([packets.device_mn(index) for index in range(devices)]))
    table = packets.make(devices=devices, each=60, until=log_time())
    found = framed([table[index].tobytes() for index in range(devices)], known)
    assert len(found) > 1
    assert all(len(log_batches.encode(batch)) <= log_batches.MAX_BYTES + 4096 for _, batch in found)
    assert b"".join(batch.raw for _, batch in found) == table.tobytes()


def test_it_keeps_each_device_in_the_partition_of_its_mn() -> None:
    mns = [f"DEVICE{index}" for index in range(30)]
    two = registry(plan(mns), partitions=4)
    again = registry(plan(list(reversed(mns))), partitions=4)
    placed = dict(zip(two.devices.mns, two.partitions.tolist(), strict=True))
    assert placed == dict(zip(again.devices.mns, again.partitions.tolist(), strict=True))
    for partition, batch in framed([frame(qn=QN.format(1), mn=mn) for mn in mns], two):
        for index in range(len(batch)):
            mn = batch.frame(index).partition(b"MN=")[2].partition(b";")[0].decode()
            assert placed[mn] == partition


def log_time() -> datetime:
    return times.parse_stamp("20261122120000")
