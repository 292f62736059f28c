"""The packets that benches send: sound, distinct, and those over the limit really over it."""

from __future__ import annotations

import numpy as np

from qingtian.base import times
from qingtian.entry.load import packets, probes, sink
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.kernels import frame_chunks, parse_columns
from qingtian.stream.hj212.status import OK

UNTIL = times.parse_stamp("20261122120000")


def test_it_makes_sound_and_distinct_packets() -> None:
    table = packets.make(devices=5, each=7, until=UNTIL)
    raw = table.tobytes()
    devices = DeviceTable.build([packets.device_mn(index) for index in range(5)])
    found = frame_chunks(raw, np.array([0, len(raw)]), devices)
    assert found.status.tolist() == [OK] * 35
    assert found.device.tolist() == [device for device in range(5) for _ in range(7)]
    assert len(np.unique(table.reshape(35, -1), axis=0)) == 35
    assert 600 <= table.shape[2] <= 700


def test_it_keeps_the_values_within_a_tenth_of_the_level() -> None:
    raw = packets.make(devices=2, each=3, until=UNTIL, level=30.0).tobytes()
    devices = DeviceTable.build([packets.device_mn(index) for index in range(2)])
    _, readings = parse_columns(raw, np.arange(7) * (len(raw) // 6), devices)
    assert len(readings) == 6 * len(packets.FACTORS) * len(packets.MEASURES)
    assert readings.value.min() >= 27
    assert readings.value.max() <= 33


def test_it_makes_a_probe_of_the_same_device() -> None:
    raw = probes.over_limit(3)
    found = frame_chunks(raw, np.array([0, len(raw)]), DeviceTable.build([packets.device_mn(3)]))
    assert found.status.tolist() == [OK]


def test_it_answers_in_the_sink_as_the_standard_says() -> None:
    frame = packets.make(devices=1, each=1, until=UNTIL).tobytes()
    answer = sink.reply(frame + frame, 0, len(frame))
    assert f";ST=91;CN=9014;PW=123456;MN={packets.device_mn(0)};Flag=4;CP=&&&&".encode() in answer
    found = frame_chunks(answer, np.array([0, len(answer)]), DeviceTable.build([packets.device_mn(0)]))
    assert found.status.tolist() == [OK]
