"""The face of the ledger: append to a chain, read its history, prove it; numbers; events."""

from __future__ import annotations

from qingtian.office.ledger.access import Line, history
from qingtian.office.ledger.actions import CHANNEL, Actor, System, append, next_number, tell
from qingtian.office.ledger.verify import BrokenLink, ChainUnknown, Proof, verify

__all__ = [
    "CHANNEL",
    "Actor",
    "BrokenLink",
    "ChainUnknown",
    "Line",
    "Proof",
    "System",
    "append",
    "history",
    "next_number",
    "tell",
    "verify",
]
