"""What a device has to send: what it was asked for, the new, then what it still owes. All leaves when acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qingtian.stream.simulator.obedience.obey import Saying

MAX_OWED = 20_000
"""Records a logger's memory keeps; the oldest go first. 2011 every 30 s for a week."""


@dataclass(slots=True)
class Record:
    """A message to be sent: command, and the instant (2011) or the start of the period it is about.

    ``ahead`` is the error of the device's clock when it was recorded, in seconds. ``saying``: what is said, where it is
    no record of measurements. ``resent``: it is sent late, after the line was down. ``frames`` are made at the first
    transmission and stay as they are for every repetition.
    """

    cn: int
    at: float
    ahead: float = 0.0
    saying: Saying | None = None
    resent: bool = False
    frames: list[bytes] = field(default_factory=list)


class Outbox:
    """Records asked for, new ones and owed ones, each in their order."""

    def __init__(self) -> None:
        self._asked: deque[Record] = deque()
        self._new: deque[Record] = deque()
        self._owed: deque[Record] = deque(maxlen=MAX_OWED)
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._asked) + len(self._new) + len(self._owed)

    def __iter__(self) -> Iterator[Record]:
        yield from self._owed
        yield from self._new

    def add(self, record: Record) -> None:
        self._new.append(record)
        self._filled.set()

    def answer(self, record: Record) -> None:
        """Take in what a request asked for: it goes first."""
        self._asked.append(record)
        self._filled.set()

    def owe(self, records: Iterable[Record]) -> None:
        self._owed.extend(records)
        self._filled.set()

    def line_lost(self) -> None:
        """The line was closed: what was new becomes owed."""
        for record in self._new:
            # what may have gone out already goes out again as it was
            record.resent = not record.frames
        self._owed.extend(self._new)
        self._new.clear()

    def owes(self) -> bool:
        """Return whether the record that `first` gives is an owed one."""
        return not self._asked and not self._new

    def first(self) -> Record:
        return next(queue[0] for queue in (self._asked, self._new, self._owed) if queue)

    def remove(self, record: Record) -> None:
        """Forget an acknowledged record; one that had become owed meanwhile as well."""
        for queue in (self._asked, self._new, self._owed):
            if queue and queue[0] is record:
                queue.popleft()
                return
        if record in self._owed:
            self._owed.remove(record)

    async def wait(self, seconds: float) -> bool:
        """Wait until there is something to send, at most ``seconds``; say whether there is."""
        if not len(self):
            self._filled.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._filled.wait()
            except TimeoutError:
                return False
        return bool(len(self))

    def close(self) -> None:
        """Let who waits look again: nothing more will come."""
        self._filled.set()
