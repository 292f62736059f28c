"""The worker's jobs (后台作业): what waits, runs and failed, since when and why; one that failed is done again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.jobs import api
from qingtian.office.jobs.api import Job
from qingtian.office.ledger import api as ledger
from qingtian.portals import asked, job_words, timeline
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language


def _what(row: Job) -> object:
    named = job_words.named(row.name)
    return format_html('<span>{}<span class="sub">{}</span></span>', named.word, named.does)


def _why(row: Job) -> str:
    return row.why.said(language()) if row.why else ""


LISTING: Listing[Job] = Listing(
    name="jobs",
    columns=(
        Column(name="name", title=_("Job"), value=lambda row: row.name, show=_what),
        Column(
            name="state",
            title=_("State"),
            value=lambda row: row.state,
            show=lambda row: parts.badge(job_words.STATES[row.state]),
        ),
        Column(
            name="since",
            title=_("In this state since"),
            value=lambda row: row.since,
            show=lambda row: parts.instant(row.since),
            number=True,
        ),
        Column(name="attempts", title=_("Attempts"), value=lambda row: row.attempts, number=True),
        Column(name="why", title=_("What went wrong"), value=_why),
        Column(name="id", title=_("Number"), value=lambda row: row.id, number=True),
    ),
    link=lambda row: f"/system/jobs/{row.id}/",
    tone=lambda row: "breach" if row.state == api.FAILED else "",
    choices=(
        Choice(name="state", title=_("State"), options=[(name, one.word) for name, one in job_words.STATES.items()]),
        Choice(name="name", title=_("Job"), options=[(name, one.word) for name, one in job_words.JOBS.items()]),
    ),
    empty=Empty(
        title=_("No such job"),
        why=_("The worker queues each job when its time comes. If nothing is ever queued, it does not run."),
        path="/system/",
        act=_("See the processes"),
    ),
)


@page(roles=ADMINISTRATORS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the newest jobs."""
    user, query = me(request), request.GET
    state, name = asked.option(query, "state", job_words.STATES), asked.option(query, "name", job_words.JOBS)
    rows = api.jobs(user, state=state, name=name)
    context = {"counts": shown_counts(api.counts(user)), "full": len(rows) == api.MOST}
    return answer(request, LISTING, rows, template="system/jobs.html", **context)


def shown_counts(counted: dict[str, int]) -> list[dict[str, object]]:
    """Return how many jobs are in each state, with the word and the address of the list."""
    return [
        {"state": job_words.STATES[name], "count": count, "url": f"/system/jobs/?state={name}"}
        for name, count in counted.items()
    ]


@page(roles=ADMINISTRATORS)
@require_GET
def show(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show one job: what it does, how it stands, why it failed, and the button that has it done again."""
    found = api.job(me(request), job_id)
    context = {
        "job": found,
        "named": job_words.named(found.name),
        "state": job_words.STATES[found.state],
        "why": _why(found),
        "may_again": found.state == api.FAILED,
        "moments": timeline.moments(ledger.history(api.chain(found.name))),
    }
    return render(request, "system/job.html", context)


@page(roles=ADMINISTRATORS)
@require_POST
def again(request: HttpRequest, job_id: int) -> HttpResponse:
    """Have a job that failed done again, then show it."""
    api.do_again(acting_user=me(request), job_id=job_id, at=times.now())
    return HttpResponseRedirect(f"/system/jobs/{job_id}/")
