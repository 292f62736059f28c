"""A device's line: dial, send, wait for the 9014, repeat, give up and dial again (HJ 212-2017 §6.5.2, table 3)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

ANSWER_TIMEOUT = 10.0
REPEATS = 3
DATA_ANSWER = 9014
ANSWER = re.compile(rb"QN=(\d{17});ST=91;CN=(\d{4});")
QN = re.compile(rb"QN=(\d{17});")


class LineLost(Exception):
    """The other side closed, or did not answer after the last repetition. The device dials again."""


@dataclass(kw_only=True)
class Tally:
    """What all devices of a run have done together."""

    connected: int = 0
    sent: int = 0
    repeated: int = 0
    acknowledged: int = 0
    lost_lines: int = 0

    def sentence(self) -> str:
        return (
            f"{self.sent} sent, {self.acknowledged} acknowledged, {self.repeated} repeated, "
            f"{self.connected} connected, {self.lost_lines} lines lost"
        )


class Line:
    """One TCP connection to the platform, one message in flight."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, tally: Tally) -> None:
        self._reader = reader
        self._writer = writer
        self._tally = tally
        tally.connected += 1

    async def deliver(self, frame: bytes, *, first: bytes | None = None) -> None:
        """Send ``frame`` until it is acknowledged. ``first`` goes out instead of it the first time (a noisy line).

        :raises LineLost: if the line closed, or no answer came after the last repetition.
        """
        found = QN.search(frame)
        qn = found.group(1) if found else b""
        for attempt in range(REPEATS + 1):
            self._writer.write(first if first is not None and attempt == 0 else frame)
            self._tally.sent += attempt == 0
            self._tally.repeated += attempt > 0
            try:
                await asyncio.wait_for(self._acknowledged(qn), ANSWER_TIMEOUT)
            except TimeoutError:
                continue
            except OSError as error:
                raise LineLost from error
            self._tally.acknowledged += 1
            return
        raise LineLost

    async def _acknowledged(self, qn: bytes) -> None:
        while True:
            line = await self._reader.readline()
            if not line:
                raise LineLost
            answer = ANSWER.search(line)
            if answer and answer.group(1) == qn and int(answer.group(2)) == DATA_ANSWER:
                return

    def lost(self) -> None:
        self._tally.lost_lines += 1

    def close(self) -> None:
        self._tally.connected -= 1
        self._writer.close()


async def dial(host: str, port: int, *, tally: Tally) -> Line:
    """:raises OSError: if nobody listens there."""
    reader, writer = await asyncio.open_connection(host, port)
    return Line(reader, writer, tally=tally)
