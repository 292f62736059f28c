"""Refused packets, kept with the reason on the stream DEADLETTERS, not answered (HJ 212-2017 §6.5, table 2)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.bus.client import Bus
from qingtian.bus.ending import together
from qingtian.bus.streams import deadletter_subject
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.limits import MAX_SEGMENT

MAX_RAW = 8 * 1024
"""Bytes of a refused packet that are kept."""

WAITING = 2000
"""Letters that may wait for the log. What comes when it is full is counted and not kept."""

AT_ONCE = 8

Then = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A refused packet; ``mn`` as far as it could be read, ``plan`` the plan by which it was refused, ``deviations``
    those that were seen."""

    reason: str
    received_us: int
    address: str
    mn: str | None
    raw: bytes
    plan: int
    deviations: tuple[str, ...] = ()

    def detail(self) -> str:
        """Say in a few words what was wrong, for whoever looks into it."""
        return DETAILS[self.reason](self)

    def message(self) -> bytes:
        """Return the JSON of docs/architecture.md, "Dead letter"."""
        return orjson.dumps(
            {
                "id": deterministic(self.received_us, self.address, self.raw.hex()),
                "reason": self.reason,
                "received": times.from_microseconds(self.received_us).isoformat(),
                "received_us": self.received_us,
                "address": self.address,
                "mn": self.mn,
                "detail": self.detail(),
                "deviations": self.deviations,
                "raw": base64.b64encode(self.raw[:MAX_RAW]).decode(),
            }
        )


def _declared(letter: DeadLetter) -> tuple[int, int]:
    """Return the length that the frame declares, and where its segment begins."""
    digits = 0
    while digits < 4 and letter.raw[2 + digits : 3 + digits].isdigit():
        digits += 1
    return int(letter.raw[2 : 2 + digits] or b"0"), 2 + digits


def _bad_checksum(letter: DeadLetter) -> str:
    length, start = _declared(letter)
    expected = printed(checksum(letter.raw[start : start + length])).decode()
    got = letter.raw[start + length : start + length + 4].decode("ascii", "replace")
    return f"expected {expected}, got {got.strip() or 'nothing'}"


def _bad_length(letter: DeadLetter) -> str:
    length, start = _declared(letter)
    # the checksum's four digits follow the segment
    return f"declared {length}, found {max(len(letter.raw.rstrip()) - start - 4, 0)}"


def _oversize(letter: DeadLetter) -> str:
    return f"declared {_declared(letter)[0]}, more than {MAX_SEGMENT}"


DETAILS: Mapping[str, Callable[[DeadLetter], str]] = {
    "bad_checksum": _bad_checksum,
    "bad_length": _bad_length,
    "oversize": _oversize,
    "garbage": lambda letter: f"{len(letter.raw)} bytes without the beginning of a frame",
    "broken_segment": lambda _: "no CN, or no CP=&&…&&",
    "no_key": lambda letter: f"enciphered, and plan {letter.plan} has no key that opens it",
    "other_protocol": lambda _: "STAR…END: not HJ 212",
    "wrong_password": lambda letter: f"PW is not the one of plan {letter.plan}",
    "deviation": lambda letter: f"refused by the profile of the device in plan {letter.plan}",
    "not_activated": lambda _: "a logger asks for its MN (1001)",
    "unknown_mn": lambda letter: f"not a device of plan {letter.plan}",
}


class DeadLetterOffice:
    """Takes letters at once and stores them by and by, so that bad packets never delay good ones."""

    def __init__(self, bus: Bus, counters: GatewayCounters) -> None:
        self._bus = bus
        self._counters = counters
        self._waiting: asyncio.Queue[tuple[DeadLetter, Then | None]] = asyncio.Queue(WAITING)

    def take(self, letter: DeadLetter, then: Then | None = None) -> None:
        """Keep a letter; ``then`` is called when the log has it."""
        self._counters.refused[letter.reason] += 1
        try:
            self._waiting.put_nowait((letter, then))
        except asyncio.QueueFull:
            self._counters.deadletters_lost += 1

    async def run(self) -> None:
        """Store letters until cancelled."""
        await together(*(self._store_all() for _ in range(AT_ONCE)))

    async def _store_all(self) -> None:
        while True:
            letter, then = await self._waiting.get()
            await self._store(letter)
            if then is not None:
                then()
            self._waiting.task_done()

    async def _store(self, letter: DeadLetter) -> None:
        while True:
            try:
                await self._bus.js.publish(deadletter_subject(letter.reason), letter.message())
            except (NatsError, TimeoutError):
                await asyncio.sleep(1)
            else:
                self._counters.deadletters += 1
                return

    async def drain(self) -> None:
        """Wait until all letters taken so far are stored."""
        await self._waiting.join()
