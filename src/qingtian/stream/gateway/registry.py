"""The devices the gateway knows, by the newest plan; followed while it runs."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.bus.plans import PlanSnapshot
from qingtian.stream.hj212.devices import DeviceTable


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Plan ``number`` as the gateway needs it. ``partitions[i]`` is where the packets of device *i* go on the log."""

    number: int
    devices: DeviceTable
    partitions: NDArray[np.uint16]
    partition_count: int


def registry(plan: PlanSnapshot, *, partitions: int = 1) -> Registry:
    """Build the registry. A device keeps its partition from plan to plan: it hangs on the MN alone."""
    mns = [device["mn"] for outlet in plan["outlets"] for device in outlet["devices"]]
    devices = DeviceTable.build(mns)
    places = np.array([zlib.crc32(mn.encode()) % partitions for mn in devices.mns], np.uint16)
    return Registry(number=plan["number"], devices=devices, partitions=places, partition_count=partitions)
