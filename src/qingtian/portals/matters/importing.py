"""Taking in an existing register (导入台账): the kind's empty form, a checked preview, and all rows or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import State
from qingtian.law.machine.step import UnknownSource
from qingtian.office.matters import api
from qingtian.office.matters.api import Checked, ImportedBefore, Matter, Preview, WorkbookUnreadable
from qingtian.office.people.api import User
from qingtian.portals import refusals, saved
from qingtian.portals.matters import cells, naming
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import OFFICE, me, page

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
    """A row of the preview as it is shown; ``why`` empty: it can be taken in.

    Of a matter that is taken over besides: its ``old`` number, its ``stage`` and since when (``reached``), ``clocks``
    with their due days, ``silent``: clocks of the stage that the row leaves out, ``counted``: what counts as done.
    """

    number: int
    title: str
    opened: datetime | None
    column: str
    why: str
    code: str
    old: str = ""
    stage: str = ""
    closed: bool = False
    reached: datetime | None = None
    clocks: Sequence[tuple[str, object, bool]] = ()
    silent: str = ""
    counted: str = ""


def _kinds(user: User) -> list[Kind]:
    """Return the kinds that the person may open; who may take matters over, takes those of every kind."""
    at = times.now()
    if api.may_take_over(user, at=at):
        found = api.kinds_in_force(at=at)
    else:
        found = [(definition, [each.act for each in possible]) for definition, possible in api.openable(user, at=at)]
    kinds = [
        Kind(
            definition=definition,
            code=definition.manifest.code,
            name=naming.said(definition.manifest.words),
            acts=[(act.name, naming.act(definition, act.name)) for act in acts],
        )
        for definition, acts in found
    ]
    return sorted(kinds, key=lambda kind: kind.name)


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
    """Give out the empty form of a kind (Excel); ``?existing=1``: for matters that are under way or closed."""
    kind = _kind(me(request), code)
    existing = request.GET.get("existing") == "1"
    act = _act(kind, request.GET.get("act", ""))
    content = api.blank_register(code, act=act, existing=existing, at=times.now())
    word = say("existing register") if existing else say("register")
    return saved.workbook(content, name=f"{kind.name}-{word}")


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
    except (WorkbookUnreadable, ImportedBefore) as error:
        return _ask(request, kind, error=error, status=refusals.status_of(error))
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
        "taken": sum(row.state is not None for row in preview.rows) if preview else 0,
        "problem": sentence(error, {}) if error else "",
        "problem_code": error.code if error else "",
    }
    return render(request, "matters/import.html", context, status=status)


def _row(kind: Kind, row: Checked) -> Row:
    why = sentence(row.why, _options(kind.definition, row.why)) if row.why else ""
    code = row.why.code if row.why else ""
    shown = Row(number=row.number, title=row.title, opened=row.opened, column=row.column, why=why, code=code)
    return replace(shown, **_taken(kind.definition, row, row.state)) if row.state else shown


def _taken(definition: Definition, row: Checked, state: State) -> dict[str, Any]:
    """Return what the preview says of a matter that would be taken over."""
    taken, reached = state.taken, state.history[0].at
    day = reached.astimezone(BEIJING).date()
    return {
        "old": taken.number if taken else "",
        "stage": naming.stage(definition, state.stage),
        "closed": state.closed,
        "reached": reached,
        "clocks": [(naming.clock(run.clock, day=day), run.due, run.over(times.now())) for run in state.clocks],
        "silent": naming.joined(naming.clock(name, day=day) for name in row.open_clocks),
        "counted": naming.joined(naming.act(definition, name) for name in (taken.acts if taken else ())),
    }


def _opened(matters: Sequence[Matter]) -> list[tuple[Matter, SafeString, SafeString]]:
    return [(matter, cells.name(matter), cells.stage(matter)) for matter in matters]


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
    taken = any(matter.taken_over for matter in opened)
    context = {"kind": kind, "opened": _opened(opened), "taken": taken, "digest": digest}
    return render(request, "matters/import_done.html", context)
