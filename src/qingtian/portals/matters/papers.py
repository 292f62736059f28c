"""A paper 文书 in the browser: what stands on its pages, its files, what is frozen; drafts of papers to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.matters import api
from qingtian.office.matters.api import MatterPaper, OneMatter, PaperFile
from qingtian.office.papers import api as papers
from qingtian.portals import saved
from qingtian.portals.matters import around, naming, sheets, show
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import EVERYONE, OFFICE, POLICY, me, page
from qingtian.portals.words import State

PDF = "application/pdf"
CLOSED = "default-src 'none'; sandbox"
SHOWN_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""A browser shows no PDF in a sandbox; its viewer runs nothing of the page that it stands on."""


@page(roles=EVERYONE)
@require_GET
def read(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Show a paper of the file. One that cannot be typeset says why, and what to do."""
    at = times.now()
    one, paper = api.paper(me(request), paper_id, at=at)
    refused, pages = "", None
    try:
        paper = api.made_paper(paper, at=at)
        pages = api.pages(paper)
    except QingtianError as error:
        refused = sentence(error, {})
    shown = around.paper(one, paper)
    context = {
        **show.head(one),
        "here": shown.title,
        "paper": shown,
        "marks": list(_marks(one, paper)),
        "act": naming.act(one.definition, paper.act),
        "law": one.definition.papers[paper.name].law if paper.name in one.definition.papers else "",
        "by": show.names_of(one).get(paper.by, paper.by),
        "versions": api.versions(one, paper),
        "refused": refused,
        "sheet": sheets.pieces(pages) if pages else None,
        "files": [Scan(place=place, **file) for place, file in enumerate(paper.files, start=1)],
    }
    answer = render(request, "matters/paper.html", context)
    if any(file["media_type"] == PDF for file in paper.files):
        answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A file of a paper that was brought, as its page shows it; ``place`` counts from 1."""

    place: int
    sha256: str
    name: str
    media_type: str
    bytes: int

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF


def _marks(one: OneMatter, paper: MatterPaper) -> Iterator[State]:
    """Yield what else has to be known of a paper: newer versions, publication withdrawn."""
    if paper.version < api.versions(one, paper)[0].version:
        yield State(word=say("superseded by a newer version"), tone="attention", shape="done")
    if paper.withdrawn_at:
        yield State(word=say("withdrawn from publication"), tone="attention", shape="done")


@page(roles=EVERYONE)
@require_GET
def pdf(request: HttpRequest, paper_id: int) -> HttpResponseBase:
    """Send the frozen PDF."""
    return sent(api.paper_file(me(request), paper_id, form="pdf", at=times.now()))


@page(roles=EVERYONE)
@require_GET
def docx(request: HttpRequest, paper_id: int) -> HttpResponseBase:
    """Send the frozen Word file."""
    return sent(api.paper_file(me(request), paper_id, form="docx", at=times.now()))


@page(roles=EVERYONE)
@require_GET
def original(request: HttpRequest, paper_id: int) -> HttpResponseBase:
    """Send a paper as it was brought: its only file, or all of them as an archive."""
    return sent(api.paper_file(me(request), paper_id, form="original", at=times.now()))


@page(roles=EVERYONE)
@require_GET
def scan(request: HttpRequest, paper_id: int, place: int) -> HttpResponseBase:
    """Send one file of a paper that was brought: to be looked at, or (``?save=1``) to be saved."""
    found = api.brought_file(me(request), paper_id, place, at=times.now())
    return sent(found, inline="save" not in request.GET)


def sent(file: PaperFile, *, inline: bool = False) -> HttpResponseBase:
    """Answer with a file: of the type that it was kept with, never guessed, and nothing in it runs."""
    answer = saved.file(file.content, media_type=file.media_type, name=file.name, inline=inline)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = SHOWN_PDF if inline and file.media_type == PDF else CLOSED
    if inline:
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@dataclass(frozen=True, kw_only=True)
class Form:
    """A paper that can be made or brought from here on: its name, its title, the act that it comes with."""

    name: str
    title: str
    act: str
    brought: bool


@page(roles=OFFICE)
@require_GET
def drafts(request: HttpRequest, matter_id: int) -> HttpResponse:
    """List the papers that acts of this stage make, as drafts, and those that they bring, as forms to be signed."""
    one = api.matter(me(request), matter_id, at=times.now())
    context = {**show.head(one), "here": say("Drafts and forms"), "forms": list(_forms(one))}
    return render(request, "matters/drafts.html", context)


def _forms(one: OneMatter) -> Iterator[Form]:
    for each in one.acts:
        act = each.act
        for name in dict.fromkeys((*act.makes, *act.brings, *act.may_bring)):
            if one.may_read_named(one.definition.papers[name]):
                yield Form(
                    name=name,
                    title=naming.paper(one.definition, name),
                    act=naming.act(one.definition, act.name),
                    brought=name not in act.makes,
                )


@page(roles=OFFICE)
@require_GET
def draft(request: HttpRequest, matter_id: int, name: str) -> HttpResponse:
    """Show a paper as an act would freeze it now. Nothing is kept."""
    one, content = api.draft(me(request), matter_id, name, at=times.now())
    title = naming.paper(one.definition, name)
    context = {
        **show.head(one),
        "here": title,
        "name": name,
        "sheet": sheets.pieces(papers.sheet(papers.docx(content))),
    }
    return render(request, "matters/draft.html", context)


@page(roles=OFFICE)
@require_GET
def draft_file(request: HttpRequest, matter_id: int, name: str, form: str) -> HttpResponseBase:
    """Send a draft as a Word file to be written on, or as a PDF to be printed."""
    return sent(api.draft_file(me(request), matter_id, name, form=form, at=times.now()))
