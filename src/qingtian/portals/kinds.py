"""The catalogue of kinds of matter (事项目录): what can be done here, by which law, and how many are under way.

`/kinds/<code>/` explains one: its diagram, and in tables every act, fact, paper, clock and gate, each with its article.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.machine import shelf
from qingtian.law.machine.definition import Definition
from qingtian.office.matters import api as matters
from qingtian.portals import kinds_data, kinds_parts, kinds_stories
from qingtian.portals.diagram import diagram
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.matters import naming
from qingtian.portals.page import EVERYONE, OFFICE, me, page, wants
from qingtian.portals.templatetags.parts import badge
from qingtian.portals.words import State

IN_FORCE = State(word=_("in force"), tone="normal", shape="normal")
TO_COME = State(word=_("to come"), tone="attention", shape="attention")
PAST = State(word=_("no longer in force"), tone="silent", shape="silent")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A kind in the catalogue, in the version of today (or else its newest), with the live matters one may see."""

    definition: Definition
    versions: int
    live: int
    overdue: int
    basis: str
    day: date

    @property
    def code(self) -> str:
        return self.definition.manifest.code

    @property
    def name(self) -> str:
        return naming.said(self.definition.manifest.words)

    @property
    def group(self) -> str:
        return naming.group(self.definition.manifest.group)

    @property
    def opened_by(self) -> str:
        return naming.joined([naming.role(self.definition, name) for name in self.definition.manifest.opened_by])


def standing(definition: Definition, *, day: date) -> State:
    """Return whether matters can be opened under this version today."""
    manifest = definition.manifest
    if manifest.in_force(day):
        return IN_FORCE
    return TO_COME if day < manifest.start else PAST


def versions(code: str) -> list[Definition]:
    """Return all versions of a kind, the newest first."""
    found = [kind for (known, _number), kind in shelf.discover().kinds.items() if known == code]
    return sorted(found, key=lambda kind: -kind.manifest.version)


def current(found: list[Definition], *, day: date) -> Definition:
    """Return the version in force, or else the newest."""
    return next((kind for kind in found if kind.manifest.in_force(day)), found[0])


def _name(row: Line) -> SafeString:
    return format_html('{} <span class="sub mono">{} · {}</span>', row.name, row.code, row.definition.manifest.version)


def _unbroken(text: str) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', text)


def _live(row: Line) -> object:
    if not row.overdue:
        return row.live or "—"
    return format_html("{} {}", row.live, badge(State(word=_overdue(row.overdue), tone="breach", shape="breach")))


def _overdue(count: int) -> str:
    return str(_("%(n)d overdue")) % {"n": count}


