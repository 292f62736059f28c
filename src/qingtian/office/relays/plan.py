"""The targets as the plan has them (`bus.plans.PlanRelay`)."""

from __future__ import annotations

from qingtian.bus.plans import PlanRelay
from qingtian.office.relays.models import RelayTarget


def plan_relays() -> list[PlanRelay]:
    """Return all targets, by code, with their devices. Two queries."""
    return [_relay(target) for target in RelayTarget.objects.prefetch_related("devices").order_by("code")]


def _relay(target: RelayTarget) -> PlanRelay:
    devices = sorted(target.devices.all(), key=lambda one: one.device_id)
    return {
        "code": target.pk,
        "name": target.name,
        "host": target.host,
        "port": target.port,
        "enabled": target.enabled,
        "edition": target.edition or None,
        "allow_commands": target.allow_commands,
        "factors": target.factors,
        "answer_s": target.answer_s,
        "retries": target.retries,
        "devices": [{"mn": one.device_id, "as_mn": one.as_mn, "pw": one.pw} for one in devices],
    }
