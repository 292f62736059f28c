"""The enterprise's page (企业端): its own outlets with their values, and the alerts that wait for its answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.office.alerts import api as alerts
from qingtian.office.people.api import Role
from qingtian.office.sites import api as sites
from qingtian.portals.alerts import REFRESH, record
from qingtian.portals.page import me, page, wants

ALERTS_SHOWN = 30


@page(roles={Role.ENTERPRISE})
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show the firm of this person; an alert that waits for an answer stands first."""
    user = me(request)
    firm = sites.enterprise(user, user.enterprise)
    states = sites.live_states(user, at=times.now())
    episodes = alerts.episodes(user, limit=ALERTS_SHOWN)
    if wants(request) == "json":
        return JsonResponse({"outlets": [row.feature() for row in states], "alerts": [record(row) for row in episodes]})
    owed = [row for row in episodes if row.state != "closed" and _owes(row)]
    context = {
        "firm": firm,
        "states": states,
        "owed": owed,
        "episodes": [row for row in episodes if row not in owed],
        "refresh": REFRESH,
    }
    return render(request, "enterprise/show.html", context)


def _owes(episode: alerts.Episode) -> bool:
    """Say whether the firm has still to confirm or to explain."""
    answer = getattr(episode, "answer", None)
    return answer is not None and answer.explained_at is None
