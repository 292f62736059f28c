"""The duty desk (指挥): the map of the city, the strip of figures, the alerts as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.people.api import District, User
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import OutletState
from qingtian.office.tasks import api as tasks
from qingtian.portals import words
from qingtian.portals.alerts import REFRESH, record
from qingtian.portals.page import DESK, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State

ALERTS_SHOWN = 40
TREND_HOURS = 12
MAP_STATES = ("breach", "attention", "normal", "silent", "unknown")


@dataclass(frozen=True, kw_only=True)
class DistrictLine:
    """A district with its outlets by state: the map for those who do not see it."""

    district: District
    by_state: list[tuple[State, int]]
    total: int


def by_district(districts: Sequence[District], states: Sequence[OutletState]) -> list[DistrictLine]:
    """Count the outlets of each district by state; districts without an outlet in scope are left out."""
    counted = Counter((row.district, row.state) for row in states)
    lines = []
    for district in districts:
        by_state = [(words.OUTLET_STATES[state], counted[district.pk, state]) for state in MAP_STATES]
        total = sum(count for _state, count in by_state)
        if total:
            lines.append(DistrictLine(district=district, by_state=by_state, total=total))
    return lines


def trend(user: User, at: datetime) -> str:
    """Return alerts opened by the hour, over the last hours, as the chart reads them; closed ones count. One query."""
    hours = [_hour(at) - timedelta(hours=back) for back in range(TREND_HOURS - 1, -1, -1)]
    opened = Counter(map(_hour, alerts.opened(user, since=hours[0])))
    data = {
        "name": _("alerts opened"),
        "labels": [one.strftime("%H:%M") for one in hours],
        "values": [opened[one] for one in hours],
    }
    return orjson.dumps(data).decode()


def _hour(at: datetime) -> datetime:
    return at.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)


def legend(states: Sequence[OutletState]) -> list[tuple[str, State, int]]:
    """Return the states of the map with how many outlets are in each."""
    counted = Counter(row.state for row in states)
    return [(name, words.OUTLET_STATES[name], counted[name]) for name in MAP_STATES]


def _figures(user: User, states: Sequence[OutletState], at: datetime) -> dict[str, Any]:
    return {
        "online": sum(row.state not in ("silent", "unknown") for row in states),
        "outlets": sites.counts(user, at=at, states=states),
        "alerts": alerts.alert_counts(user, at=at),
        "tasks": tasks.task_counts(user, at=at),
        "commands_open": reverse_control.open_count(user),
    }


@page(roles=DESK)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show the scope of this person as it stands now."""
    user, at = me(request), times.now()
    states = sites.live_states(user, at=at)
    episodes = alerts.episodes(user, state="live", limit=ALERTS_SHOWN)
    if wants(request) == "json":
        return JsonResponse({"alerts": [record(row) for row in episodes]})
    context = {
        "begin": words.BEGIN,
        **_figures(user, states, at),
        "districts": by_district(sites.districts(), states),
        "legend": legend(states),
        "shown_states": [words.OUTLET_STATES[name] for name in MAP_STATES],
        "episodes": episodes,
        "trend": trend(user, at),
        "refresh": REFRESH,
    }
    return render(request, "desk/show.html", context)


@page(roles=DESK)
@require_GET
@gzip_page
def city(request: HttpRequest) -> HttpResponse:
    """Answer with the map as GeoJSON: ``districts`` (outlines, names) and ``outlets`` (points with states)."""
    user = me(request)
    states = sites.live_states(user, at=times.now())
    outlets = {"type": "FeatureCollection", "features": [_point(row) for row in states]}
    if request.GET.get("only") == "outlets":
        return JsonResponse({"outlets": outlets})
    outlines = {"type": "FeatureCollection", "features": [_outline(one) for one in sites.districts(outlines=True)]}
    return JsonResponse({"districts": outlines, "outlets": outlets})


def _point(row: OutletState) -> dict[str, Any]:
    feature = row.feature()
    feature["properties"]["name"] = parts.own_name(row)
    feature["properties"]["enterprise"] = parts.in_language(row.enterprise, row.enterprise_en)
    feature["properties"]["word"] = str(words.OUTLET_STATES[row.state].word)
    feature["properties"]["heard"] = parts.clock_words(row.heard)
    return feature


def _outline(district: District) -> dict[str, Any]:
    properties = {"code": district.pk, "name": parts.district_name(district), "lon": district.lon, "lat": district.lat}
    return {"type": "Feature", "geometry": district.outline, "properties": properties}
