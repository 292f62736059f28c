"""Make the plan: the frozen, numbered snapshot of outlets, devices and limits that the stream half works by.

Rows only become text here; the outbox (`PlanSnapshot.published_at` is null) is emptied by the dispatcher.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Prefetch

from qingtian.base.times import BEIJING
from qingtian.bus import plans
from qingtian.bus.plans import PlanRelay
from qingtian.law.binding import Binding
from qingtian.office.ledger import api as ledger
from qingtian.office.sites.limits import Confirmations, binding, confirmations
from qingtian.office.sites.models import (
    Device,
    Facility,
    Limit,
    Login,
    MeasuringRange,
    Outlet,
    PlanSnapshot,
    RangeState,
)

PLAN_LOCK = 20260101
"""Advisory lock: plans are numbered one after another."""

SECRET = ("pw", "key")
STRUCK = "******"


def publish_plan(
    *, acting_user: ledger.Actor, at: datetime, relays: Sequence[PlanRelay] | None = None
) -> PlanSnapshot | None:
    """Freeze the sites as they are now under the next number; None if nothing changed since the last plan.

    ``relays``: the targets of the relay, whose register stands above this one; None: those of the last plan.
    """
    confirmed = confirmations()
    outlets = [_outlet(outlet, confirmed) for outlet in _rows()]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLAN_LOCK])
        last = PlanSnapshot.objects.order_by("-number").first()
        targets = _targets(last) if relays is None else list(relays)
        content_hash = _hash(outlets, targets)
        if last and last.content_hash == content_hash:
            return None
        number = last.number + 1 if last else 1
        document = {"number": number, "made_at": at.astimezone(BEIJING).isoformat(), "outlets": outlets}
        if targets:
            document["relays"] = targets
        snapshot = PlanSnapshot.objects.create(
            number=number,
            content_hash=content_hash,
            document=zlib.compress(orjson.dumps(document)),
            outlets=len(outlets),
            made_at=at,
        )
        content = {"number": number, "outlets": len(outlets), "content_hash": content_hash}
        ledger.append(chain="plans", acting_user=acting_user, act="publish_plan", at=at, content=content)
    return snapshot


def _targets(last: PlanSnapshot | None) -> list[PlanRelay]:
    return plans.decode(bytes(last.document)).get("relays", []) if last else []


def _hash(outlets: list[dict[str, Any]], targets: list[PlanRelay]) -> str:
    content = [outlets, targets] if targets else outlets
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def unpublished() -> list[PlanSnapshot]:
    """Return the plans that the log does not have yet, in order."""
    return list(PlanSnapshot.objects.filter(published_at=None).order_by("number"))


def plan_part(number: int, outlet: str) -> dict[str, Any] | None:
    """Return what a plan says of one outlet: ``number``, ``made_at``, ``outlet``; passwords and keys are struck out.

    None if there is no such plan, or the outlet is not in it.
    """
    row = PlanSnapshot.objects.filter(pk=number).first()
    document = plans.decode(bytes(row.document)) if row else None
    found = next((one for one in document["outlets"] if one["code"] == outlet), None) if document else None
    if document is None or found is None:
        return None
    struck = [{**device, **{name: STRUCK for name in SECRET if name in device}} for device in found["devices"]]
    return {"number": number, "made_at": document["made_at"], "outlet": {**found, "devices": struck}}


def mark_published(*, number: int, at: datetime) -> None:
    """Note that the log has confirmed a plan."""
    PlanSnapshot.objects.filter(pk=number, published_at=None).update(published_at=at)


def _rows() -> list[Outlet]:
    devices = Device.objects.filter(active=True).order_by("mn")
    limits = Limit.objects.order_by("factor", "period", "pk")
    facilities = Facility.objects.order_by("pk").prefetch_related("treats")
    ranges = MeasuringRange.objects.filter(state=RangeState.STANDING).order_by("factor", "mn", "pk")
    parts = {"devices": devices, "limits": limits, "facilities": facilities, "ranges": ranges}
    found = Outlet.objects.filter(ended=None).prefetch_related(*(Prefetch(name, rows) for name, rows in parts.items()))
    return list(found.order_by("code"))


def _outlet(outlet: Outlet, confirmed: Confirmations) -> dict[str, Any]:
    facilities = [_facility(one) for one in outlet.facilities.all()]
    ranges = [_range(one) for one in outlet.ranges.all()]
    return {
        "code": outlet.code,
        "name": outlet.name,
        "medium": outlet.medium,
        "source_type": outlet.source_type,
        "operating": outlet.operating,
        "enterprise": outlet.enterprise_id,
        "district": outlet.district_id,
        "grid": outlet.grid_id,
        "devices": [_device(device) for device in outlet.devices.all()],
        "limits": [_limit(one) for one in binding(outlet.limits.all(), confirmed)],
        **({"facilities": facilities} if facilities else {}),
        **({"ranges": ranges} if ranges else {}),
    }


def _device(device: Device) -> dict[str, Any]:
    """What is as usual is not said: most devices have nothing of their own."""
    own = {
        "edition": device.edition,
        "profile": device.profile,
        "login": device.login if device.login != Login.STRICT else "",
        "key": device.key,
    }
    return {"mn": device.mn, "pw": device.pw} | {name: value for name, value in own.items() if value}


def _facility(one: Facility) -> dict[str, Any]:
    own = {
        "unit": one.unit,
        "rated": one.rated,
        "biological": one.biological,
        "treats": sorted(unit.name for unit in one.treats.all()),
        "from": one.start.isoformat() if one.start else None,
        "to": one.end.isoformat() if one.end else None,
    }
    named = {"name": one.name, "role": one.role, "factor": one.factor}
    return named | {name: value for name, value in own.items() if value}


def _range(one: MeasuringRange) -> dict[str, Any]:
    own = {
        "mn": one.mn,
        "top": one.top,
        "detection": one.detection,
        "from": one.start.isoformat() if one.start else None,
        "to": one.end.isoformat() if one.end else None,
    }
    return {"factor": one.factor} | {name: value for name, value in own.items() if value}


def _limit(one: Binding) -> dict[str, Any]:
    bound, confirmation = one.candidate.bound, one.candidate.confirmation
    return {
        "factor": bound.factor,
        "period": bound.period,
        "lower": _number(bound.lower),
        "upper": _number(bound.upper),
        "unit": bound.unit,
        "measure": bound.measure,
        "reference_oxygen": bound.reference_oxygen,
        "basis": one.candidate.basis,
        "standard": bound.standard,
        "source": bound.source,
        "certainty": bound.certainty,
        "support": one.candidate.support,
        "confirmed": confirmation.as_dict() if confirmation else None,
        "from": one.start.isoformat() if one.start else None,
        "to": one.end.isoformat() if one.end else None,
        "printed": bound.printed,
        "explanation": {"zh": one.zh, "en": one.en},
    }


def _number(bound: Decimal | None) -> float | None:
    return None if bound is None else float(bound)
