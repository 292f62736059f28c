"""What of each device was passed on lately: a packet that a device sent again here need not go to the target again."""

from __future__ import annotations

from collections import deque

REMEMBERED = 128
"""Packets remembered for each device, as the judge does (`stream.findings.sieve`)."""


class Memory:
    """Contents by device. Not kept over a restart: a repeat is nothing a platform could not take."""

    def __init__(self) -> None:
        self._lately: dict[str, deque[int]] = {}

    def is_new(self, mn: str, frame: bytes) -> bool:
        """Say whether the device has not sent this lately; from now on it has."""
        lately = self._lately.setdefault(mn, deque(maxlen=REMEMBERED))
        content = hash(frame.rstrip())
        if content in lately:
            return False
        lately.append(content)
        return True
