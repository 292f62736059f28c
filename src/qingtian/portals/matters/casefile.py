"""The case file 案卷 of a matter: its contents 卷宗目录 volume by volume, the bound PDF, and filing it away 归档."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.casefiles import api
from qingtian.office.casefiles.api import CaseFile, Item, Volume
from qingtian.portals.matters import naming, records, show
from qingtian.portals.matters.papers import sent
from qingtian.portals.page import EVERYONE, OFFICE, me, page, wants
from qingtian.portals.templatetags.parts import language


@dataclass(frozen=True, kw_only=True)
class Row:
    """A paper in the list of contents."""

    item: Item
    title: str
    page: str
    remarks: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A volume as the page shows it: its papers group by group, and the digest it was filed under."""

    volume: Volume
    title: str
    groups: list[tuple[str, list[Row]]]
    digest: str


@page(roles=EVERYONE)
@require_GET
def show_file(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Show what lies in the file, as far as this person may read it."""
    at = times.now()
    file = api.case_file(me(request), matter_id, at=at)
    if wants(request) == "json":
        return JsonResponse(_record(file))
    context = {
        **show.head(file.one),
        "here": say("Case file"),
        "file": file,
        "volumes": list(_shown(file)),
        "may_file": api.may_file(me(request), file, at=at),
    }
    return render(request, "matters/casefile.html", context)


def _shown(file: CaseFile) -> Iterator[Shown]:
    for volume in file.volumes:
        groups = [
            (naming.said(place.words), [_row(volume, item) for item in items]) for place, items in api.by_place(volume)
        ]
        digest = file.frozen[volume.name]["pdf"] if volume.name in file.frozen else ""
        yield Shown(volume=volume, title=str(naming.VOLUMES[volume.name]), groups=groups, digest=digest)


def _row(volume: Volume, item: Item) -> Row:
    last = item is volume.items[-1] and item.pages > 1
    return Row(
        item=item,
        title=naming.said(item.title),
        page=f"{item.first}–{item.last}" if last else str(item.first),
        remarks=say("; ").join(each.said(language()) for each in item.remarks),
    )


def _record(file: CaseFile) -> dict[str, Any]:
    """Return the contents as a machine reads them, with the digest of each file."""
    filed = file.filed
    return {
        "matter": file.one.matter.number,
        "withheld": file.withheld,
        "filed_at": records.time(filed.at) if filed else None,
        "entry": {"sequence": filed.sequence, "hash": filed.hash} if filed else None,
        "volumes": [
            {
                "volume": volume.name,
                "pages": volume.pages,
                "pdf": file.frozen.get(volume.name, {}).get("pdf"),
                "papers": [_paper(item) for item in volume.items],
            }
            for volume in file.volumes
        ],
    }


def _paper(item: Item) -> dict[str, Any]:
    return {
        "position": item.number,
        "paper": item.paper.name,
        "version": item.paper.version,
        "number": item.paper.number,
        "title": naming.said(item.title),
        "author": item.author,
        "group": naming.said(item.place.words),
        "day": item.day.isoformat(),
        "first": item.first,
        "pages": item.pages,
        "digest": item.paper.digest,
        "files": [{"name": leaf.name, "sha256": leaf.sha256, "pages": leaf.pages} for leaf in item.leaves],
        "remarks": [each.said(language()) for each in item.remarks],
    }


@page(roles=EVERYONE)
@require_GET
def take(request: HttpRequest, matter_id: int, part: str, form: str) -> HttpResponseBase:
    """Send the list of contents, a volume, or all of them bound."""
    return sent(api.download(me(request), matter_id, part, form=form, at=times.now()))


@page(roles=OFFICE)
@require_POST
def away(request: HttpRequest, matter_id: int) -> HttpResponse:
    """File the case away; then show its file."""
    api.file_away(acting_user=me(request), matter_id=matter_id, at=times.now())
    return HttpResponseRedirect(f"/matters/{matter_id}/file/")
