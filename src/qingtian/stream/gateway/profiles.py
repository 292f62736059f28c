"""The profile of a device as the plan says it 设备档案. Plain Python: for whoever reads packets one by one."""

from __future__ import annotations

import logging

from qingtian.bus.plans import PlanDevice
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.profile import USUAL, Profile, UnknownDeviation, verdicts_from

log = logging.getLogger(__name__)

PASSWORD_WRONG = "pw_wrong"  # noqa: S105 - the code of a deviation
LENIENT = "lenient"


def profile_of(device: PlanDevice) -> Profile:
    """Return the profile of a device of the plan; what cannot be read of it is left out, with a word in the log."""
    words = dict(device.get("profile") or {})
    if device.get("login") == LENIENT:
        words.setdefault(PASSWORD_WRONG, "record")
    edition, key = device.get("edition"), device.get("key")
    if not words and not edition and not key:
        return USUAL
    try:
        return Profile(
            verdicts=verdicts_from(words),
            edition=Edition(int(edition)) if edition else None,
            key=bytes.fromhex(key) if key else None,
        )
    except (UnknownDeviation, ValueError) as error:
        log.error("device %s: its profile cannot be read and is left out: %s", device["mn"], error)
        return USUAL
