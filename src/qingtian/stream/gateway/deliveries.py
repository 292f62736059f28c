"""What goes to the log together: messages of packets, and the replies that wait for their confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qingtian.stream.gateway.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMessage:
    """A batch of packets for one partition. ``id`` is the same however often it is published."""

    subject: str
    id: str
    payload: bytes
    packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The packets of a turn. A session of ``sessions`` has no other delivery under way."""

    sessions: Sequence[Session]
    messages: Sequence[LogMessage]
    replies: Sequence[tuple[Session, bytes]]

    def wanted(self) -> bool:
        """Say whether anybody is still there to whom the confirmation matters."""
        return any(not session.gone for session in self.sessions)
