"""The face of relays: the targets a person sees, acts on them, what the relay says of them."""

from __future__ import annotations

from qingtian.office.relays.access import may_edit, records, samples, state_of, target, targets
from qingtian.office.relays.actions import add_target, chain, change_target, pause_target, resume_target
from qingtian.office.relays.models import Edition, Record, RelayDevice, RelayTarget, Sample, Standing
from qingtian.office.relays.plan import plan_relays
from qingtian.office.relays.taking import (
    reason_sentence,
    reasons,
    take_record,
    take_standing,
)
from qingtian.office.relays.wishes import KEPT, WishRefused

__all__ = [
    "KEPT",
    "Edition",
    "Record",
    "RelayDevice",
    "RelayTarget",
    "Sample",
    "Standing",
    "WishRefused",
    "add_target",
    "chain",
    "change_target",
    "may_edit",
    "pause_target",
    "plan_relays",
    "reason_sentence",
    "reasons",
    "records",
    "resume_target",
    "samples",
    "state_of",
    "take_record",
    "take_standing",
    "target",
    "targets",
]
