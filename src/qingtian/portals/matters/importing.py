"""Taking in an existing register (导入台账): the kind's empty form, a checked preview, and all rows or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.step import UnknownSource
from qingtian.office.matters import api
from qingtian.office.matters.api import Checked, Matter, Preview, WorkbookUnreadable
from qingtian.office.people.api import User
from qingtian.portals.matters import cells, naming
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import OFFICE, me, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 200
"""Right rows of a preview that are shown; of wrong ones all are."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind that this person may take a register of, with the acts that open it."""

    definition: Definition
    code: str
    name: str
    acts: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the preview as it is shown; ``why`` empty: it can be taken in."""

    number: int
    title: str
    opened: datetime | None
    column: str
    why: str
    code: str


def _kinds(user: User) -> list[Kind]:
    found = [
        Kind(
            definition=definition,
            code=definition.manifest.code,
            name=naming.said(definition.manifest.words),
            acts=[(each.act.name, naming.act(definition, each.act.name)) for each in possible],
        )
        for definition, possible in api.openable(user, at=times.now())
    ]
    return sorted(found, key=lambda kind: kind.name)


def _kind(user: User, code: str) -> Kind:
    """:raises Http404: if it is none that the person may open."""
    for kind in _kinds(user):
        if kind.code == code:
            return kind
    raise Http404


def _act(kind: Kind, name: str) -> str:
    if name and name not in dict(kind.acts):
        raise BadRequest("act")
    return name or kind.acts[0][0]


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the kinds that this person may take a register of."""
    return render(request, "matters/import_kinds.html", {"kinds": _kinds(me(request))})


@page(roles=OFFICE)
@require_GET
def blank(request: HttpRequest, code: str) -> HttpResponse:
    """Give out the empty form of a kind (Excel)."""
    kind = _kind(me(request), code)
    content = api.blank_register(code, act=_act(kind, request.GET.get("act", "")), at=times.now())
    answer = HttpResponse(content, content_type=XLSX)
    word = say("register")
    header = content_disposition_header(as_attachment=True, filename=f"{kind.name}-{word}.xlsx")
    answer.headers["Content-Disposition"] = header or "attachment"
    return answer


@page(roles=OFFICE)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the filled form of a kind; sent, show what it would open, row by row."""
    user = me(request)
    kind = _kind(user, code)
    if request.method == "GET":
        return _ask(request, kind)
    act = _act(kind, request.POST.get("act", ""))
    try:
        preview = _put(user, kind, act, request)
    except WorkbookUnreadable as error:
        return _ask(request, kind, error=error, status=422)
    return _ask(request, kind, preview=preview, chosen=act)


def _put(user: User, kind: Kind, act: str, request: HttpRequest) -> Preview:
    file = request.FILES.get("file")
    if file is None:
        raise WorkbookUnreadable(why=Term(zh="没有选择文件", en="no file was chosen"))
    return api.put_draft(
        acting_user=user, code=kind.code, act=act, name=file.name or "", content=file.read(), at=times.now()
    )


def _ask(
    request: HttpRequest,
    kind: Kind,
    *,
    preview: Preview | None = None,
    chosen: str = "",
    error: QingtianError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "kind": kind,
        "chosen": chosen,
        "preview": preview,
        "wrong": [_row(kind, row) for row in preview.rows if row.why] if preview else [],
        "right": [_row(kind, row) for row in preview.rows if not row.why][:MOST_SHOWN] if preview else [],
        "able": len(preview.rows) - preview.wrong if preview else 0,
        "problem": sentence(error, {}) if error else "",
        "problem_code": error.code if error else "",
    }
    return render(request, "matters/import.html", context, status=status)


def _row(kind: Kind, row: Checked) -> Row:
    why = sentence(row.why, _options(kind.definition, row.why)) if row.why else ""
    code = row.why.code if row.why else ""
    return Row(number=row.number, title=row.title, opened=row.opened, column=row.column, why=why, code=code)


def _opened(matters: Sequence[Matter]) -> list[tuple[Matter, SafeString]]:
    return [(matter, cells.name(matter)) for matter in matters]


def _options(definition: Definition, error: QingtianError) -> dict[str, str]:
    """Return what the codes that an error offers are called: in the sheet people write words."""
    if isinstance(error, UnknownSource):
        return {name: naming.source(definition, name) for name in definition.manifest.opened_from}
    about = error.fields.get("fact")
    facts = [fact for name, fact in definition.facts.items() if definition.words.of("facts", name) == about]
    return {option: naming.choice(definition, fact.name, option) for fact in facts for option in fact.options}


@page(roles=OFFICE)
@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Take in what was previewed, all of it or nothing; then show what was opened."""
    user = me(request)
    kind = _kind(user, code)
    digest = request.POST.get("digest", "")
    opened = api.confirm_draft(acting_user=user, code=code, digest=digest, at=times.now())
    return render(request, "matters/import_done.html", {"kind": kind, "opened": _opened(opened), "digest": digest})
