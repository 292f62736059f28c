"""The rules (规则): every detector and every table of the law, with source, certainty and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.rules import Rule, RuleTable
from qingtian.portals import detectors, words
from qingtian.portals.detectors import Detector
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, OFFICE, page
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.notes import own_half

FOLDERS = ("", "periods", "marks", "findings", "suspicions", "confirming", "hj212", "relay", "clocks", "limits")
"""The folders of ``rules`` in the order in which the page shows them; one that is not there is left out."""
WIDE = 300
"""A value longer than this is cut on the page; JSON and CSV have it whole."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One table of rules, in short."""

    name: str
    title: str
    rows: int
    memory: int
    default: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of one table; ``number`` counts from 1 as the file does."""

    table: str
    number: int
    rule: Rule

    @property
    def text(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.rule.values.items() if value not in (None, ""))


def summary(name: str, table: RuleTable) -> Summary:
    """Count a table's rows by certainty."""
    counted = Counter(rule.certainty for rule in table)
    return Summary(
        name=name,
        title=own_half(table.title),
        rows=len(table.rows),
        memory=counted["memory"],
        default=counted["default"],
    )


def tables() -> Iterator[tuple[str, list[Summary]]]:
    """Yield the folders of ``rules`` with their tables."""
    for folder in FOLDERS:
        if not folder or rules.has(folder):
            yield folder, [summary(name, rules.table(name)) for name in rules.names(folder)]


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show all detectors and tables."""
    groups = [(words.RULE_FOLDERS.get(folder, folder), rows) for folder, rows in tables() if folder != "limits"]
    context = {
        "live": [one for one in detectors.all_detectors().values() if one.family == "live"],
        "judgements": [one for one in detectors.all_detectors().values() if one.family == "period"],
        "series": [one for one in detectors.all_detectors().values() if one.family == "series"],
        "groups": groups,
        "limits": [summary(name, rules.table(name)) for name in rules.names("limits")],
    }
    return render(request, "rules/index.html", context)


def certainty(code: str) -> object:
    """Return how sure we are of a row, as a badge."""
    return parts.badge(words.CERTAINTIES.get(code, words.State(word=code)))


def _in_force(rule: Rule) -> str:
    if rule.start is None and rule.end is None:
        return ""
    return f"{rule.start or '…'} – {rule.end or '…'}"


LISTING: Listing[Row] = Listing(
    name="rule",
    columns=(
        Column(name="row", title=_("Row"), value=lambda row: row.number),
        Column(name="values", title=_("Content"), value=lambda row: row.text, show=lambda row: _cut(row.text)),
        Column(name="source", title=_("Source"), value=lambda row: row.rule.source),
        Column(
            name="certainty",
            title=_("Certainty"),
            value=lambda row: row.rule.certainty,
            show=lambda row: certainty(row.rule.certainty),
        ),
        Column(
            name="in_force",
            title=_("In force"),
            value=lambda row: _in_force(row.rule),
            show=lambda row: _in_force(row.rule),
        ),
        Column(name="from", title="from", value=lambda row: _iso(row.rule.start), hidden=True),
        Column(name="to", title="to", value=lambda row: _iso(row.rule.end), hidden=True),
    ),
    choices=(
        Choice(
            name="certainty",
            title=_("Certainty"),
            options=[(code, state.word) for code, state in words.CERTAINTIES.items()],
        ),
    ),
    searched=_("Any word of a row"),
    empty=Empty(title=_("No row is in force"), why=_("The table has no row.")),
)


def _cut(text: str) -> str:
    return text if len(text) <= WIDE else text[: WIDE - 1] + "…"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@page(roles=OFFICE)
@require_GET
def table(request: HttpRequest, name: str) -> HttpResponse:
    """List the rows of one table."""
    known = {one for folder in FOLDERS if not folder or rules.has(folder) for one in rules.names(folder)}
    if name not in known:
        raise Http404(name)
    found = rules.table(name)
    rows = [Row(table=name, number=number, rule=rule) for number, rule in enumerate(found, start=1)]
    return answer(request, LISTING, _fitting(request, rows), template="rules/table.html", table=summary(name, found))


def _fitting(request: HttpRequest, rows: list[Row]) -> list[Row]:
    sure, search = request.GET.get("certainty", ""), request.GET.get("q", "").strip().lower()
    return [
        row
        for row in rows
        if (not sure or row.rule.certainty == sure)
        and (not search or search in f"{row.text} {row.rule.source}".lower())
    ]


@page(roles=EVERYONE)
@require_GET
def detector(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one detector: what it looks at, what it cannot see, its parameters with their sources."""
    found = detectors.all_detectors().get(code)
    if found is None:
        raise Http404(code)
    day = times.now().astimezone(BEIJING).date()
    context = {
        "detector": found,
        "inputs": found.said(found.inputs),
        "evidence": found.said(found.evidence),
        "reach": [(words.STEP_WORDS[step], back, ahead) for step, (back, ahead) in found.reach.items()],
        "given": [(words.STEP_WORDS[step], what, lacking) for step, what, lacking in detectors.given(code)],
        "tables": [
            (own_half(one.title), [_parameter(rule, found) for rule in one], one) for one in found.tables.values()
        ],
        "day": day,
    }
    return render(request, "rules/detector.html", context)


def _parameter(rule: Rule, of: Detector) -> dict[str, Any]:
    """Return one row of a detector's parameters as the page shows it."""
    values = dict(rule.values)
    name = values.pop("name", "")
    said = parts.in_language(values.pop("zh", ""), values.pop("en", ""))
    return {
        "name": name,
        "said": said,
        "figures": [
            (words.STEP_WORDS.get(key, "" if key == "value" else key), _plain(value)) for key, value in values.items()
        ],
        "source": rule.source,
        "certainty": certainty(rule.certainty),
        "in_force": _in_force(rule),
    }


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "—" if value is None else str(value)
