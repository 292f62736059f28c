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
    may_confirm,
    may_set_limits,
    set_operating,
    set_permit_limit,
)
from qingtian.office.sites.deadletters import dead_letters, reason_sentence, take_dead_letter, without_password
from qingtian.office.sites.factors import Factor, factor, factors
from qingtian.office.sites.limits import bindings, confirmations_of, in_force, limits_from, limits_of
from qingtian.office.sites.models import (
    Basis,
    DeadLetter,
    Device,
    DeviceStatus,
    Edition,
    Enterprise,
    Limit,
    Login,
    Medium,
    Outlet,
    PlanSnapshot,
)
from qingtian.office.sites.plan import mark_published, plan_part, publish_plan, unpublished
from qingtian.office.sites.profiles import KEEP_KEY, ProfileIncomplete, set_device_profile
from qingtian.office.sites.replays import NothingToReplay, ReplayIncomplete, ask_replay, recent_replays
from qingtian.office.sites.sessions import Count, DeviceStanding, device_standing, device_standings, take_sessions
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
    "KEEP_KEY",
    "Basis",
    "Count",
    "Counts",
    "DeadLetter",
    "Device",
    "DeviceStanding",
    "DeviceStatus",
    "Edition",
    "Enterprise",
    "Factor",
    "Limit",
    "LimitNotByYou",
    "LimitRefused",
    "Login",
    "Medium",
    "NotFoundHere",
    "NothingToReplay",
    "Outlet",
    "OutletState",
    "PlanSnapshot",
    "ProfileIncomplete",
    "ReplayIncomplete",
    "apply_standard",
    "ask_replay",
    "bindings",
    "confirm_limit",
    "confirmations_of",
    "counts",
    "dead_letters",
    "device_standing",
    "device_standings",
    "districts",
    "end_permit_limit",
    "enterprise",
    "enterprises",
    "factor",
    "factors",
    "in_force",
    "limits_from",
    "limits_of",
    "live_states",
    "mark_published",
    "may_confirm",
    "may_set_limits",
    "outlet",
    "outlets",
    "own_enterprise",
    "plan_part",
    "publish_plan",
    "reason_sentence",
    "recent_replays",
    "set_aside",
    "set_device_profile",
    "set_operating",
    "set_permit_limit",
    "silent_after",
    "take_dead_letter",
    "take_device_states",
    "take_sessions",
    "unpublished",
    "without_password",
]
