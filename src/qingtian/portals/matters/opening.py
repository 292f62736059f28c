"""Opening a matter 开启事项: the form of the kind that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.law.machine.allowed import Possibility
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.shelf import NoVersionInForce, UnknownKind
from qingtian.office.matters import api
from qingtian.office.matters.api import Openings
from qingtian.office.people.api import Scope, User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import NotFoundHere
from qingtian.portals.matters import blame, forms, given, naming, origins, show
from qingtian.portals.matters.forms import Asking, Form, Problem
from qingtian.portals.matters.given import Given
from qingtian.portals.matters.origins import ABOUT, DISTRICT, REFERENCE, SOURCE, TITLE, Come
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.refusals import status_of


@page(roles=EVERYONE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask what the opening act of a kind asks for, and open the matter."""
    user = me(request)
    opening = _openings(user, code)
    act = _act(request, opening.acts)
    came = origins.come(request, code=code)
    if request.method == "GET":
        asking = _asking(opening, act, came)
        return _ask(request, opening, asking, came, forms.build(asking))
    return _post(request, user, opening, act, came)


def _openings(user: User, code: str) -> Openings:
    try:
        return api.openings(user, code, at=times.now())
    except (UnknownKind, NoVersionInForce) as error:
        raise Http404 from error


def _act(request: HttpRequest, acts: Sequence[Possibility]) -> Act:
    """Return the opening act that was asked for: the first that is possible where none was named."""
    wish = request.GET.get("act", "")
    named = next((each.act for each in acts if each.act.name == wish), None)
    possible = (each.act for each in acts if each.possible)
    if wish and named is None:
        raise Http404
    return named or next(possible, acts[0].act)


def _asking(opening: Openings, act: Act, came: Come) -> Asking:
    return Asking(
        definition=opening.definition,
        act=act,
        state=None,
        matter=came.place,
        known={},
        person=opening.person,
        at=times.now(),
    )


def _post(request: HttpRequest, user: User, opening: Openings, act: Act, came: Come) -> HttpResponse:
    problems: dict[str, QingtianError] = {}
    if not came.path:
        came = _placed(request, user, came, problems)
    asking = _asking(opening, act, came)
    place = f"new:{opening.definition.manifest.code}:{act.name}"
    sent = given.read(request, opening.definition, act, None, user=user, place=place, at=asking.at)
    problems.update(sent.problems)
    if problems:
        return _again(request, opening, asking, came, sent, problems, status=422)
    try:
        matter = _open(request, user, asking, came, sent)
    except QingtianError as error:
        field = blame.field_of(error, opening.definition, act, sent)
        return _again(request, opening, asking, came, sent, {field: error}, status=status_of(error))
    return HttpResponseRedirect(show.address(matter))


def _placed(request: HttpRequest, user: User, came: Come, problems: dict[str, QingtianError]) -> Come:
    """Return the place as it was typed; a firm or outlet that is not there is a problem of its field."""
    form = request.POST
    said = {name: form.get(name, "").strip() for name in (ABOUT, DISTRICT, SOURCE, REFERENCE)}
    try:
        return origins.by_hand(user, **said, strict=True)
    except NotFoundHere as error:
        problems[ABOUT] = error
        return came


def _open(request: HttpRequest, user: User, asking: Asking, came: Come, sent: Given) -> api.Matter:
    reference = request.POST.get(REFERENCE, "").strip()
    return api.open_matter(
        acting_user=user,
        code=asking.definition.manifest.code,
        at=times.now(),
        origin=replace(came.origin, reference=reference or came.origin.reference),
        act=asking.act.name,
        title=request.POST.get(TITLE, ""),
        facts=sent.facts,
        papers=sent.papers,
        present=sent.present,
        people=sent.people,
    )


def _again(
    request: HttpRequest,
    opening: Openings,
    asking: Asking,
    came: Come,
    sent: Given,
    problems: Mapping[str, QingtianError],
    *,
    status: int,
) -> HttpResponse:
    names = {asking.person.name: me(request).name}
    wrong = {field: sentence(error, names) for field, error in problems.items()}
    summary = forms.summary(problems, wrong)
    form = forms.build(asking, sent=request.POST, marks=sent.marks, wrong=wrong, problems=summary)
    return _ask(request, opening, asking, came, form, status=status, wrong=wrong)


def _ask(
    request: HttpRequest,
    opening: Openings,
    asking: Asking,
    came: Come,
    form: Form,
    *,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
) -> HttpResponse:
    user, definition = me(request), opening.definition
    typed = request.POST.dict() if request.method == "POST" else {**request.GET.dict(), ABOUT: came.about}
    context: dict[str, Any] = {
        "kind": naming.said(definition.manifest.words),
        "code": definition.manifest.code,
        "form": form,
        "act": asking.act,
        "ways": [(each.act.name, naming.act(definition, each.act.name)) for each in opening.acts],
        "reasons": _reasons(asking, opening, user),
        "came": came,
        "source": naming.source(definition, _source(definition, came)),
        "sources": [(each, naming.source(definition, each)) for each in definition.manifest.opened_from],
        "districts": sites.districts() if Scope.of(user).everything else [],
        "typed": {name: typed.get(name, "") for name in (ABOUT, DISTRICT, SOURCE, REFERENCE, TITLE)},
        "wrong_about": (wrong or {}).get(ABOUT, ""),
        "of_the_office": user.role in OFFICE,
    }
    return render(request, "matters/new.html", context, status=status)


def _source(definition: Definition, came: Come) -> str:
    """Return the kind's own word for where it comes from: what a task found, an inspection has found."""
    known = came.source in definition.manifest.opened_from or not came.origin.task
    return came.source if known else origins.FROM_A_TASK[1]


def _reasons(asking: Asking, opening: Openings, user: User) -> list[Problem]:
    """Return why this person cannot open it, before anything is typed."""
    found = next(each for each in opening.acts if each.act.name == asking.act.name)
    names = {asking.person.name: user.name}
    return [Problem(field="", sentence=sentence(each, names), code=each.code) for each in found.reasons]
