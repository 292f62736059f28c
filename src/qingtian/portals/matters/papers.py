"""A paper 文书 in the browser: what stands on its pages, its files, what is frozen; drafts of papers to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.matters import api
from qingtian.office.matters.api import MatterPaper, OneMatter, PaperFile
from qingtian.office.papers import api as papers
from qingtian.portals.matters import around, naming, sheets, show
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.words import State


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
        "picture": paper.media_type.startswith("image/"),
    }
    return render(request, "matters/paper.html", context)


def _marks(one: OneMatter, paper: MatterPaper) -> Iterator[State]:
    """Yield what else has to be known of a paper: newer versions, publication withdrawn."""
    if paper.version < api.versions(one, paper)[0].version:
        yield State(word=say("superseded by a newer version"), tone="attention", shape="done")
    if paper.withdrawn_at:
        yield State(word=say("withdrawn from publication"), tone="attention", shape="done")


@page(roles=EVERYONE)
@require_GET
def pdf(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Send the frozen PDF."""
    return _sent(api.paper_file(me(request), paper_id, form="pdf", at=times.now()))


@page(roles=EVERYONE)
@require_GET
def docx(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Send the frozen Word file."""
    return _sent(api.paper_file(me(request), paper_id, form="docx", at=times.now()))


@page(roles=EVERYONE)
@require_GET
def original(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Send a paper as it was brought; pictures are shown, all else is saved."""
    found = api.paper_file(me(request), paper_id, form="original", at=times.now())
    return _sent(found, inline=found.media_type.startswith("image/"))


def _sent(file: PaperFile, *, inline: bool = False) -> HttpResponse:
    """Answer with a file: of the type that it was kept with, never guessed, and nothing in it runs."""
    answer = HttpResponse(file.content, content_type=file.media_type)
    how = "inline" if inline else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(file.name)}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
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
def draft_file(request: HttpRequest, matter_id: int, name: str, form: str) -> HttpResponse:
    """Send a draft as a Word file to be written on, or as a PDF to be printed."""
    return _sent(api.draft_file(me(request), matter_id, name, form=form, at=times.now()))
