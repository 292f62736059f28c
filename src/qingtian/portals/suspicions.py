"""The board of suspicions (疑点研判): outlets by the weight of evidence, what speaks for and against each suspicion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.suspicions import api
from qingtian.office.suspicions.api import Board, Suspected
from qingtian.portals import asked, detectors, typed, words
from qingtian.portals import marks as marks_page
from qingtian.portals.listing import Column, Empty, Listing, as_csv, as_json
from qingtian.portals.page import OFFICE, me, page, wants
from qingtian.portals.sparks import Spark, sparks
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language

OUTLETS_SHOWN = 20
HEAVIEST_SHOWN = 5
"""Of one outlet among others; of an outlet alone, `EVERY_SHOWN`."""
EVERY_SHOWN = 100
WEIGHTS = ("alarm", "clue")

LISTING: Listing[Suspected] = Listing(
    name="suspicions",
    columns=(
        Column(name="finding", title="id", value=lambda row: row.finding),
        Column(name="outlet", title=gettext_lazy("Outlet"), value=lambda row: row.seen.outlet.pk),
        Column(name="detector", title=gettext_lazy("Detector"), value=lambda row: row.detector),
        Column(name="factors", title=gettext_lazy("Factors"), value=lambda row: " ".join(row.factors)),
        Column(name="start", title=gettext_lazy("Begins"), value=lambda row: row.start),
        Column(name="end", title=gettext_lazy("Ends"), value=lambda row: row.end),
        Column(name="weight", title=gettext_lazy("Weight"), value=lambda row: row.weight),
        Column(name="weight_now", title=gettext_lazy("Weight now"), value=lambda row: round(row.now, 3)),
        Column(name="state", title=gettext_lazy("State"), value=lambda row: row.state),
        Column(name="marked", title=gettext_lazy("Marked part"), value=lambda row: round(row.covered, 3)),
        Column(name="clue", title=gettext_lazy("Clue"), value=lambda row: row.seen.is_clue),
        Column(
            name="alert",
            title=gettext_lazy("Alert"),
            value=lambda row: row.seen.episode.pk if row.seen.episode else None,
        ),
        Column(name="sentence", title=gettext_lazy("What was seen"), value=lambda row: sentence(row)),
    ),
    empty=Empty(title=gettext_lazy("No suspicion"), why=""),
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A suspicion as it is shown: its sentence, pictures, and both sides of it."""

    of: Suspected
    name: str
    sentence: str
    pictures: Sequence[Spark]
    speaks_for: Sequence[str]
    speaks_against: Sequence[str]
    questions: Sequence[str]
    cause: str

    @property
    def state(self) -> words.State:
        return words.SUSPICION_STATES[self.of.state]


def sentence(one: Suspected) -> str:
    """Return what the detector says, in the language of the page."""
    return str(one.payload["evidence"]["zh" if language().startswith("zh") else "en"])


def shown(one: Suspected, *, day: date, causes: dict[str, str], charts: Mapping[str, Sequence[Any]]) -> Shown:
    """Return a suspicion with what supports it and what speaks against it."""
    return Shown(
        of=one,
        name=detectors.name(one.detector),
        sentence=sentence(one),
        pictures=sparks(charts.get(one.finding, ())[:2]),
        speaks_for=list(_for(one)),
        speaks_against=list(_against(one, causes)),
        questions=api.innocent(one.detector, day=day, language=language()),
        cause=causes.get(one.explanation.cause, "") if one.explanation else "",
    )


def _for(one: Suspected) -> list[str]:
    found = [
        _("%(name)s of %(factors)s at about the same time (weight %(weight)s)")
        % {
            "name": detectors.name(other.detector),
            "factors": ", ".join(map(parts.factor_name, other.factors)),
            "weight": parts.number(other.weight, 2),
        }
        for other in one.others
    ]
    if one.seen.event == "worsened":
        found.append(_("it got heavier as more data came"))
    return list(dict.fromkeys(found))