LISTING: Listing[Line] = Listing(
    name="kinds",
    columns=(
        Column(name="kind", title=_("Kind of matter"), value=lambda row: row.name, show=_name),
        Column(name="code", title="code", value=lambda row: row.code, hidden=True),
        Column(name="group", title=_("Heading"), value=lambda row: row.group, show=lambda row: _unbroken(row.group)),
        Column(name="basis", title=_("Law"), value=lambda row: row.basis),
        Column(name="version", title=_("Version"), value=lambda row: row.definition.manifest.version, number=True),
        Column(
            name="from",
            title=_("Valid from"),
            value=lambda row: row.definition.manifest.start.isoformat(),
            show=lambda row: _unbroken(row.definition.manifest.start.isoformat()),
        ),
        Column(name="to", title="to", value=lambda row: _iso(row.definition.manifest.end), hidden=True),
        Column(name="opened_by", title=_("Opened by"), value=lambda row: row.opened_by),
        Column(
            name="clocks",
            title=_("Clocks"),
            value=lambda row: len(kinds_data.clock_names(row.definition)),
            number=True,
        ),
        Column(name="live", title=_("Under way"), value=lambda row: row.live, show=_live, number=True),
        Column(name="overdue", title=_("overdue"), value=lambda row: row.overdue, hidden=True),
    ),
    choices=(Choice(name="group", title=_("Heading"), options=naming.groups()),),
    searched=_("Name, code or law"),
    link=lambda row: f"/kinds/{row.code}/",
    empty=Empty(
        title=_("No kind of matter"),
        why=_("The folders of the kinds were not found. An administrator checks QINGTIAN_KINDS and `qingtian check`."),
    ),
)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the kinds with how many of each are under way, as far as this person sees them."""
    at = times.now()
    figures = matters.figures(me(request), at=at)
    rows = list(_lines(figures, day=at.astimezone(BEIJING).date()))
    left_out = [error.sentence(get_language() or "zh") for error in _left_out(request)]
    return answer(request, LISTING, _fitting(request, rows), template="kinds/index.html", left_out=left_out)


def _left_out(request: HttpRequest) -> tuple[QingtianError, ...]:
    """Folders that were added and cannot be used; a firm has nothing to do with them."""
    return shelf.discover().left_out if me(request).role in OFFICE else ()


def _lines(figures: list[dict[str, object]], *, day: date) -> Iterator[Line]:
    live: dict[str, list[int]] = {}
    for figure in figures:
        counted = live.setdefault(str(figure["code"]), [0, 0])
        counted[0] += int(str(figure["live"]))
        counted[1] += int(str(figure["overdue"]))
    order = [group for group, _word in naming.groups()]
    found = [versions(code) for code in shelf.discover().codes()]
    for kinds in sorted(found, key=lambda kinds: order.index(kinds[0].manifest.group)):
        chosen = current(kinds, day=day)
        many, late = live.get(chosen.manifest.code, [0, 0])
        basis = kinds_parts.basis(chosen, None, day=day)
        yield Line(definition=chosen, versions=len(kinds), live=many, overdue=late, basis=basis, day=day)


def _fitting(request: HttpRequest, rows: list[Line]) -> list[Line]:
    group, search = request.GET.get("group", ""), request.GET.get("q", "").strip().lower()
    return [
        row
        for row in rows
        if (not group or row.definition.manifest.group == group)
        and (not search or search in f"{row.name} {row.code} {row.basis}".lower())
    ]


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one kind, in the version of today or the one asked for; ``?stage=`` lights a stage of the diagram."""
    found, day = versions(code), times.now().astimezone(BEIJING).date()
    if not found:
        raise Http404(code)
    wanted = request.GET.get("version", "")
    definition = next((one for one in found if str(one.manifest.version) == wanted), None)
    if definition is None:
        if wanted:
            raise Http404(wanted)
        definition = current(found, day=day)
    if wants(request) == "json":
        told = kinds_data.described(definition, day=day)
        return JsonResponse({**told, "versions": [kinds_data.summary(one) for one in found]})
    context = _context(definition, stage=request.GET.get("stage", ""), day=day)
    others = [(one, standing(one, day=day)) for one in found]
    may_open = me(request).role in OFFICE and definition.manifest.in_force(day)
    own = {"versions": others, "may_open": may_open, "may_see_figures": me(request).role in OFFICE}
    return render(request, "kinds/show.html", {**context, **own})


def _context(definition: Definition, *, stage: str, day: date) -> Mapping[str, object]:
    manifest = definition.manifest
    stage = stage if stage in definition.stages else ""
    return {
        "definition": definition,
        "manifest": manifest,
        "name": naming.said(manifest.words),
        "group": naming.group(manifest.group),
        "state": badge(standing(definition, day=day)),
        "basis": kinds_parts.basis(definition, None, day=day),
        "laws": manifest.basis.laws,
        "secrecy": naming.SECRECIES.get(manifest.secrecy, manifest.secrecy),
        "opened_by": naming.joined([naming.role(definition, name) for name in manifest.opened_by]),
        "opened_from": naming.joined([naming.source(definition, name) for name in manifest.opened_from]),
        "settings": [
            (naming.word(definition, "settings", one.name), f"{naming.figure(one.value)} {naming.unit(one.unit)}", one)
            for one in manifest.settings.values()
        ],
        "statistics": [naming.said(words) for words in manifest.statistics.values()],
        "wide": diagram(definition, stage=stage, annotated=True),
        "slender": diagram(definition, stage=stage),
        "acts": list(kinds_parts.acts(definition, day=day)),
        "facts": list(kinds_parts.facts(definition)),
        "papers": list(kinds_parts.papers(definition)),
        "clocks": list(kinds_parts.clock_rows(definition, day=day)),
        "gates": list(kinds_parts.gates(definition, day=day)),
        "stories": kinds_stories.stories(definition),
        "readme": readme(definition),
    }


def readme(definition: Definition) -> str:
    """Return the kind's own note, without its title."""
    folder = shelf.folder_of(definition)
    file = folder.joinpath("README.md") if folder else None
    text = file.read_text(encoding="utf-8") if file and file.is_file() else ""
    return "\n".join(line for line in text.splitlines() if not line.startswith("# ")).strip()
