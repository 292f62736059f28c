"""What the gateway tells whoever commands devices 反控, and what it asks of him: the seam between wire and commands.

The gateway knows lines and packets, and nothing of commands; `commanding` knows commands, and nothing of sockets. All
calls come from the gateway's event loop and must return at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from qingtian.stream.hj212.editions import Edition


class Line(Protocol):
    """An open connection, on which one device or several speak. Compared by identity."""

    @property
    def address(self) -> str:
        """Where it comes from."""

    def send(self, frame: bytes) -> bool:
        """Write a frame; False if the connection is gone. Nothing says that it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A packet of a device that the log has confirmed.

    ``segment``: the plain data segment, repaired and deciphered if need be. ``qn``: as in the header; of an answer of
    HJ/T 212-2005, which has it in CP (``CP=&&QN=…;QnRtn=1&&``), that one; empty if there is none. ``cn``: 9011 to
    9014, or the command of an upload. ``flag``: -1 without one. ``arrived_us``: µs since 1970 UTC.
    """

    mn: str
    cn: int
    qn: str
    flag: int
    segment: bytes
    arrived_us: int


class Answers(Protocol):
    """Who commands devices: implemented by `commanding`; `Nobody` where nobody does."""

    @property
    def awaiting(self) -> Collection[str]:
        """The MNs of which an answer or an upload is waited for. Read at every turn: keep it as a set."""

    def concerns(self, mn: str, cn: int) -> bool:
        """Whether an upload of this command, of a device in ``awaiting``, is worth handing over.

        A device goes on with its uploads while it owes an answer: hundreds come that answer nothing.
        """

    def speaks(self, mn: str, line: Line, *, edition: Edition) -> None:
        """A device has logged in on a line, or speaks on another than before: commands go there from now on.

        ``edition``: that of the plan, or of its Flag.
        """

    def left(self, mn: str, line: Line) -> None:
        """A line has closed on which this device had spoken. If it speaks on another one, `speaks` said so before or
        is called right after."""

    def heard(self, packet: Heard, line: Line) -> None:
        """A device that is in ``awaiting`` has said something: answers 9011 to 9014, and uploads that `concerns` wants.

        Answers of devices that are not awaited (late ones) come too; uploads of those do not.
        """

    def time_sync_wanted(self, mn: str, *, offset_s: float | None) -> None:
        """A device asks for the time (1013, answered 9013 by the gateway), or its clock is wrong by ``offset_s``."""


class Nobody:
    """No one commands: answers are stored like any packet, and that is all."""

    awaiting: Collection[str] = frozenset()

    def concerns(self, mn: str, cn: int) -> bool:
        return False

    def speaks(self, mn: str, line: Line, *, edition: Edition) -> None:
        pass

    def left(self, mn: str, line: Line) -> None:
        pass

    def heard(self, packet: Heard, line: Line) -> None:
        pass

    def time_sync_wanted(self, mn: str, *, offset_s: float | None) -> None:
        pass
