"""The face of the kernel at the door, and the table of shapes it asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.gateway.kernel_door import RIGHT, UNREAD, WRONG, look_at
from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.columns import MISSING_TIME, FrameColumns
from qingtian.stream.hj212.devices import DeviceTable

__all__ = ["RIGHT", "UNREAD", "WRONG", "DoorTable", "Looks", "ShapeTable", "look", "warm"]

SHAPED = np.array([2011, 2021, 2031, 2041, 2051, 2061, 9011, 9012, 9013, 9014, 9015], np.int16)
"""Commands whose deviations hang on the shape of the packet: they carry no typed item but DataTime."""

SHAPED.flags.writeable = False


class ShapeTable:
    """Shape → what was found when a packet of it was read; open addressing, never more than half full."""

    def __init__(self, *, slots: int = 1 << 14) -> None:
        self.keys: NDArray[np.uint64] = np.zeros(slots, np.uint64)
        self.found: NDArray[np.int32] = np.zeros(slots, np.int32)
        self._filled = 0

    def put(self, shape: int, found: int) -> None:
        """Remember a shape. A full table begins anew: senders of free text have no end of shapes."""
        if 2 * self._filled >= len(self.keys):
            self.keys[:] = 0
            self._filled = 0
        mask = len(self.keys) - 1
        slot = shape & mask
        while self.keys[slot]:
            slot = (slot + 1) & mask
        self.keys[slot], self.found[slot] = shape, found
        self._filled += 1


@dataclass(frozen=True, kw_only=True)
class DoorTable:
    """What the kernel must know of the devices of a plan, by index: passwords, whom to look at how often, clocks."""

    password_places: NDArray[np.int32]
    passwords: NDArray[np.uint8]
    rest: NDArray[np.int16]
    clocks: NDArray[np.int64]

    @classmethod
    def build(cls, passwords: list[str], *, always: list[bool]) -> DoorTable:
        """``always``: devices every packet of which is read in full."""
        encoded = [password.encode() for password in passwords]
        places = np.zeros(len(encoded) + 1, np.int32)
        np.cumsum([len(password) for password in encoded], out=places[1:])
        return cls(
            password_places=places,
            passwords=np.frombuffer(b"".join(encoded) or b"\0", np.uint8),
            rest=np.where(always, -1, 0).astype(np.int16),
            clocks=np.full(len(encoded), MISSING_TIME, np.int64),
        )


@dataclass(frozen=True, kw_only=True)
class Looks:
    """By frame: ``logins`` (`RIGHT`, `WRONG`), ``shapes`` (0: none), ``found``: as `ShapeTable` has it, `UNREAD`, or
    `NOT_LOOKED_AT`."""

    logins: NDArray[np.uint8]
    shapes: NDArray[np.uint64]
    found: NDArray[np.int32]


def look(
    buffer: bytes, frames: FrameColumns, *, arrived: NDArray[np.int64], door: DoorTable, shapes: ShapeTable
) -> Looks:
    """Look at the frames of a turn; ``arrived`` (µs since 1970 UTC) by chunk."""
    count = len(frames)
    raw = np.frombuffer(buffer, np.uint8)
    looks = Looks(logins=np.empty(count, np.uint8), shapes=np.empty(count, np.uint64), found=np.empty(count, np.int32))
    look_at(
        *(raw, frames.table, count, arrived, door.password_places, door.passwords, door.rest, SHAPED),
        *(shapes.keys, shapes.found, door.clocks, looks.logins, looks.shapes, looks.found),
    )
    return looks


def warm() -> None:
    """Compile the kernel if it is not kept yet, by using it once."""
    devices = DeviceTable.build(["010000A8900016F000169DC0"])
    frame = kernels.SAMPLE + b"%04X\r\n" % kernels.checksum(kernels.SAMPLE[6:])
    frames = kernels.frame_chunks(frame, np.array([0, len(frame)]), devices)
    door = DoorTable.build(["123456"], always=[False])
    look(frame, frames, arrived=np.zeros(1, np.int64), door=door, shapes=ShapeTable())
