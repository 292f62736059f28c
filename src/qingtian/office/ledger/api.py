"""The face of the ledger: append to a chain, read its history, prove it; numbers; events."""

from __future__ import annotations

from qingtian.office.ledger.access import (
    Erasable,
    Line,
    checkpoint_over,
    checkpoints,
    entry,
    erasable,
    extent,
    history,
    naming,
    records,
)
from qingtian.office.ledger.actions import CHANNEL, Actor, System, append, next_number, tell
from qingtian.office.ledger.against import written as checkpoint_line
from qingtian.office.ledger.bulk import Draft, append_all, tell_all
from qingtian.office.ledger.chains import BrokenLink, Proof
from qingtian.office.ledger.checkpoints import NotSettled, checkpoint, latest
from qingtian.office.ledger.exporting import export
from qingtian.office.ledger.models import Checkpoint
from qingtian.office.ledger.personal import NothingToErase, erase
from qingtian.office.ledger.proofs import Consistency, Inclusion, NoSuchSize, NotCovered, consistency, inclusion
from qingtian.office.ledger.verify import ChainUnknown, verify

__all__ = [
    "CHANNEL",
    "Actor",
    "BrokenLink",
    "ChainUnknown",
    "Checkpoint",
    "Consistency",
    "Draft",
    "Erasable",
    "Inclusion",
    "Line",
    "NoSuchSize",
    "NotCovered",
    "NotSettled",
    "NothingToErase",
    "Proof",
    "System",
    "append",
    "append_all",
    "checkpoint",
    "checkpoint_line",
    "checkpoint_over",
    "checkpoints",
    "consistency",
    "entry",
    "erasable",
    "erase",
    "export",
    "extent",
    "history",
    "inclusion",
    "latest",
    "naming",
    "next_number",
    "records",
    "tell",
    "tell_all",
    "verify",
]
