"""The page of a person (人员): posts by role and by name, certificates; given and taken back by the administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people import api
from qingtian.office.people.api import CertificateKind, User
from qingtian.portals import timeline, typed
from qingtian.portals.matters import naming
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.posts import STATES, certificate_state, post_last, post_state, today


@page(roles=ADMINISTRATORS)
@require_GET
def show(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show what a person is in the office, with the forms that change it."""
    user, day = me(request), today()
    person = api.person(user, user_id)
    context = {
        "person": person,
        "by_role": [naming.post(post, day=day) for post in sorted(api.role_posts(person.role, day=day))],
        "posts": [
            (row, naming.post(row.post, day=day), post_last(row), state)
            for row in sorted(person.posts.all(), key=lambda row: row.since, reverse=True)
            for state in (STATES[post_state(row)],)
        ],
        "certificates": [
            (row, naming.certificate(row.kind), STATES[certificate_state(row)], certificate_state(row) != "over")
            for row in sorted(person.certificates.all(), key=lambda row: row.since, reverse=True)
        ],
        "posts_known": [(post, naming.post(post, day=day)) for post in api.post_names(day=day) if post != "system"],
        "kinds": [(kind.value, naming.certificate(kind.value)) for kind in CertificateKind],
        "today": day.isoformat(),
        "moments": timeline.moments(api.appointed(user, user_id)),
    }
    return render(request, "people/person.html", context)


def _give_post(user: User, person: User, form: QueryDict) -> None:
    last = typed.day(form, "last")
    api.give_post(
        acting_user=user,
        username=person.username,
        post=form.get("post", ""),
        since=typed.needed_day(form, "since"),
        # people name the last day; the office keeps the first on which the post is not held
        until=last + timedelta(days=1) if last else None,
        at=times.now(),
    )


def _end_post(user: User, person: User, form: QueryDict) -> None:
    api.end_post(acting_user=user, username=person.username, post=form.get("post", ""), at=times.now())


def _record_certificate(user: User, person: User, form: QueryDict) -> None:
    api.record_certificate(
        acting_user=user,
        username=person.username,
        kind=form.get("kind", ""),
        number=form.get("number", ""),
        since=typed.needed_day(form, "since"),
        until=typed.day(form, "last"),
        at=times.now(),
    )


def _withdraw_certificate(user: User, person: User, form: QueryDict) -> None:
    certificate = typed.key(form, "certificate")
    api.withdraw_certificate(acting_user=user, certificate_id=certificate, at=times.now())


ACTS: dict[str, Callable[[User, User, QueryDict], None]] = {
    "give-post": _give_post,
    "end-post": _end_post,
    "record-certificate": _record_certificate,
    "withdraw-certificate": _withdraw_certificate,
}


@page(roles=ADMINISTRATORS)
@require_POST
def act(request: HttpRequest, user_id: int, name: str) -> HttpResponse:
    """Do one act on a person, then show them."""
    typed.one_of(ACTS, name)(me(request), api.person(me(request), user_id), request.POST)
    return HttpResponseRedirect(f"/people/{user_id}/")
