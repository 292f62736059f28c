"""The face of sites: registers in scope, the plan, live states, dead letters."""

from __future__ import annotations

from qingtian.office.sites.access import (
    NotFoundHere,
    districts,
    enterprise,
    enterprises,
    outlet,
    outlets,
    own_enterprise,
)
from qingtian.office.sites.actions import (
    LimitNotByYou,
    LimitRefused,
    apply_standard,
    confirm_limit,
    end_permit_limit,
    set_operating,
    set_permit_limit,
)
from qingtian.office.sites.deadletters import dead_letters, reason_sentence, take_dead_letter
from qingtian.office.sites.factors import Factor, factor, factors
from qingtian.office.sites.limits import limits_of
from qingtian.office.sites.models import Basis, DeadLetter, Device, DeviceStatus, Enterprise, Limit, Medium, Outlet
from qingtian.office.sites.plan import mark_published, publish_plan, unpublished
from qingtian.office.sites.states import (
    Counts,
    OutletState,
    counts,
    live_states,
    silent_after,
    take_device_states,
)
from qingtian.office.sites.unreadable import set_aside

__all__ = [
    "Basis",
    "Counts",
    "DeadLetter",
    "Device",
    "DeviceStatus",
    "Enterprise",
    "Factor",
    "Limit",
    "LimitNotByYou",
    "LimitRefused",
    "Medium",
    "NotFoundHere",
    "Outlet",
    "OutletState",
    "apply_standard",
    "confirm_limit",
    "counts",
    "dead_letters",
    "districts",
    "end_permit_limit",
    "enterprise",
    "enterprises",
    "factor",
    "factors",
    "limits_of",
    "live_states",
    "mark_published",
    "outlet",
    "outlets",
    "own_enterprise",
    "publish_plan",
    "reason_sentence",
    "set_aside",
    "set_operating",
    "set_permit_limit",
    "silent_after",
    "take_dead_letter",
    "take_device_states",
    "unpublished",
]
