"""What a machine of this package wants done: send a frame to the device, or tell the log a state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qingtian.bus.answers import Answer

Write = Callable[[datetime], bytes]
"""The frame of a request as it goes out at that time; raises a QingtianError if the device could not understand it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFrame:
    """Bytes for the line of the device."""

    frame: bytes


Step = SendFrame | Answer
