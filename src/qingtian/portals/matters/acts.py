"""Doing an act on a matter: its form, what is wrong with what was sent, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.law.machine.state import Refusal
from qingtian.law.machine.step import check_place, cited
from qingtian.office.matters import api
from qingtian.office.matters.api import ChangedMeanwhile, OneMatter
from qingtian.office.people.api import User
from qingtian.portals import typed
from qingtian.portals.matters import blame, forms, given, history, show
from qingtian.portals.matters.forms import Asking, Form, Problem
from qingtian.portals.matters.given import Given
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.refusals import status_of
from qingtian.portals.timeline import Moment


@page(roles=EVERYONE)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, matter_id: int, name: str) -> HttpResponse:
    """Ask what an act asks for, and do it."""
    user = me(request)
    one = api.matter(user, matter_id, at=times.now())
    if name not in one.definition.acts or one.definition.acts[name].opens:
        raise Http404
    asking = _asking(one, name)
    if request.method == "GET":
        # an open form asks again when others have gone on: since what it was shown
        since = typed.whole(request.GET, "since") if "since" in request.GET else one.matter.revision
        return _ask(request, one, asking, forms.build(asking), meanwhile=_meanwhile(one, since))
    sent = _read(request, asking, user)
    if sent.problems:
        return _again(request, one, asking, sent, sent.problems)
    try:
        done = _do(user, one, asking, sent, revision=typed.whole(request.POST, "revision"))
    except QingtianError as error:
        fresh = api.matter(user, matter_id, at=times.now())
        return _refused(request, fresh, _asking(fresh, name), sent, error)
    return HttpResponseRedirect(show.address(done))


def _asking(one: OneMatter, name: str) -> Asking:
    return Asking(
        definition=one.definition,
        act=one.definition.acts[name],
        state=one.state,
        matter=one.matter,
        known=one.facts,
        person=one.person,
        at=one.at,
    )


def _read(request: HttpRequest, asking: Asking, user: User) -> Given:
    place = f"{asking.matter.pk}:{asking.act.name}"
    return given.read(request, asking.definition, asking.act, asking.state, user=user, place=place, at=asking.at)


def _do(user: User, one: OneMatter, asking: Asking, sent: Given, *, revision: int) -> api.Matter:
    return api.do_act(
        acting_user=user,
        matter_id=one.matter.pk,
        act=asking.act.name,
        at=times.now(),
        revision=revision,
        facts=sent.facts,
        papers=sent.papers,
        present=sent.present,
        people=sent.people,
    )


def _refused(request: HttpRequest, one: OneMatter, asking: Asking, sent: Given, error: QingtianError) -> HttpResponse:
    """Show the form again with what was typed, the reason, and, if others went on, what they did."""
    field = blame.field_of(error, asking.definition, asking.act, sent)
    since = typed.whole(request.POST, "revision") if isinstance(error, ChangedMeanwhile) else None
    return _again(request, one, asking, sent, {field: error}, since=since, status=status_of(error))


def _again(
    request: HttpRequest,
    one: OneMatter,
    asking: Asking,
    sent: Given,
    problems: Mapping[str, QingtianError],
    *,
    since: int | None = None,
    status: int = 422,
) -> HttpResponse:
    names = show.names_of(one)
    wrong = {field: sentence(error, names) for field, error in problems.items()}
    summary = forms.summary(problems, wrong)
    form = forms.build(asking, sent=request.POST, marks=sent.marks, wrong=wrong, problems=summary)
    meanwhile = _meanwhile(one, since) if since is not None else []
    return _ask(request, one, asking, form, status=status, meanwhile=meanwhile)


def _meanwhile(one: OneMatter, since: int) -> list[Moment]:
    """Return what happened after the act that the person had last seen."""
    return history.moments(one, show.names_of(one), since=since) if since < one.matter.revision else []


def _ask(
    request: HttpRequest, one: OneMatter, asking: Asking, form: Form, *, status: int = 200, **more: Any
) -> HttpResponse:
    names = show.names_of(one)
    context = {**show.head(one), "form": form, "act": asking.act, "reasons": _reasons(one, asking, names), **more}
    return render(request, "matters/act.html", context, status=status)


def _reasons(one: OneMatter, asking: Asking, names: Mapping[str, str]) -> list[Problem]:
    """Return why the act is not possible now, before anything is typed."""
    return [Problem(field="", sentence=sentence(each, names), code=each.code) for each in _against(one, asking)]


def _against(one: OneMatter, asking: Asking) -> Sequence[QingtianError]:
    into = one.matter.merged_into
    if into is not None:
        return [api.IsMerged(number=one.matter.number, into=into.number)]
    found = next((each for each in one.acts if each.act.name == asking.act.name), None)
    if found is not None:
        return found.reasons
    try:
        citation = cited(one.definition, asking.act, one.at)
        check_place(one.definition, asking.act, one.state, at=one.at, citation=citation)
    except Refusal as refusal:
        return [refusal]
    return []
