"""How devices stand with the gateway (设备会话): taken from the log, read for lists and pages of devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Max, Sum

from qingtian.base.errors import Term
from qingtian.office import statements
from qingtian.office.people.api import Scope, User
from qingtian.office.sites.access import NotFoundHere
from qingtian.office.sites.models import Counted, Device, DeviceCount, DeviceSession

KEEP_RUNS = timedelta(days=1)
"""Counts of earlier lives of the gateway are added up when they are so old that no message of theirs can come."""

# the counts of earlier lives become one row each; absolute values, so a message that comes again changes nothing
FOLD = """
WITH gone AS (
    DELETE FROM sites_devicecount WHERE run NOT IN ('', %s) AND last < %s
    RETURNING device_id, kind, code, count, last
)
INSERT INTO sites_devicecount AS kept (device_id, kind, code, run, count, last)
SELECT device_id, kind, code, '', sum(count), max(last) FROM gone GROUP BY device_id, kind, code
ON CONFLICT (device_id, kind, code, run) DO UPDATE
SET count = kept.count + excluded.count, last = greatest(kept.last, excluded.last)
"""


# one statement for all devices of a message; unknown MNs fall out of the join
TAKE = """
INSERT INTO sites_devicesession (device_id, connected, address, since, edition, clock_offset_s, told, run)
SELECT d.mn, x.connected, left(coalesce(x.address, ''), 64), nullif(x.since, '')::timestamptz, coalesce(x.edition, ''),
       x.clock_offset_s, %(at)s::timestamptz, %(run)s::text
FROM jsonb_to_recordset(%(devices)s::jsonb) AS x(
    mn text, connected bool, address text, since text, edition text, clock_offset_s float8)
JOIN sites_device d ON d.mn = x.mn
ORDER BY d.mn
ON CONFLICT (device_id) DO UPDATE SET
    connected = excluded.connected, address = excluded.address, since = excluded.since, edition = excluded.edition,
    clock_offset_s = excluded.clock_offset_s, told = excluded.told, run = excluded.run
RETURNING device_id
"""


def take_sessions(*, message: Mapping[str, Any]) -> int:
    """Keep a SESSIONS message; return how many devices of it are known.

    :raises KeyError, ValueError, DatabaseError: if it is none.
    """
    at, run = datetime.fromisoformat(message["at"]), str(message["run"])
    told = {device["mn"]: device for device in message["devices"]}
    with transaction.atomic():
        if message.get("began"):
            # a gateway that begins has no connections; what another one said last does not hold any more
            DeviceSession.objects.exclude(run=run).filter(connected=True).update(connected=False, told=at)
            with connection.cursor() as cursor:
                cursor.execute(FOLD, [run, at - KEEP_RUNS])
        devices = orjson.dumps(list(told.values())).decode()
        known = [mn for (mn,) in statements.run(TAKE, devices=devices, at=at, run=run)]
        DeviceCount.objects.bulk_create(
            [count for mn in sorted(known) for count in _counts(told[mn], at, run)],
            update_conflicts=True,
            unique_fields=["device", "kind", "code", "run"],
            update_fields=["count", "last"],
        )
    return len(known)


def _counts(device: Mapping[str, Any], at: datetime, run: str) -> Iterator[DeviceCount]:
    def row(kind: Counted, code: str, count: int, last: datetime) -> DeviceCount:
        return DeviceCount(device_id=device["mn"], kind=kind, code=code[:32], run=run, count=count, last=last)

    for code, seen in device.get("deviations", {}).items():
        yield row(Counted.DEVIATION, code, seen["count"], datetime.fromisoformat(seen["last"]))
    for reason, count in device.get("refused", {}).items():
        yield row(Counted.REFUSED, reason, count, at)
    if device.get("lockouts"):
        yield row(Counted.LOCKOUT, "", device["lockouts"], at)


@dataclass(frozen=True, kw_only=True)
class Count:
    """``code``: of a deviation, or the reason of a refusal; how often since it is known, and when last."""

    code: str
    count: int
    last: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceStanding:
    """A device, its session (None before the first), and what was counted of it, the most frequent first."""

    device: Device
    session: DeviceSession | None
    deviations: Sequence[Count] = field(default_factory=tuple)
    refused: Sequence[Count] = field(default_factory=tuple)
    lockouts: int = 0

    @property
    def state(self) -> str:
        """``connected``, ``gone`` or ``never``."""
        if self.session is None:
            return "never"
        return "connected" if self.session.connected else "gone"

    @property
    def clock_offset_s(self) -> float | None:
        return self.session.clock_offset_s if self.session else None


def device_standings(user: User, *, search: str = "", outlet: str = "", mn: str = "") -> list[DeviceStanding]:
    """Return the devices in the user's scope with their standing, by outlet and MN. Two queries."""
    rows = Device.objects.filter(Scope.of(user).q("outlet__", enterprise="enterprise_id"), active=True)
    rows = rows.select_related("outlet", "outlet__enterprise", "session")
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if mn:
        rows = rows.filter(pk=mn)
    if search:
        rows = rows.filter(mn__icontains=search) | rows.filter(outlet__name__icontains=search)
    devices = list(rows.order_by("outlet_id", "mn"))
    counts = _counted([device.pk for device in devices])
    return [_standing(device, counts.get(device.pk, {})) for device in devices]


def device_standing(user: User, mn: str) -> DeviceStanding:
    """Return one device.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    for found in device_standings(user, mn=mn):
        return found
    raise NotFoundHere(what=Term(zh="设备", en="device"), code=mn)


def _counted(mns: Sequence[str]) -> dict[str, dict[str, list[Count]]]:
    rows = DeviceCount.objects.filter(device__in=mns).values("device_id", "kind", "code")
    found: dict[str, dict[str, list[Count]]] = {}
    for row in rows.annotate(total=Sum("count"), latest=Max("last")).order_by("-total", "code"):
        count = Count(code=row["code"], count=row["total"], last=row["latest"])
        found.setdefault(row["device_id"], {}).setdefault(row["kind"], []).append(count)
    return found


def _standing(device: Device, counts: Mapping[str, Sequence[Count]]) -> DeviceStanding:
    return DeviceStanding(
        device=device,
        session=getattr(device, "session", None),
        deviations=counts.get(Counted.DEVIATION, ()),
        refused=counts.get(Counted.REFUSED, ()),
        lockouts=sum(count.count for count in counts.get(Counted.LOCKOUT, ())),
    )
