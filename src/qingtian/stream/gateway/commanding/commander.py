"""Commands devices: takes commands, lines and packets, and says what goes where. The clock and all doors are passed in.

Implements `gateway.answers.Answers`; runs in the gateway's event loop, and each call returns at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

from qingtian.bus.answers import Answer
from qingtian.bus.commands import Command
from qingtian.bus.plans import PlanSnapshot
from qingtian.stream.gateway.answers import Heard, Line
from qingtian.stream.gateway.commanding.automatic import FIRST_CONNECT, Automatic, Wish
from qingtian.stream.gateway.commanding.devices import Devices
from qingtian.stream.gateway.commanding.exchange import Exchange, Progress
from qingtian.stream.gateway.commanding.queue import DeviceQueue
from qingtian.stream.gateway.commanding.steps import Step
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.bodies import DataAnswer
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import Message, read_message, write_frame
from qingtian.stream.hj212.segment import BrokenSegment

EXECUTED = 9012


class Commander:
    """All devices' queues. ``tell`` takes each state of each command, in order; ``clock`` gives the present."""

    def __init__(self, *, tell: Callable[[Answer], None], clock: Callable[[], datetime], automatic: Automatic) -> None:
        self.awaiting: set[str] = set()
        self._tell = tell
        self._clock = clock
        self._automatic = automatic
        self._devices = Devices()
        self._queues: dict[str, DeviceQueue] = {}
        self._newcomers: dict[str, Line] = {}
        self._due: list[tuple[datetime, str]] = []

    @property
    def waiting(self) -> int:
        """How many commands have not ended."""
        return sum(len(queue.requests) for queue in self._queues.values())

    def know(self, plan: PlanSnapshot) -> None:
        """Write to devices by this plan from now on."""
        self._devices.know(plan)

    # -- commands

    def ask(self, command: Command, *, progress: Progress | None = None) -> None:
        """Carry out a command of the log; with ``progress`` one that an earlier gateway had begun."""
        exchange = Exchange.resumed(command, progress) if progress else Exchange(command=command)
        self._add(exchange)

    def _add(self, exchange: Exchange) -> None:
        mn = exchange.command.mn
        queue = self._queues.setdefault(mn, DeviceQueue())
        self._do(mn, queue, queue.add(exchange, make=self._devices.writer(mn), now=self._clock()))

    def _wish(self, mn: str, wishes: list[Wish]) -> None:
        """Command by ourselves."""
        for wish in wishes:
            now = self._clock()
            queue = self._queues.setdefault(mn, DeviceQueue())
            command = self._automatic.command(mn, wish, taken=queue.used, now=now)
            self._add(Exchange(command=command))

    def settled(self, keys: set[str]) -> None:
        """Know whose first settings were given before (`automatic.settings_key`); from now on others get theirs."""
        self._automatic.settled = keys
        for mn in [mn for mn, queue in self._queues.items() if queue.line is not None]:
            self._settle(mn)

    def _settle(self, mn: str) -> None:
        wanted = self._devices.on_connect(mn)
        self._wish(mn, self._automatic.connected(mn, wanted, edition=self._devices.edition(mn)))

    # -- what the gateway tells (`gateway.answers.Answers`)

    def speaks(self, mn: str, line: Line, *, edition: Edition) -> None:
        self._devices.speaks(mn, edition)
        if self._devices.met(mn):
            self._welcome(mn, line)
        else:
            # its packet will be heard once the log has it, and says for which system ST to ask
            self._newcomers[mn] = line
            self.awaiting.add(mn)

    def _welcome(self, mn: str, line: Line) -> None:
        queue = self._queues.setdefault(mn, DeviceQueue())
        self._do(mn, queue, queue.speaks(line, make=self._devices.writer(mn), now=self._clock()))
        self._settle(mn)

    def left(self, mn: str, line: Line) -> None:
        if self._newcomers.get(mn) is line:
            del self._newcomers[mn]
            self.awaiting.discard(mn)
        if (queue := self._queues.get(mn)) is not None:
            queue.left(line)
            self._do(mn, queue, [])

    def concerns(self, mn: str, cn: int) -> bool:
        return mn in self._newcomers or ((queue := self._queues.get(mn)) is not None and queue.concerns(cn))

    def heard(self, packet: Heard, line: Line) -> None:
        mn, edition = packet.mn, self._devices.edition(packet.mn)
        try:
            message = read_message(packet.segment, way=Way.UP, edition=edition)
        except BrokenSegment:
            return
        self._devices.seen(mn, message.head.st)
        if (newcomer := self._newcomers.pop(mn, None)) is not None:
            self._welcome(mn, newcomer)
        if packet.cn == EXECUTED and edition is Edition.HJ2005:
            # also of a request that has ended: the device repeats it until it is acknowledged
            line.send(_acknowledgement(packet, message))
        if (queue := self._queues.get(mn)) is not None:
            self._do(mn, queue, queue.take(message, make=self._devices.writer(mn), now=self._clock()))

    def time_sync_wanted(self, mn: str, *, offset_s: float | None) -> None:
        self._wish(mn, self._automatic.time_sync(mn, offset_s=offset_s, now=self._clock()))

    # -- time

    def tick(self) -> None:
        """Do what is due: time-outs, retries, reports. Call it several times a second."""
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, mn = heapq.heappop(self._due)
            queue = self._queues.get(mn)
            if queue is not None and queue.deadline is not None and queue.deadline <= now:
                self._do(mn, queue, queue.tick(make=self._devices.writer(mn), now=now))

    def _do(self, mn: str, queue: DeviceQueue, steps: list[Step]) -> None:
        for step in steps:
            if isinstance(step, Answer):
                self._tell(step)
                if step.why == FIRST_CONNECT and step.state.ended:
                    self._automatic.ended(mn)
            elif queue.line is not None:
                # a line that just broke takes nothing: `left` follows, and what was not accepted is sent again
                queue.line.send(step.frame)
        if queue.awaited or mn in self._newcomers:
            self.awaiting.add(mn)
        else:
            self.awaiting.discard(mn)
        if queue.deadline is not None:
            heapq.heappush(self._due, (queue.deadline, mn))
        if queue.idle and queue.line is None:
            self._queues.pop(mn, None)


def _acknowledgement(packet: Heard, message: Message) -> bytes:
    """HJ/T 212-2005: a request with Flag A wants the platform to answer the 9012, naming it."""
    head = Head(st="91", cn=9014, pw=message.head.pw, mn=packet.mn, flag=flag_of(Edition.HJ2005))
    return write_frame(Message(head=head, body=DataAnswer(qn=packet.qn, cn=EXECUTED)))
