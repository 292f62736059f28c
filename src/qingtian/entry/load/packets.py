"""Many distinct, well-formed packets in little time: one template, digits written by columns, checksums by a kernel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.stream.hj212.kernel_checksum import checksum

FACTORS = ("w01018", "w21003", "w21011", "w21001", "w00000", "w01012", "w01017", "w01014")
MEASURES = ("Min", "Avg", "Max")
VALUE = b"00.000"
DATA_TIME = b"DataTime="
HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)
TAIL = 6
"""Checksum and line end."""


def device_mn(index: int) -> str:
    """Return the MN of the bench's device ``index``: 24 hexadecimal digits."""
    return f"{0x0BE4C4 << 72 | index:024X}"


def template(factors: tuple[str, ...] = FACTORS, *, cn: int = 2051, measures: tuple[str, ...] = MEASURES) -> bytes:
    """Return a frame (about 700 bytes for 8 factors) whose stamps, MN, values and checksum are to be written."""
    values = ";".join(
        ",".join([f"{code}-{measure}={VALUE.decode()}" for measure in measures] + [f"{code}-Flag=N"])
        for code in factors
    )
    segment = (
        f"QN={0:017d};ST=32;CN={cn};PW=123456;MN={device_mn(0)};Flag=5;CP=&&DataTime={0:014d};{values}&&"
    ).encode()
    return b"##%04d%s0000\r\n" % (len(segment), segment)


def make(
    *,
    devices: int,
    each: int,
    until: datetime,
    seed: int = 1,
    level: float = 30.0,
    apart: float = 1.0,
    like: bytes | None = None,
) -> NDArray[np.uint8]:
    """Return ``devices`` × ``each`` × length bytes: ``each`` packets of every device, the last just before ``until``.

    They are ``apart`` seconds apart and ``like`` a `template` (the usual one). Values lie
    within a tenth of ``level`` (two digits before the point, three after).
    """
    frame = np.frombuffer(like or template(), np.uint8)
    text = frame.tobytes()
    table = np.tile(frame, (devices, each, 1))
    moments = [until - timedelta(seconds=apart * (each - number)) for number in range(each)]
    stamps = np.frombuffer("".join(times.stamp_milliseconds(moment) for moment in moments).encode(), np.uint8)
    stamps = stamps.reshape(each, 17)
    qn, data_time = text.index(b"QN=") + 3, text.index(DATA_TIME) + len(DATA_TIME)
    table[:, :, qn : qn + 17] = stamps
    table[:, :, data_time : data_time + 14] = stamps[:, :14]
    names = np.frombuffer("".join(device_mn(index) for index in range(devices)).encode(), np.uint8)
    place = text.index(b"MN=") + 3
    table[:, :, place : place + 24] = names.reshape(devices, 1, 24)
    _write_values(table, text, np.random.default_rng(seed), level)
    _write_checksums(table.reshape(devices * each, len(frame)), 6, len(frame) - TAIL)
    return table


def _write_values(table: NDArray[np.uint8], text: bytes, dice: np.random.Generator, level: float) -> None:
    place = text.find(VALUE, text.index(b"CP=&&") + 5 + len(DATA_TIME) + 15)
    while place >= 0:
        thousandths = (level * 1000 * dice.uniform(0.9, 1.1, table.shape[:2])).astype(np.int64)
        for digit, power in zip((0, 1, 3, 4, 5), (10000, 1000, 100, 10, 1), strict=True):
            table[:, :, place + digit] = 48 + thousandths // power % 10
        place = text.find(VALUE, place + len(VALUE))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _write_checksums(table: Any, start: int, end: int) -> None:
    for row in range(table.shape[0]):
        crc = checksum(table[row], start, end)
        for index in range(4):
            table[row, end + 3 - index] = HEX[crc & 15]
            crc >>= 4