def _against(one: Suspected, causes: dict[str, str]) -> list[str]:
    found = [
        _("mark “%(label)s”, %(start)s to %(end)s")
        % {
            "label": marks_page.label(mark),
            "start": f"{mark.start.astimezone(BEIJING):%m-%d %H:%M}",
            "end": f"{mark.end.astimezone(BEIJING):%m-%d %H:%M}",
        }
        for mark in one.marks
    ]
    if one.said:
        found.append(_("the firm says: %(text)s") % {"text": one.said})
    if one.explanation:
        said = {
            "name": one.explanation.by.name,
            "cause": causes.get(one.explanation.cause, ""),
            "why": one.explanation.reason,
        }
        found.append(_("explained by %(name)s: %(cause)s. %(why)s") % said)
    return found


def fits(one: Suspected, wish: Any) -> bool:
    """Say whether a suspicion fits the filters of the URL; without one, what is open or looked into."""
    state = wish.get("state", "")
    if state != "all" and (one.state != state if state else one.state == "explained"):
        return False
    if wish.get("detector") and one.detector != wish["detector"]:
        return False
    return not wish.get("weight") or one.seen.is_clue is (wish["weight"] == "clue")


def chosen(request: HttpRequest, user: User) -> list[tuple[Board, list[Suspected]]]:
    """Return the boards of the scope with those suspicions that fit the filters.

    :raises AskedUnknown: if a filter is none that there is.
    """
    wish, at = request.GET, times.now()
    asked.option(wish, "state", [*words.SUSPICION_STATES, "all"])
    asked.option(wish, "detector", detectors.suspecting())
    asked.option(wish, "district", (one.code for one in sites.districts()))
    asked.option(wish, "weight", WEIGHTS)
    boards = api.board(user, at=at, outlet=wish.get("outlet", ""))
    if wish.get("district"):
        boards = [one for one in boards if one.outlet.district_id == wish["district"]]
    found = [(one, [each for each in one.suspicions if fits(each, wish)]) for one in boards]
    return [(one, mine) for one, mine in found if mine]


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the board, the heaviest outlet first; also as JSON and CSV, one row a suspicion."""
    user = me(request)
    found = chosen(request, user)
    every = [each for _one, mine in found for each in mine]
    if wants(request) != "html":
        return as_json(LISTING, every) if wants(request) == "json" else as_csv(request, LISTING, every)
    day = times.now().astimezone(BEIJING).date()
    causes = api.causes(day=day, language=language())
    most = EVERY_SHOWN if request.GET.get("outlet") else HEAVIEST_SHOWN
    drawn = [(one, mine[:most], len(mine) - most) for one, mine in found[:OUTLETS_SHOWN]]
    charts = api.charts(each for _one, mine, _rest in drawn for each in mine)
    context = {
        "boards": [
            (one, [shown(each, day=day, causes=causes, charts=charts) for each in mine], rest)
            for one, mine, rest in drawn
        ],
        "count": len(every),
        "outlets": len(found),
        "more": max(len(found) - OUTLETS_SHOWN, 0),
        "days": api.weighing(day=day).days,
        "detectors": [(code, detectors.name(code)) for code in detectors.suspecting()],
        "states": words.SUSPICION_STATES,
        "districts": [(one.code, parts.district_name(one)) for one in sites.districts()],
        "wish": request.GET,
        "filtered": any(request.GET.get(name) for name in ("state", "detector", "district", "weight", "outlet")),
        "causes": causes,
        "may_act": api.may_act(user),
        "query": request.GET.urlencode(),
    }
    return render(request, "suspicions/board.html", context)


def _explain(user: User, finding: str, form: Any) -> str:
    api.explain_suspicion(
        acting_user=user,
        finding=finding,
        cause=form.get("cause", ""),
        reason=form.get("reason", ""),
        at=times.now(),
    )
    return "/suspicions/?state=explained"


def _look(user: User, finding: str, form: Any) -> str:
    task = api.look_into(acting_user=user, finding=finding, reason=form.get("reason", ""), at=times.now())
    return f"/tasks/{task.pk}/"


ACTS: dict[str, Callable[[User, str, Any], str]] = {"explain": _explain, "look-into": _look}


@page(roles=OFFICE)
@require_POST
def act(request: HttpRequest, finding: str, name: str) -> HttpResponse:
    """Do one act on a suspicion, then show what became of it."""
    return HttpResponseRedirect(typed.one_of(ACTS, name)(me(request), finding, request.POST))
