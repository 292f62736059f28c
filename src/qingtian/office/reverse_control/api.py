"""The face of reverse control: what may be sent to a device, send it, take what was answered, see it."""

from __future__ import annotations

from qingtian.office.reverse_control.access import command, commands, counts_by_state, open_count, timeline
from qingtian.office.reverse_control.actions import Checked, ReasonMissing, check_command, command_device
from qingtian.office.reverse_control.catalogue import Field, Requestable, command_name, requestable
from qingtian.office.reverse_control.events import BACKFILL_CHANGED, CHANGED, chain
from qingtian.office.reverse_control.models import (
    OPEN,
    BackfillPause,
    CommandAnswer,
    DeviceCommand,
    Gap,
    GapState,
    Origin,
    State,
)
from qingtian.office.reverse_control.outbox import close_forgotten, mark_published, unpublished
from qingtian.office.reverse_control.parameters import (
    CommandIncomplete,
    ParameterMissing,
    ParameterUnknown,
    ParameterWrong,
    SpanTurned,
)
from qingtian.office.reverse_control.rights import (
    CommandUnsuited,
    DeviceOff,
    device_in_scope,
    factor_codes,
    may_watch,
    offered,
)
from qingtian.office.reverse_control.taking import CommandUnknown, take_answer

__all__ = [
    "BACKFILL_CHANGED",
    "CHANGED",
    "OPEN",
    "BackfillPause",
    "Checked",
    "CommandAnswer",
    "CommandIncomplete",
    "CommandUnknown",
    "CommandUnsuited",
    "DeviceCommand",
    "DeviceOff",
    "Field",
    "Gap",
    "GapState",
    "Origin",
    "ParameterMissing",
    "ParameterUnknown",
    "ParameterWrong",
    "ReasonMissing",
    "Requestable",
    "SpanTurned",
    "State",
    "chain",
    "check_command",
    "close_forgotten",
    "command",
    "command_device",
    "command_name",
    "commands",
    "counts_by_state",
    "device_in_scope",
    "factor_codes",
    "mark_published",
    "may_watch",
    "offered",
    "open_count",
    "requestable",
    "take_answer",
    "timeline",
    "unpublished",
]
