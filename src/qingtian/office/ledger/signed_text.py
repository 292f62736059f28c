"""What a checkpoint signs. Pure."""

from __future__ import annotations

from datetime import datetime

from qingtian.office.ledger.canonical import canonical

KIND = "qingtian.checkpoint/1"


def text(*, size: int, last_id: int, root: str, at: datetime, public: str) -> bytes:
    """Return the bytes that a checkpoint signs."""
    said = {"kind": KIND, "size": size, "last_id": last_id, "root": root, "at": at, "public": public}
    return canonical(said).encode()
