"""How each device stands with the gateway 设备会话: its line, edition, clock, deviations and refusals, for SESSIONS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qingtian.base import times
from qingtian.stream.gateway.answers import Answers
from qingtian.stream.gateway.session import Session
from qingtian.stream.hj212.editions import Edition

AT_ONCE = 100
"""Devices in one message."""

CLOCK_STEP_S = 1.0
"""A clock that moved less is not told again."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """How often a deviation was counted, and when last (µs since 1970 UTC)."""

    count: int = 0
    last_us: int = 0


@dataclass(slots=True, kw_only=True)
class Standing:
    """One device. ``lines``: its open connections, the last that it spoke on at the end. Counts since the start."""

    mn: str
    lines: list[Session] = field(default_factory=list)
    address: str = ""
    since_us: int = 0
    edition: Edition | None = None
    clock_offset_s: float | None = None
    deviations: dict[str, Seen] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    lockouts: int = 0

    def as_message(self) -> dict[str, Any]:
        """Return one device of a SESSIONS message (docs/architecture.md)."""
        return {
            "mn": self.mn,
            "connected": bool(self.lines),
            "address": self.address,
            "since": times.from_microseconds(self.since_us).isoformat() if self.since_us else None,
            "edition": str(self.edition.value) if self.edition else None,
            "clock_offset_s": self.clock_offset_s,
            "deviations": {
                code: {"count": seen.count, "last": times.from_microseconds(seen.last_us).isoformat()}
                for code, seen in self.deviations.items()
            },
            "refused": dict(self.refused),
            "lockouts": self.lockouts,
        }


class Standings:
    """The standings of all devices of the plan. ``run`` names this life of the gateway: counts begin with it."""

    def __init__(self, answers: Answers, *, run: str) -> None:
        self._answers = answers
        self._run = run
        self._devices: dict[str, Standing] = {}
        self._changed: set[str] = set()
        self._begins = True

    def of(self, mn: str) -> Standing:
        return self._devices.get(mn) or self._devices.setdefault(mn, Standing(mn=mn))

    def spoke(self, mn: str, session: Session, *, edition: Edition, at_us: int) -> None:
        """A device has logged in on this line, or speaks on it again after another."""
        found = self.of(mn)
        if found.lines and found.lines[-1] is session:
            return
        if session.gone:
            # it sent its packets and hung up before they were looked at
            self._passed_by(found, session, edition, at_us)
            return
        if session in found.lines:
            found.lines.remove(session)
        elif not found.lines:
            found.since_us = at_us
        found.lines.append(session)
        found.address, found.edition = session.address, edition
        self._changed.add(mn)
        self._answers.speaks(mn, session, edition=edition)

    def _passed_by(self, found: Standing, session: Session, edition: Edition, at_us: int) -> None:
        found.edition = edition
        if not found.lines:
            found.address, found.since_us = session.address, at_us
        self._changed.add(found.mn)

    def left(self, session: Session, *, at_us: int) -> None:
        """A line has closed."""
        for mn in session.mns:
            found = self._devices.get(mn)
            if found is None or session not in found.lines:
                continue
            found.lines.remove(session)
            self._changed.add(mn)
            self._answers.left(mn, session)
            if found.lines:
                found.address = found.lines[-1].address
                self._answers.speaks(mn, found.lines[-1], edition=found.edition or Edition.HJ2017)
            else:
                found.since_us = at_us

    def deviated(self, mn: str, codes: Collection[str], *, at_us: int, count: int = 1) -> None:
        """Count the deviations of a packet, or of several alike."""
        if not codes:
            return
        found = self.of(mn).deviations
        self._changed.add(mn)
        for code in codes:
            seen = found.get(code) or found.setdefault(code, Seen())
            seen.count += count
            seen.last_us = max(seen.last_us, at_us)

    def refused(self, mn: str, reason: str) -> None:
        self.of(mn).refused[reason] += 1
        self._changed.add(mn)

    def locked_out(self, mn: str) -> None:
        self.of(mn).lockouts += 1
        self._changed.add(mn)

    def clock(self, mn: str, offset_s: float) -> None:
        """Note by how much a device's clock is ahead of ours."""
        found = self.of(mn)
        if found.clock_offset_s is None or abs(found.clock_offset_s - offset_s) >= CLOCK_STEP_S:
            found.clock_offset_s = round(offset_s, 1)
            self._changed.add(mn)

    def keep_only(self, mns: Collection[str]) -> None:
        """Forget the devices that the plan does not have any more; their lines are told as left."""
        for mn in [mn for mn in self._devices if mn not in mns]:
            for line in self._devices[mn].lines:
                self._answers.left(mn, line)
            del self._devices[mn]
            self._changed.discard(mn)

    def messages(self, at: datetime) -> Iterator[dict[str, Any]]:
        """Yield SESSIONS messages for what changed since the last call; the first says that this life has begun."""
        changed, self._changed = sorted(self._changed), set()
        if self._begins:
            self._begins = False
            yield {"at": at.isoformat(), "run": self._run, "began": True, "devices": []}
        for first in range(0, len(changed), AT_ONCE):
            devices = [self._devices[mn].as_message() for mn in changed[first : first + AT_ONCE] if mn in self._devices]
            yield {"at": at.isoformat(), "run": self._run, "devices": devices}

    def again(self, message: dict[str, Any]) -> None:
        """Tell the devices of a message once more: the log did not take it."""
        self._begins = self._begins or "began" in message
        self._changed.update(device["mn"] for device in message["devices"])
