"""What devices were last heard to say: taken in bulk from the log, read in one query for the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Case, CharField, Count, F, Max, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.office import statements
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Scope, User
from qingtian.office.sites.models import DeviceStatus, Outlet

# one statement for all devices of a message: absolute values, never back in time; unknown MNs fall out of the join
TAKE = """
WITH heard AS (
    SELECT d.mn, d.outlet_id, x.received, x.data_time, x.clock_offset_s, x.packets,
           coalesce(x.duplicates, 0) AS duplicates, x.cn, x.state,
           coalesce(x.values, '{}'::jsonb) AS values, s.state AS was
    FROM jsonb_to_recordset(%(devices)s::jsonb) AS x(
        mn text, received timestamptz, data_time timestamptz, clock_offset_s float8, packets int8, duplicates int8,
        cn int4, state text, values jsonb)
    JOIN sites_device d ON d.mn = x.mn
    LEFT JOIN sites_devicestatus s ON s.device_id = d.mn
    ORDER BY d.mn
), taken AS (
    INSERT INTO sites_devicestatus AS old
        (device_id, received, data_time, clock_offset_s, packets, duplicates, cn, state, values)
    SELECT mn, received, data_time, clock_offset_s, packets, duplicates, cn, state, values FROM heard
    ON CONFLICT (device_id) DO UPDATE SET
        received = excluded.received, data_time = excluded.data_time, clock_offset_s = excluded.clock_offset_s,
        packets = excluded.packets, duplicates = excluded.duplicates, cn = excluded.cn, state = excluded.state,
        values = excluded.values
    WHERE old.received <= excluded.received
    RETURNING old.device_id AS mn
)
SELECT o.code, o.district_id, o.grid_id, o.enterprise_id, heard.state, heard.was
FROM heard JOIN taken USING (mn) JOIN sites_outlet o ON o.code = heard.outlet_id
WHERE heard.state IS DISTINCT FROM heard.was
"""


def take_device_states(*, devices: Sequence[Mapping[str, Any]]) -> int:
    """Keep the states of a DEVICES message; return how many outlets changed state (and tell each as an event)."""
    with transaction.atomic():
        changed = statements.run(TAKE, devices=orjson.dumps(list(devices)).decode())
        for outlet, district, grid, enterprise, state, was in changed:
            ledger.tell(
                kind="device.changed",
                id=None,
                outlet=outlet,
                district=district,
                grid=grid,
                enterprise=enterprise,
                state=state,
                was=was,
            )
    return len(changed)


@dataclass(frozen=True, kw_only=True)
class OutletState:
    """An outlet on the map; ``state`` normal, attention, breach, silent (long unheard) or unknown (never heard)."""

    code: str
    name: str
    name_en: str
    medium: str
    enterprise: str
    enterprise_en: str
    enterprise_code: str
    district: str
    lon: float
    lat: float
    state: str
    heard: datetime | None

    def feature(self) -> dict[str, Any]:
        """Return it as a GeoJSON feature (WGS-84)."""
        properties = {
            "code": self.code,
            "name": self.name,
            "medium": self.medium,
            "enterprise": self.enterprise,
            "state": self.state,
            "heard": self.heard.astimezone(BEIJING).isoformat() if self.heard else None,
        }
        point = {"type": "Point", "coordinates": [self.lon, self.lat]}
        return {"type": "Feature", "id": self.code, "geometry": point, "properties": properties}


COLUMNS = {
    "code": "code",
    "name": "name",
    "name_en": "name_en",
    "medium": "medium",
    "enterprise": "firm",
    "enterprise_en": "firm_en",
    "enterprise_code": "enterprise_id",
    "district": "district_id",
    "lon": "lon",
    "lat": "lat",
    "state": "live",
    "heard": "heard",
}
"""Where the query of `live_states` has each field of an `OutletState`."""


def silent_after(*, at: datetime) -> timedelta:
    """Return after how long a device counts as silent (rules/device_states.yaml)."""
    (rule,) = rules.table("device_states").at(at.astimezone(BEIJING).date())
    return timedelta(minutes=rule["silent_after_minutes"])


def _state(at: datetime) -> Case:
    """The state of an outlet whose devices were joined: its worst device if one was heard lately."""
    return Case(
        When(heard=None, then=Value("unknown")),
        When(heard__lt=at - silent_after(at=at), then=Value("silent")),
        When(breaching__gt=0, then=Value("breach")),
        When(near__gt=0, then=Value("attention")),
        default=Value("normal"),
        output_field=CharField(),
    )


def live_states(user: User, *, at: datetime, enterprise: str = "") -> list[OutletState]:
    """Return every outlet in use in the user's scope (of one ``enterprise``, if given) with its state. One query."""
    status = "devices__status__"
    firm = Q(enterprise_id=enterprise) if enterprise else Q()
    rows = (
        Outlet.objects.filter(Scope.of(user).q(), firm, ended=None)
        .annotate(
            heard=Max(status + "received"),
            # a device that was replaced says nothing any more of how its outlet stands
            breaching=Count("devices", Q(**{status + "state": "breach", "devices__active": True})),
            near=Count("devices", Q(**{status + "state": "attention", "devices__active": True})),
            firm=F("enterprise__name"),
            firm_en=F("enterprise__name_en"),
        )
        .annotate(live=_state(at))
        .order_by("code")
        .values_list(*COLUMNS.values())
    )
    return [OutletState(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The strip of figures: outlets by state, and packets taken in since the judge knows these devices."""

    outlets: int
    normal: int
    attention: int
    breach: int
    silent: int
    unknown: int
    packets: int
    last_heard: datetime | None


def counts(user: User, *, at: datetime, states: Sequence[OutletState] | None = None) -> Counts:
    """Return the figures for the user's scope; give ``states`` if they were read anyway."""
    states = live_states(user, at=at) if states is None else states
    by_state = dict.fromkeys(("normal", "attention", "breach", "silent", "unknown"), 0)
    for outlet in states:
        by_state[outlet.state] += 1
    heard = DeviceStatus.objects.filter(Scope.of(user).q("device__outlet__"))
    totals = heard.aggregate(total=Coalesce(Sum("packets"), 0), last=Max("received"))
    return Counts(outlets=len(states), packets=totals["total"], last_heard=totals["last"], **by_state)
