"""How many bytes a second the codec reads: columns by kernel, segments in plain Python, and a bare copy beside them."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.segment import Segment, Value, decode_segment, encode_frame

SUMMARY = "bytes a second: column parser, plain Python, memory copy"

DEVICES = tuple(f"{0x0BE4C4 << 72 | index:024X}" for index in range(1000))
FACTORS = ("w01018", "w21003", "w21011", "w21001", "w00000", "w01012", "w01017", "w01014")
PACKETS = 4096
"""A load of 2.7 MB, some five full batches of the log."""

PYTHON_PACKETS = 256
"""Enough for plain Python, which is a hundred times slower."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """Packets of one kind, end to end; ``offsets`` int64, one more than packets."""

    raw: bytes
    offsets: NDArray[np.int64]

    @property
    def packet_bytes(self) -> float:
        return len(self.raw) / (len(self.offsets) - 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="of the values in the packets (1)")


def _value(dice: random.Random) -> str:
    return f"{dice.uniform(0, 100):.3f}"


def _period(dice: random.Random) -> dict[str, Value]:
    return {"Min": _value(dice), "Avg": _value(dice), "Max": _value(dice), "Flag": "N"}


def _instant(dice: random.Random) -> dict[str, Value]:
    return {"Rtd": _value(dice), "Flag": "N"}


def make(*, seed: int, factors: int, of: Callable[[random.Random], dict[str, Value]], cn: str) -> Load:
    """Return packets of that many factors."""
    dice = random.Random(seed)
    frames = [
        encode_frame(
            Segment(
                qn=f"20261122{number % 86400:06d}{number % 1000:03d}",
                st="32",
                cn=cn,
                pw="123456",
                mn=DEVICES[number % len(DEVICES)],
                flag="5",
                cp={"DataTime": f"20261122{number // 60 % 24:02d}{number % 60:02d}00"},
                factors={code: of(dice) for code in FACTORS[:factors]},
            )
        )
        for number in range(PACKETS)
    ]
    return Load(raw=b"".join(frames), offsets=np.cumsum([0, *map(len, frames)], dtype=np.int64))


def _best(act: Callable[[], object], *, seconds: float) -> float:
    """Return the shortest time of one act, in seconds: what else the machine does only ever adds."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best


def _decode(raw: bytes) -> None:
    for frame in read_frames(raw):
        decode_segment(frame.segment)


def run(args: argparse.Namespace) -> dict[str, Any]:
    kernels.warm()
    devices = DeviceTable.build(DEVICES)
    large = make(seed=args.seed, factors=8, of=_period, cn="2051")
    small = make(seed=args.seed, factors=4, of=_instant, cn="2011")
    share = args.seconds / 6
    parse_large = _best(lambda: kernels.parse_columns(large.raw, large.offsets, devices), seconds=share)
    parse_small = _best(lambda: kernels.parse_columns(small.raw, small.offsets, devices), seconds=share)
    framing = _best(lambda: kernels.frame_chunks(large.raw, large.offsets, devices), seconds=share)
    checksum = _best(lambda: kernels.checksum(large.raw), seconds=share)
    few = large.raw[: int(large.offsets[PYTHON_PACKETS])]
    python = _best(lambda: _decode(few), seconds=share)
    source = np.frombuffer(large.raw, np.uint8)
    target = np.empty_like(source)
    copy = _best(lambda: np.copyto(target, source), seconds=share)
    figures = {
        "mb_per_s": _rate(large.raw, parse_large),
        "python_mb_per_s": _rate(few, python),
        "memcpy_mb_per_s": _rate(large.raw, copy),
        "packet_bytes": round(large.packet_bytes),
        "packets_per_s": round(PACKETS / parse_large),
        "small_mb_per_s": _rate(small.raw, parse_small),
        "small_packet_bytes": round(small.packet_bytes),
        "small_packets_per_s": round(PACKETS / parse_small),
        "framing_mb_per_s": _rate(large.raw, framing),
        "checksum_mb_per_s": _rate(large.raw, checksum),
    }
    _print(figures)
    return figures


def _rate(raw: bytes, seconds: float) -> float:
    return round(len(raw) / seconds / 1e6, 2)


def _print(figures: dict[str, Any]) -> None:
    rows = (
        (f"columns, packets of {figures['packet_bytes']} bytes", "mb_per_s", figures["packets_per_s"]),
        (
            f"columns, packets of {figures['small_packet_bytes']} bytes",
            "small_mb_per_s",
            figures["small_packets_per_s"],
        ),
        ("framing with checksum and device", "framing_mb_per_s", None),
        ("checksum alone", "checksum_mb_per_s", None),
        ("plain Python", "python_mb_per_s", None),
        ("memory copy", "memcpy_mb_per_s", None),
    )
    for title, key, packets in rows:
        rate = f"{packets:>12,} packets/s" if packets else ""
        print(f"{title:<36} {figures[key]:>10,.1f} MB/s {rate}")
    print(f"columns : plain Python = {figures['mb_per_s'] / figures['python_mb_per_s']:.0f} : 1", end=", ")
    print(f"columns : memory copy = {figures['mb_per_s'] / figures['memcpy_mb_per_s']:.3f} : 1")
