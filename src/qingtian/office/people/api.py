"""The face of people: who there is, what they may see, how they log in."""

from __future__ import annotations

from qingtian.office.people.access import Scope, caring_for, demonstrators, users
from qingtian.office.people.actions import NoSuchPreference, set_preferences
from qingtian.office.people.login import Locked, LoginLocked, LoginRefused, NotYours, locked, log_in, unlock
from qingtian.office.people.models import District, DistrictOutline, Grid, Language, Role, Theme, User

__all__ = [
    "District",
    "DistrictOutline",
    "Grid",
    "Language",
    "Locked",
    "LoginLocked",
    "LoginRefused",
    "NoSuchPreference",
    "NotYours",
    "Role",
    "Scope",
    "Theme",
    "User",
    "caring_for",
    "demonstrators",
    "locked",
    "log_in",
    "set_preferences",
    "unlock",
    "users",
]
