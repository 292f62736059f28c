"""The limits of the standards (限值库): a list of all rows, and one row with its confirmations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Limit
from qingtian.portals import words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, me, page
from qingtian.portals.rules import certainty
from qingtian.portals.templatetags import parts


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a standard; ``number`` counts from 1 within its rule file ``table``."""

    table: str
    number: int
    rule: Rule

    @property
    def printed(self) -> str:
        unit = self.rule["unit"] or ""
        return f"{self.rule['comparator']} {self.rule['limit']} {'' if unit == '1' else unit}".strip()

    @property
    def path(self) -> str:
        return f"/limits/{self.table.removeprefix('limits/')}/{self.number}/"


@cache
def rows() -> tuple[Row, ...]:
    """Return every row of every standard, in the order of the files."""
    return tuple(
        Row(table=name, number=number, rule=rule)
        for name in rules.names("limits")
        for number, rule in enumerate(rules.table(name), start=1)
    )


def _values(column: str) -> list[tuple[str, words.Word]]:
    return [(value, value) for value in dict.fromkeys(str(row.rule[column]) for row in rows())]


def _factor(row: Row) -> object:
    code = row.rule["factor"]
    name = parts.factor_name(code) if code else row.rule["zh"]
    sub = code or row.rule["zh"]
    return name if sub == name else format_html('<span>{}<span class="sub">{}</span></span>', name, sub)


def listing() -> Listing[Row]:
    """Return how limits are listed; the filters offer the standards and source types there are."""
    return Listing(
        name="limits",
        columns=(
            Column(name="factor", title=_("Factor"), value=lambda row: row.rule["factor"], show=_factor),
            Column(
                name="printed",
                title=_("Limit"),
                value=lambda row: row.printed,
                show=lambda row: parts.printed(row.printed),
            ),
            Column(
                name="period",
                title=_("Period"),
                value=lambda row: row.rule["period"],
                show=lambda row: words.LIMIT_PERIODS.get(row.rule["period"], row.rule["period"]),
            ),
            Column(name="standard", title=_("Standard"), value=lambda row: row.rule["standard"]),
            Column(name="source_type", title=_("Source type"), value=lambda row: row.rule["source_type"]),
            Column(
                name="certainty",
                title=_("Certainty"),
                value=lambda row: row.rule.certainty,
                show=lambda row: certainty(row.rule.certainty),
            ),
            Column(name="medium", title=_("Medium"), value=lambda row: row.rule["medium"], hidden=True),
            Column(name="zh", title="zh", value=lambda row: row.rule["zh"], hidden=True),
            Column(name="limit", title="limit", value=lambda row: row.rule["limit"], hidden=True),
            Column(name="comparator", title="comparator", value=lambda row: row.rule["comparator"], hidden=True),
            Column(name="unit", title="unit", value=lambda row: row.rule["unit"], hidden=True),
            Column(
                name="reference_oxygen",
                title="reference_oxygen",
                value=lambda row: row.rule.get("reference_oxygen"),
                hidden=True,
            ),
            Column(name="source", title="source", value=lambda row: row.rule.source, hidden=True),
            Column(name="note", title="note", value=lambda row: row.rule.get("note"), hidden=True),
            Column(name="from", title="from", value=lambda row: str(row.rule.start or ""), hidden=True),
            Column(name="to", title="to", value=lambda row: str(row.rule.end or ""), hidden=True),
        ),
        link=lambda row: row.path,
        choices=(
            Choice(name="standard", title=_("Standard"), options=_values("standard")),
            Choice(name="source_type", title=_("Source type"), options=_values("source_type")),
            Choice(name="medium", title=_("Medium"), options=_media()),
            Choice(name="period", title=_("Period"), options=_periods()),
            Choice(
                name="certainty",
                title=_("Certainty"),
                options=[(code, state.word) for code, state in words.CERTAINTIES.items()],
            ),
        ),
        searched=_("Factor, code or standard"),
        empty=Empty(title=_("No limit"), why=_("The rule files hold no limits.")),
    )


def _media() -> list[tuple[str, words.Word]]:
    return [(code, words.LIMIT_MEDIA.get(code, word)) for code, word in _values("medium")]


def _periods() -> list[tuple[str, words.Word]]:
    return [(code, words.LIMIT_PERIODS.get(code, word)) for code, word in _values("period")]


def chosen(request: HttpRequest) -> Sequence[Row]:
    """Return the rows that fit the filters of the URL."""
    wish = request.GET
    found = [row for row in rows() if not wish.get("certainty") or row.rule.certainty == wish["certainty"]]
    for name in ("standard", "source_type", "medium", "period"):
        if wish.get(name):
            found = [row for row in found if str(row.rule[name]) == wish[name]]
    search = wish.get("q", "").strip().lower()
    return [row for row in found if search in _words(row)] if search else found


def _words(row: Row) -> str:
    code = row.rule["factor"] or ""
    name = sites.factor(code).en if code else ""
    return f"{code} {row.rule['zh']} {name} {row.rule['standard']} {row.rule['source_type']}".lower()


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the limits of all standards."""
    memory = sum(row.rule.certainty == "memory" for row in rows())
    return answer(request, listing(), chosen(request), template="limits/list.html", all=len(rows()), memory=memory)


@page(roles=OFFICE)
@require_GET
def show(request: HttpRequest, table: str, number: int) -> HttpResponse:
    """Show one limit: its source, who confirmed it, and the outlets in scope that stand under it."""
    user, row = me(request), _row(table, number)
    under = _under(user, row)
    context = {
        "row": row,
        "name": parts.in_language(row.rule["zh"], parts.factor_name(row.rule["factor"]) if row.rule["factor"] else ""),
        "certainty": certainty(row.rule.certainty),
        "confirmations": sites.confirmations_of(row.rule["standard"], row.rule["source_type"], row.rule["factor"]),
        "outlets": under,
        "confirmable": under[0] if under and row.rule.certainty == "memory" and sites.may_confirm(user) else None,
        "note": row.rule.get("note"),
    }
    return render(request, "limits/show.html", context)


@page(roles=OFFICE)
@require_POST
def confirm(request: HttpRequest, table: str, number: int) -> HttpResponse:
    """Confirm the figure of a limit from a document."""
    user, row = me(request), _row(table, number)
    under = _under(user, row)
    if not under:
        raise Http404(row.path)
    document = request.POST.get("document", "")
    sites.confirm_limit(acting_user=user, limit_id=under[0].pk, document=document, at=times.now())
    return HttpResponseRedirect(row.path)


def _row(table: str, number: int) -> Row:
    for row in rows():
        if (row.table, row.number) == (f"limits/{table}", number):
            return row
    raise Http404(table)


def _under(user: User, row: Row) -> list[Limit]:
    """Return the limits of outlets in scope that come from this row."""
    return sites.limits_from(
        user,
        standard=row.rule["standard"],
        source_type=row.rule["source_type"],
        factor=row.rule["factor"] or "",
        period=row.rule["period"],
        printed=row.printed,
    )
