"""The catalogue of parts (``/parts/``): each part once, in all its states, for those who build and judge pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.portals import words
from qingtian.portals.listing import Empty
from qingtian.portals.matters import clocks
from qingtian.portals.matters.looks import Mark
from qingtian.portals.page import ADMINISTRATORS, page
from qingtian.portals.timeline import Moment


@page(roles=ADMINISTRATORS)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show every part."""
    now = times.now()
    moment = Moment(
        at=now,
        act=words.act("accept"),
        who=say("Officer"),
        said=[(words.FIELDS["reason"], say("An example, kept nowhere."))],
        chain="task:0",
        sequence=2,
        algorithm="sha256",
        hash="0" * 64,
    )
    context = {
        "groups": [
            (_("Outlet"), list(words.OUTLET_STATES.values())),
            (_("Severity"), list(words.SEVERITIES.values())),
            (_("Alert"), list(words.EPISODE_STATES.values())),
            (_("Task"), list(words.TASK_STATES.values())),
        ],
        "clocks": [
            (now + timedelta(days=2), None),
            (now + timedelta(minutes=12), None),
            (now - timedelta(hours=3), None),
            (now, now - timedelta(hours=1)),
            (now, now + timedelta(hours=1)),
        ],
        "line": [
            Mark(word=say("Accepted"), mark="done"),
            Mark(word=say("On site"), mark="here"),
            Mark(word=say("Reviewed"), mark=""),
        ],
        "dues": [clocks.due_state(due, at=now) for due in _dues(now)],
        "measures": [(0.0, 50.0, None), (31.5, 50.0, None), (61.2, 50.0, 0.224), (160.0, 50.0, 2.2)],
        "moments": [moment],
        "empty": Empty(
            title=_("Nothing here"), why=_("What this is, why it is empty, what to do next."), path="/", act=_("Do it")
        ),
        "now": now,
        "written": [now, now - timedelta(days=31), now - timedelta(days=366)],
    }
    return render(request, "catalogue/show.html", context)


def _dues(now: datetime) -> list[datetime | None]:
    """Return last instants of days around now: long gone, today, soon, far; and none."""
    end = now.astimezone(BEIJING).replace(hour=23, minute=59, second=59, microsecond=0)
    return [*(end + timedelta(days=days) for days in (-4, 0, 2, 40)), None]
