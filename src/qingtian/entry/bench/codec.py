"""How many bytes a second the codec reads: columns by kernel, segments in plain Python; beside them what bounds them.

The limit is reading memory: the exclusive or of all words of the same bytes. The load is read in batches as long as
those of the log, as the judge reads it.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.batches import MAX_BYTES
from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.segment import Segment, Value, decode_segment, encode_frame

SUMMARY = "bytes a second: column parser, plain Python; beside them a bare read of the same bytes"

DEVICES = tuple(f"{0x0BE4C4 << 72 | index:024X}" for index in range(1000))
FACTORS = ("w01018", "w21003", "w21011", "w21001", "w00000", "w01012", "w01017", "w01014")
PACKETS = 4096
"""A load of 2.7 MB (1 MB of small packets), some five full batches of the log."""

PYTHON_PACKETS = 256
"""Enough for plain Python, which is a hundred times slower."""


PEERS = {"Go": 248_000, "Java": 22_000}
"""Packets of 252 bytes a second on one thread: open parsers, by the issue "HJ 212 whole"; not measured here."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """Packets of one kind, end to end; ``offsets`` int64, one more than packets."""

    raw: bytes
    offsets: NDArray[np.int64]

    @property
    def packet_bytes(self) -> float:
        return len(self.raw) / (len(self.offsets) - 1)

    def batches(self) -> list[Load]:
        """Return the load in parts as long as the log's."""
        bounds = [0]
        while bounds[-1] < len(self.offsets) - 1:
            last = int(np.searchsorted(self.offsets, self.offsets[bounds[-1]] + MAX_BYTES, side="right")) - 1
            bounds.append(last)
        return [
            Load(
                raw=self.raw[int(self.offsets[first]) : int(self.offsets[last])],
                offsets=self.offsets[first : last + 1] - self.offsets[first],
            )
            for first, last in pairwise(bounds)
        ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="of the values in the packets (1)")


def _value(dice: random.Random, top: int = 100) -> str:
    return f"{dice.uniform(0, top):.3f}"


def _period(dice: random.Random) -> dict[str, Value]:
    return {"Min": _value(dice), "Avg": _value(dice), "Max": _value(dice), "Flag": "N"}


def _instant(dice: random.Random) -> dict[str, Value]:
    return {"Rtd": _value(dice, 200), "Flag": "N"}


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


def _parse(batches: list[Load], devices: DeviceTable) -> None:
    for batch in batches:
        kernels.parse_columns(batch.raw, batch.offsets, devices)


def run(args: argparse.Namespace) -> dict[str, Any]:
    kernels.warm()
    devices = DeviceTable.build(DEVICES)
    large = make(seed=args.seed, factors=8, of=_period, cn="2051")
    small = make(seed=args.seed, factors=4, of=_instant, cn="2011")
    share = args.seconds / 7
    few = large.raw[: int(large.offsets[PYTHON_PACKETS])]
    large_batches, small_batches = large.batches(), small.batches()
    source = np.frombuffer(large.raw, np.uint8)
    target = np.empty_like(source)
    seconds = {
        "mb_per_s": _best(lambda: _parse(large_batches, devices), seconds=share),
        "small_mb_per_s": _best(lambda: _parse(small_batches, devices), seconds=share),
        "framing_mb_per_s": _best(lambda: kernels.frame_chunks(large.raw, large.offsets, devices), seconds=share),
        "checksum_mb_per_s": _best(lambda: kernels.checksums(large.raw, large.offsets), seconds=share),
        "read_mb_per_s": _best(
            lambda: np.bitwise_xor.reduce(source[: len(source) & ~7].view(np.uint64)), seconds=share
        ),
        "memcpy_mb_per_s": _best(lambda: np.copyto(target, source), seconds=share),
        "python_mb_per_s": _best(lambda: _decode(few), seconds=share),
    }
    sizes = {"small_mb_per_s": len(small.raw), "python_mb_per_s": len(few)}
    figures = {name: round(sizes.get(name, len(large.raw)) / took / 1e6, 2) for name, took in seconds.items()}
    figures |= {
        "packet_bytes": round(large.packet_bytes),
        "packets_per_s": round(PACKETS / seconds["mb_per_s"]),
        "small_packet_bytes": round(small.packet_bytes),
        "small_packets_per_s": round(PACKETS / seconds["small_mb_per_s"]),
    }
    figures["ratio"] = round(figures["mb_per_s"] / figures["read_mb_per_s"], 4)
    figures["checksum_ratio"] = round(figures["checksum_mb_per_s"] / figures["read_mb_per_s"], 3)
    _print(figures)
    return figures


def _print(figures: dict[str, Any]) -> None:
    rows = (
        (f"columns, packets of {figures['packet_bytes']} bytes", "mb_per_s", figures["packets_per_s"]),
        (
            f"columns, packets of {figures['small_packet_bytes']} bytes",
            "small_mb_per_s",
            figures["small_packets_per_s"],
        ),
        ("framing with checksum and device", "framing_mb_per_s", None),
        ("checksum of each packet", "checksum_mb_per_s", None),
        ("plain Python", "python_mb_per_s", None),
        ("limit: reading the bytes (XOR)", "read_mb_per_s", None),
        ("memory copy", "memcpy_mb_per_s", None),
    )
    for title, key, packets in rows:
        rate = f"{packets:>12,} packets/s" if packets else ""
        print(f"{title:<36} {figures[key]:>10,.1f} MB/s {rate}")
    print(f"columns : reading = {figures['ratio']:.4f} : 1", end=", ")
    print(f"checksum : reading = {figures['checksum_ratio']:.2f} : 1", end=", ")
    print(f"columns : plain Python = {figures['mb_per_s'] / figures['python_mb_per_s']:.0f} : 1")
    peers = ", ".join(f"{name} {rate:,}" for name, rate in PEERS.items())
    print(f"published figures of open parsers, packets of 252 bytes, one thread, not measured here: {peers} packets/s")
