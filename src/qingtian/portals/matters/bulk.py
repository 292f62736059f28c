"""One act on many matters (批量办理): choose the act, fill it in once, see what it will do to each, then do it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.matters import api
from qingtian.office.matters.api import Bulk, Group, Matter
from qingtian.office.people.api import User
from qingtian.portals.matters import cells, forms, given, naming
from qingtian.portals.matters.forms import Asking, Form
from qingtian.portals.matters.given import Given
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import OFFICE, me, page

PICKED = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")
OWN = ("csrfmiddlewaretoken", "step")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The matters that were chosen, with the revision of each that was seen; and the act, once it is."""

    matters: Mapping[int, int]
    kind: str
    version: str
    act: str

    @property
    def picks(self) -> list[str]:
        return [f"{key}.{revision}" for key, revision in self.matters.items()]


def _wish(query: QueryDict) -> Wish:
    found = [PICKED.fullmatch(text) for text in query.getlist("m")]
    if len(found) > api.MOST_AT_ONCE:
        raise BadRequest("m")
    return Wish(
        matters={int(each[1]): int(each[2]) for each in found if each},
        kind=query.get("kind", ""),
        version=query.get("version", ""),
        act=query.get("act", ""),
    )


@page(roles=OFFICE)
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """Show the matters chosen (``?m=key.revision``…) and the acts they share; with ``act``, its form."""
    user, wish, at = me(request), _wish(request.GET), times.now()
    groups = api.together(user, wish.matters, at=at)
    if not wish.act:
        shown = [(group, naming.said(group.definition.manifest.words), _acts(group)) for group in groups]
        unseen = len(wish.matters) - sum(len(group.matters) for group in groups)
        return render(request, "matters/bulk.html", {"groups": shown, "wish": wish, "unseen": unseen})
    asking = _asking(groups, wish, at)
    return _form(request, wish, asking, _group(groups, wish), forms.build(asking))


def _acts(group: Group) -> dict[str, Any]:
    definition = group.definition
    return {
        "shared": [(each.act.name, naming.act(definition, each.act.name), each.able) for each in group.acts],
        "alone": [naming.act(definition, act.name) for act in group.alone],
        "rows": [(matter, cells.title(matter), cells.stage(matter)) for matter in group.matters],
    }


def _group(groups: Sequence[Group], wish: Wish) -> Group:
    """:raises BadRequest: if none of the matters is of the kind, or the act is not one that they share."""
    for group in groups:
        manifest = group.definition.manifest
        known = {each.act.name for each in group.acts}
        if (manifest.code, str(manifest.version)) == (wish.kind, wish.version) and wish.act in known:
            return group
    raise BadRequest("act")


def _asking(groups: Sequence[Group], wish: Wish, at: datetime) -> Asking:
    """What the act asks for is asked once; people who could be named are those of the first matter's place."""
    group = _group(groups, wish)
    return Asking(
        definition=group.definition,
        act=group.definition.acts[wish.act],
        state=group.states[0],
        matter=group.matters[0],
        known={},
        person=group.person,
        at=at,
    )


def _form(
    request: HttpRequest, wish: Wish, asking: Asking, group: Group, form: Form, *, status: int = 200
) -> HttpResponse:
    context = {"wish": wish, "form": form, "kind": naming.said(asking.definition.manifest.words), "group": group}
    return render(request, "matters/bulk_form.html", context, status=status)


@page(roles=OFFICE)
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Show what the act would do to each matter (``step=preview``), or do it and say what came of each."""
    user, wish, at = me(request), _wish(request.POST), times.now()
    groups = api.together(user, wish.matters, at=at)
    asking, group = _asking(groups, wish, at), _group(groups, wish)
    sent = given.read(request, asking.definition, asking.act, asking.state, user=user, place="bulk", at=at)
    if sent.problems:
        wrong = {field: sentence(error, {}) for field, error in sent.problems.items()}
        form = forms.build(asking, sent=request.POST, wrong=wrong, problems=forms.summary(sent.problems, wrong))
        return _form(request, wish, asking, group, form, status=422)
    preview = request.POST.get("step") != "do"
    found = _carry(user, wish, group, sent, at, preview=preview)
    context = {
        "title": naming.act(asking.definition, wish.act),
        "kind": naming.said(asking.definition.manifest.words),
        "preview": preview,
        "done": [(matter, cells.name(matter), cells.stage(matter)) for matter in found.done],
        "refused": _refused(found, group, user),
        "again": _again(request.POST),
        "back": f"?{_back(wish)}",
    }
    return render(request, "matters/bulk_told.html", context)


def _carry(user: User, wish: Wish, group: Group, sent: Given, at: datetime, *, preview: bool) -> Bulk:
    """Only the matters of the group: those of another kind were never asked about."""
    return (api.preview_acts if preview else api.do_acts)(
        acting_user=user,
        matters={matter.pk: wish.matters[matter.pk] for matter in group.matters},
        act=wish.act,
        at=at,
        facts=sent.facts,
        present=sent.present,
        people=sent.people,
    )


def _refused(found: Bulk, group: Group, user: User) -> list[tuple[Matter, str, str, str]]:
    rows = {matter.pk: matter for matter in group.matters}
    names = {user.username: user.name}
    return [
        (rows[each.matter_id], cells.name(rows[each.matter_id]), sentence(each.why, names), each.why.code)
        for each in found.refused
    ]


def _again(form: QueryDict) -> list[tuple[str, str]]:
    """All that was sent, for the form that does what was previewed."""
    return [(name, value) for name in form if name not in OWN for value in form.getlist(name)]


def _back(wish: Wish) -> str:
    query = QueryDict(mutable=True)
    query.setlist("m", wish.picks)
    return query.urlencode()
