"""The door: who may log in, whose packets deviate and how, and who speaks on which line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qingtian.stream.gateway.kernels import UNREAD, WRONG, Looks, ShapeTable, look
from qingtian.stream.gateway.profiles import PASSWORD_WRONG
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.standing import Standings
from qingtian.stream.gateway.turns import REFUSED_BY_PROFILE, STRAY_BYTES, Turn
from qingtian.stream.hj212.columns import FrameColumns
from qingtian.stream.hj212.deviations import DEVIATIONS, Verdict
from qingtian.stream.hj212.editions import Edition, edition_of
from qingtian.stream.hj212.frames import Frame
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.profile import Profile
from qingtian.stream.hj212.status import OK
from qingtian.stream.hj212.tolerant import read

WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the reason of a dead letter
AT_THE_DOOR = 100
"""Status of a frame that the codec takes and the door does not."""

REST = 15
"""Packets of a device not looked at after one without deviations; one that deviates is looked at every time."""

DEVICE_BITS = 32
"""What deviated is noted as one number: which deviations, and behind them the device."""

READ_AT_ONCE = 32
"""Packets of unknown shape read in one turn; the rest passes unread."""


class Door:
    """Looks at the sound frames of a turn. What it refuses has another status than OK afterwards."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        self._shapes = ShapeTable()
        self._seen: list[tuple[str, ...]] = [()]
        self._noted: Counter[int] = Counter()
        self._last: dict[int, int] = {}
        self._number_of: dict[tuple[str, ...], int] = {(): 0}

    def admit(self, turn: Turn, *, known: Registry) -> None:
        """Refuse wrong passwords and what profiles refuse; count deviations; note who speaks where."""
        arrived = np.array([session.arrived_us for session in turn.sessions], np.int64)
        looks = look(turn.buffer, turn.frames, arrived=arrived, door=known.door, shapes=self._shapes)
        for index in np.flatnonzero(looks.logins == WRONG).tolist():
            self._with_wrong_password(turn, index, known)
        self._count_mended(turn, looks, known)
        self._count(turn, looks, known)
        self._note_speakers(turn, known)

    # -- log-in

    def _with_wrong_password(self, turn: Turn, index: int, known: Registry) -> None:
        mn = known.devices.mns[turn.frames.device[index]]
        match known.profile(mn).verdict(PASSWORD_WRONG):
            case Verdict.REFUSE:
                turn.refuse(index, WRONG_PASSWORD, AT_THE_DOOR, deviations=(PASSWORD_WRONG,))
            case Verdict.RECORD:
                self._standings.deviated(mn, (PASSWORD_WRONG,), at_us=turn.session(index).arrived_us)

    # -- deviations

    def _count_mended(self, turn: Turn, looks: Looks, known: Registry) -> None:
        for session in turn.stray:
            recorded = known.profile(session.mn).recorded((STRAY_BYTES,))
            self._standings.deviated(session.mn, recorded, at_us=session.arrived_us)
        for index, codes in turn.repaired.items():
            looks.found[index] = 0
            if turn.frames.status[index] == OK:
                self._deviated(turn, index, codes, known)

    def _count(self, turn: Turn, looks: Looks, known: Registry) -> None:
        devices, rest = turn.frames.device, known.door.rest
        good = turn.frames.status == OK
        for index in np.flatnonzero((looks.found == UNREAD) & good)[:READ_AT_ONCE].tolist():
            looks.found[index] = self._read(turn, index, int(looks.shapes[index]), known)
        self._count_loud(turn, looks)
        clean = devices[(looks.found == 0) & good]
        rest[clean[rest[clean] == 0]] = REST

    def _count_loud(self, turn: Turn, looks: Looks) -> None:
        """Note what deviates. For many loggers that is every packet, so the sorting is left to `fold`."""
        loud = np.flatnonzero((looks.found > 0) & (turn.frames.status == OK))
        if not len(loud):
            return
        noted = (looks.found[loud].astype(np.int64) << DEVICE_BITS | turn.frames.device[loud]).tolist()
        arrived = [session.arrived_us for session in turn.sessions]
        self._noted.update(noted)
        self._last.update(zip(noted, [arrived[chunk] for chunk in turn.frames.chunk[loud].tolist()], strict=True))

    def fold(self, known: Registry) -> None:
        """Add what was noted since the last call to the standings; ``known``: the plan by which it was noted."""
        noted, last, self._noted, self._last = self._noted, self._last, Counter(), {}
        for key, count in noted.items():
            mn = known.devices.mns[key & ((1 << DEVICE_BITS) - 1)]
            recorded = known.profile(mn).recorded(self._seen[key >> DEVICE_BITS])
            self._standings.deviated(mn, recorded, at_us=last[key], count=count)

    def _read(self, turn: Turn, index: int, shape: int, known: Registry) -> int:
        """Read a packet in full; return the number of what was found, and remember it by the packet's shape."""
        profile = known.profile(known.devices.mns[turn.frames.device[index]])
        frame = Frame(offset=0, raw=turn.as_came(index), segment=turn.segment(index), error=None)
        reading = read(frame, profile, way=Way.UP)
        if not reading.ok:
            turn.refuse(index, REFUSED_BY_PROFILE, AT_THE_DOOR, deviations=reading.deviations)
        number = self._number(reading.deviations, always=not shape)
        if shape:
            self._shapes.put(shape, number)
        return number

    def _number(self, codes: tuple[str, ...], *, always: bool) -> int:
        """Return the number of a set of deviations; 0 if there is none that anybody may count."""
        kept = tuple(code for code in codes if always or DEVIATIONS[code].usual is not Verdict.ACCEPT)
        if kept not in self._number_of:
            self._number_of[kept] = len(self._seen)
            self._seen.append(kept)
        return self._number_of[kept]

    def _deviated(self, turn: Turn, index: int, codes: Sequence[str], known: Registry) -> None:
        mn = known.devices.mns[turn.frames.device[index]]
        recorded = known.profile(mn).recorded(codes)
        if recorded:
            self._standings.deviated(mn, recorded, at_us=turn.session(index).arrived_us)

    # -- who speaks where

    def _note_speakers(self, turn: Turn, known: Registry) -> None:
        frames = turn.frames
        speakers = np.array([session.device for session in turn.sessions], np.int32)
        for index in np.flatnonzero((frames.status == OK) & (frames.device != speakers[frames.chunk])).tolist():
            session, device = turn.session(index), int(frames.device[index])
            mn = known.devices.mns[device]
            profile = known.profile(mn)
            session.device, session.mn = device, mn
            if mn not in session.mns:
                session.mns.add(mn)
                if len(session.mns) > 1:
                    recorded = profile.recorded(("several_mns",))
                    self._standings.deviated(mn, recorded, at_us=session.arrived_us)
            edition = _edition(profile, frames, index)
            self._standings.spoke(mn, session, edition=edition, at_us=session.arrived_us)


def _edition(profile: Profile, frames: FrameColumns, index: int) -> Edition:
    flag = int(frames.flag[index])
    return profile.edition or edition_of(None if flag < 0 else flag)
