"""The requests of one device: one open at a time, in order (many loggers serve only one), and the line it speaks on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from qingtian.bus.commands import Command
from qingtian.stream.gateway.answers import Line
from qingtian.stream.gateway.commanding.exchange import Exchange, Phase
from qingtian.stream.gateway.commanding.steps import Step, Write
from qingtian.stream.hj212.messages.message import Message

MakeWrite = Callable[[Command], Write]
"""How a command is written for this device now, or a writer that raises why it cannot be."""


@dataclass(kw_only=True)
class DeviceQueue:
    """``line``: where the device speaks now, None if nowhere. ``requests``: the first is the one whose turn it is."""

    line: Line | None = None
    requests: list[Exchange] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        return not self.requests

    @property
    def awaited(self) -> bool:
        """Whether something of the device is waited for: an answer, also one that comes after its line broke."""
        return bool(self.requests) and (self.requests[0].open or self.requests[0].attempt > 0)

    def concerns(self, cn: int) -> bool:
        """Whether an upload of this command can change anything: it is what the request of the turn asks for."""
        return bool(self.requests) and self.requests[0].command.cn == cn

    @property
    def deadline(self) -> datetime | None:
        """When `tick` has something to do."""
        if not self.requests:
            return None
        due = [each.command.expires for each in self.requests if each.phase is Phase.WAITING]
        due += [each.deadline for each in self.requests[:1] if each.deadline is not None]
        return min(due, default=None)

    def add(self, exchange: Exchange, *, make: MakeWrite, now: datetime) -> list[Step]:
        self.requests.append(exchange)
        return self._advance(make, now)

    def speaks(self, line: Line, *, make: MakeWrite, now: datetime) -> list[Step]:
        """The device is on this line from now on; what went to another and was not accepted is sent again."""
        if self.line is line:
            return []
        if self.line is not None:
            self._lost()
        self.line = line
        return self._advance(make, now)

    def left(self, line: Line) -> None:
        """A line has closed; one the device had left before does not matter."""
        if self.line is line:
            self.line = None
            self._lost()

    def take(self, message: Message, *, make: MakeWrite, now: datetime) -> list[Step]:
        """Give a message to the request whose turn it is, and go on if that ends it."""
        if not self.requests:
            return []
        steps = self.requests[0].take(message, now=now)
        return [*steps, *self._advance(make, now)]

    def tick(self, *, make: MakeWrite, now: datetime) -> list[Step]:
        """Do what is due."""
        steps: list[Step] = []
        for exchange in self.requests:
            steps += exchange.expire(now=now)
        if self.requests:
            steps += self.requests[0].tick(now=now)
        return [*steps, *self._advance(make, now)]

    def used(self, qn: str) -> bool:
        """Whether a request here has this QN."""
        return any(each.command.qn == qn for each in self.requests)

    def _lost(self) -> None:
        if self.requests:
            self.requests[0].line_lost()

    def _advance(self, make: MakeWrite, now: datetime) -> list[Step]:
        """Drop what has ended, then send the next if the device is there and nothing is open."""
        steps: list[Step] = []
        while True:
            self.requests = [each for each in self.requests if each.phase is not Phase.ENDED]
            if not self.requests or self.line is None or self.requests[0].phase is not Phase.WAITING:
                return steps
            first = self.requests[0]
            steps += first.expire(now=now) or first.send(make(first.command), now=now)
