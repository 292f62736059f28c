"""The face of reverse control: what may be sent to a device, send it, take what was answered, see it."""

from __future__ import annotations

from qingtian.office.reverse_control.access import command, commands, open_count, timeline
from qingtian.office.reverse_control.actions import Checked, ReasonMissing, check_command, command_device
from qingtian.office.reverse_control.backfill import (
    BackfillState,
    BackfillUnmoved,
    Progress,
    backfill_chain,
    backfill_state,
    gaps_of,
    may_steer,
    pause_backfill,
    progress,
    start_backfill,
)
from qingtian.office.reverse_control.backfill_asking import Advance, advance_backfill
from qingtian.office.reverse_control.backfill_looking import look_for_gaps
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
    devices_of,
    edition_of,
    factor_codes,
    may_watch,
    offered,
)
from qingtian.office.reverse_control.taking import CommandUnknown, take_answer

__all__ = [
    "BACKFILL_CHANGED",
    "CHANGED",
    "OPEN",
    "Advance",
    "BackfillPause",
    "BackfillState",
    "BackfillUnmoved",
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
    "Progress",
    "ReasonMissing",
    "Requestable",
    "SpanTurned",
    "State",
    "advance_backfill",
    "backfill_chain",
    "backfill_state",
    "chain",
    "check_command",
    "close_forgotten",
    "command",
    "command_device",
    "command_name",
    "commands",
    "device_in_scope",
    "devices_of",
    "edition_of",
    "factor_codes",
    "gaps_of",
    "look_for_gaps",
    "mark_published",
    "may_steer",
    "may_watch",
    "offered",
    "open_count",
    "pause_backfill",
    "progress",
    "requestable",
    "start_backfill",
    "take_answer",
    "timeline",
    "unpublished",
]
