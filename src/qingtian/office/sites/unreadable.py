"""Messages of the log that the office cannot take (毒消息): set aside with the reason, so that the next one gets on."""

from __future__ import annotations

from datetime import datetime

from qingtian.office.sites.models import UnreadableMessage


def set_aside(*, stream: str, sequence: int, raw: bytes, why: str, at: datetime) -> None:
    """Keep a message that was given up. A second time changes nothing."""
    UnreadableMessage.objects.get_or_create(
        stream=stream, sequence=sequence, defaults={"at": at, "why": why, "raw": raw}
    )
