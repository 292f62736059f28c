"""The judge: messages of the log in, findings and rows for the lake out. Its state is a function of the log alone.

Pure of I/O: no connection, no clock, no file. However the log is cut into calls, and wherever a dumped state is loaded
again, findings and rows are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.batches import PacketBatch
from qingtian.stream.findings import sieve
from qingtian.stream.findings.detectors import Detector, Finding, Stretch
from qingtian.stream.findings.plan import NO_PLAN, JudgePlan
from qingtian.stream.findings.sieve import DeviceMemory
from qingtian.stream.hj212.columns import PacketColumns, ReadingColumns
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.kernels import parse_columns
from qingtian.stream.readings.arrivals import Arrivals, gather
from qingtian.stream.readings.rows import JudgedStretch

MN = re.compile(rb"[;,0-9]MN=([^;,&]*)")


@dataclass(kw_only=True)
class Totals:
    """What was judged since this process began, for the heartbeat."""

    packets: int = 0
    readings: int = 0
    duplicates: int = 0
    findings: int = 0


class Judge:
    """Feeds detectors and remembers devices. ``position`` is the last log sequence judged, 0 before the first."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self.detectors = list(detectors)
        self.plan: JudgePlan = NO_PLAN
        self.position = 0
        self.totals = Totals()
        self.memory = DeviceMemory.empty(0)
        self.register: dict[str, int] = {}
        self.enroll(())
        self._freshness = sieve.freshness(date(2026, 1, 1))

    def adopt(self, plan: JudgePlan, *, received: int) -> list[Finding]:
        """Judge by ``plan`` from now on; return the events that close runs whose limit is gone.

        ``received`` (µs) is the arrival that brought the plan: the first packet of the message that names it.
        """
        self.plan = plan
        self._freshness = sieve.freshness(plan.day)
        self.enroll(plan.mns)
        found = [
            event for detector in self.detectors for event in detector.prepare(plan, self.register, received=received)
        ]
        self.totals.findings += len(found)
        return found

    def judge(self, messages: Sequence[tuple[int, PacketBatch]]) -> tuple[list[Finding], JudgedStretch]:
        """Judge messages (log sequence, batch) that follow ``position``, all under the present plan."""
        arrivals = gather(messages)
        packets, readings = parse_columns(arrivals.plain_raw, arrivals.plain_offsets, self._table)
        device = self._devices_of(arrivals, packets)
        found, kept = self.screen(
            packets, readings, device, received=arrivals.received, sequence=arrivals.sequence, index=arrivals.index
        )
        self.position = messages[-1][0]
        rows = JudgedStretch(
            arrivals=arrivals, packets=packets, readings=readings, device=device, kept=kept, mns=self._table.mns
        )
        return found, rows

    def screen(
        self,
        packets: PacketColumns,
        readings: ReadingColumns,
        device: NDArray[np.int32],
        *,
        received: NDArray[np.int64],
        sequence: NDArray[np.int64],
        index: NDArray[np.int32],
    ) -> tuple[list[Finding], NDArray[np.bool_]]:
        """Judge packets that are columns already, in the order of the log; return events and which packets are new.

        ``device``: their numbers in the register. So a replay judges what the lake holds, without parsing it again.
        """
        verdict = self._sift(packets, device, received)
        kept = verdict != sieve.SENT_AGAIN
        memory = self.memory
        sieve.remember_values(
            *(readings.packet, readings.code, readings.measure, readings.value, readings.flag, device, verdict),
            *(np.zeros(len(memory.filled), np.bool_), memory.values_count, memory.codes, memory.values, memory.flags),
        )
        stretch = Stretch(
            packets=packets,
            readings=readings,
            device=device,
            judged=verdict == sieve.FRESH,
            received=received,
            sequence=sequence,
            index=index,
        )
        found = [event for detector in self.detectors for event in detector.feed(stretch)]
        self.position = max(self.position, int(sequence.max(initial=0)))
        self._count(kept, len(readings), len(found))
        return found, kept

    def skip(self, sequence: int) -> None:
        """Pass over a message that is no batch."""
        self.position = sequence

    def dump(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as arrays of its own."""
        state: dict[str, NDArray[Any]] = {
            "position": np.array(self.position, np.int64),
            "plan": np.array(self.plan.number, np.int64),
            "mns": np.array(list(self.register), dtype="U"),
        }
        state |= {f"memory.{name}": column for name, column in self.memory.dump().items()}
        for detector in self.detectors:
            prefix = f"detector.{detector.manifest.code}.{detector.manifest.version}."
            state |= {prefix + name: column for name, column in detector.dump().items()}
        return state

    def load(self, state: Mapping[str, NDArray[Any]], *, plan: JudgePlan) -> None:
        """Take back a dumped state; ``plan`` is the one of its number. A detector of another version begins anew."""
        self.position = int(state["position"])
        self.enroll(str(mn) for mn in state["mns"])
        self.memory = DeviceMemory.load(_part(state, "memory."))
        for detector in self.detectors:
            prefix = f"detector.{detector.manifest.code}.{detector.manifest.version}."
            if mine := _part(state, prefix):
                detector.load(mine)
        self.adopt(plan, received=0)

    def enroll(self, mns: Any) -> None:
        """Number the devices that are new; a number once given stays."""
        for mn in mns:
            self.register.setdefault(mn, len(self.register))
        self._table = DeviceTable.build(self.register)
        self.memory = self.memory.grown(len(self.register))

    def _devices_of(self, arrivals: Arrivals, packets: PacketColumns) -> NDArray[np.int32]:
        """Return the device numbers; a device that left the plan, or never was in one, is enrolled as it comes."""
        unknown = np.flatnonzero(packets.device < 0)
        if not len(unknown):
            return packets.device
        device = packets.device.copy()
        mns = [_mn(arrivals.plain(int(packet))) for packet in unknown]
        self.enroll(mns)
        device[unknown] = [self.register[mn] for mn in mns]
        return device

    def _sift(
        self, packets: PacketColumns, device: NDArray[np.int32], received: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        fresh, memory = self._freshness, self.memory
        verdict = np.empty(len(device), np.uint8)
        sieve.sift(
            device,
            packets.content,
            packets.cn,
            packets.data_time,
            received,
            fresh.cn,
            fresh.ahead,
            fresh.age,
            memory.ring,
            memory.filled,
            memory.duplicates,
            memory.received,
            memory.data_time,
            memory.clock_offset,
            memory.cn,
            verdict,
        )
        return verdict

    def _count(self, kept: NDArray[np.bool_], readings: int, findings: int) -> None:
        self.totals.packets += len(kept)
        self.totals.duplicates += int(len(kept) - kept.sum())
        self.totals.readings += readings
        self.totals.findings += findings


def _part(state: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): column for name, column in state.items() if name.startswith(prefix)}


def _mn(frame: bytes) -> str:
    found = MN.search(frame)
    return found.group(1).decode("utf-8", "replace") if found else ""
