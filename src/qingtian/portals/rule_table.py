"""One table of rules (规则表): its rows in words, searched, filtered and ordered; for programs as in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.law import rules
from qingtian.law.rules import Rule, RuleTable
from qingtian.portals import rule_reading, rule_sources, words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, page
from qingtian.portals.rules import certainty, folders, in_force, summary

WIDE = 300
"""A value longer than this is cut on the page; JSON and CSV have it whole."""
MOST_COLUMNS, LONG, MOST_VALUES, MOST_FACETS = 6, 20, 12, 3
"""Fields beyond which a row is told as pairs; rows from which a table has filters, of so many values, and so many."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of one table; ``number`` counts from 1 as the file does."""

    table: str
    number: int
    rule: Rule

    @property
    def text(self) -> str:
        """The values as the file has them, for programs."""
        return ", ".join(f"{name}: {value}" for name, value in self.rule.values.items() if value not in (None, ""))

    def has(self, name: str) -> bool:
        """Whether the row states the field, and not that it does not matter."""
        return self.rule.get(name) not in (None, "", [])

    def said(self, name: str) -> str:
        """Return the value of a field in words."""
        return rule_reading.value(self.table, name, self.rule.get(name), rule=self.rule)

    def matches(self, search: str) -> bool:
        """Whether what the row says, in words or as the file has it, holds the text."""
        shown = " ".join(self.said(name) for name in self.rule.values)
        sources = f"{self.rule.source} {rule_sources.said(self.rule.source)}"
        return search in f"{self.text} {shown} {rule_reading.meaning(self.rule)} {sources}".lower()


def listing(table: RuleTable, *, lines: Sequence[Row]) -> Listing[Row]:
    """Return how the rows of one table are listed: a column for each field, or of a table with many one for all."""
    names = rule_reading.fields(table, table.name)
    wide = len(names) > MOST_COLUMNS
    spoken = any(rule_reading.meaning(line.rule) for line in lines)
    return Listing(
        name="rule",
        columns=(
            *((MEANING,) if spoken else ()),
            *(_column(table.name, name, hidden=wide) for name in names),
            Column(
                name="values", title=_("Content"), value=lambda row: row.text, show=_content(names), hidden=not wide
            ),
            Column(name="source", title=_("Source"), value=lambda row: row.rule.source, show=_source),
            Column(
                name="certainty",
                title=_("Certainty"),
                value=lambda row: row.rule.certainty,
                show=lambda row: certainty(row.rule.certainty),
            ),
            Column(
                name="in_force",
                title=_("In force"),
                value=lambda row: in_force(row.rule),
                hidden=not any(in_force(line.rule) for line in lines),
            ),
            Column(name="row", title=_("Row"), value=lambda row: row.number, number=True),
            Column(name="from", title="from", value=lambda row: _iso(row.rule.start), hidden=True),
            Column(name="to", title="to", value=lambda row: _iso(row.rule.end), hidden=True),
        ),
        choices=(*islice(_facets(table.name, names, lines), MOST_FACETS), _certainties(lines)),
        searched=_("Any word of a row"),
        empty=Empty(title=_("No row is in force"), why=_("The table has no row.")),
    )


MEANING: Column[Row] = Column(name="meaning", title=_("Meaning"), value=lambda row: rule_reading.meaning(row.rule))


def _column(table: str, name: str, *, hidden: bool) -> Column[Row]:
    return Column(
        name=f"values.{name}",
        title=rule_reading.heading(table, name),
        value=lambda row: row.rule.get(name),
        show=lambda row: _cut(row.said(name)),
        hidden=hidden,
    )


def _content(names: Sequence[str]) -> Callable[[Row], SafeString]:
    def show(row: Row) -> SafeString:
        pairs = ((rule_reading.heading(row.table, name), _cut(row.said(name))) for name in names if row.has(name))
        return format_html('<dl class="told">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs))

    return show


def _source(row: Row) -> object:
    told = rule_sources.said(row.rule.source)
    return told if told == row.rule.source else format_html('<span title="{}">{}</span>', row.rule.source, told)


def _certainties(lines: Sequence[Row]) -> Choice:
    counted = Counter(line.rule.certainty for line in lines)
    options = [(code, _counted(str(state.word), counted[code])) for code, state in words.CERTAINTIES.items()]
    return Choice(name="certainty", title=_("Certainty"), options=options)


def _facets(table: str, names: Sequence[str], lines: Sequence[Row]) -> Iterator[Choice]:
    """Yield filters for a long table: fields in which few words come back again and again, with their counts."""
    for name in names if len(lines) >= LONG else ():
        found = {line.rule.get(name): line.said(name) for line in lines if isinstance(line.rule.get(name), str | bool)}
        if 2 <= len(found) <= MOST_VALUES:
            counted = Counter(str(line.rule.get(name)) for line in lines)
            options = [(str(code), _counted(said, counted[str(code)])) for code, said in found.items() if code != ""]
            yield Choice(name=f"values.{name}", title=rule_reading.heading(table, name), options=options)


def _counted(word: str, count: int) -> str:
    return f"{word} ({count})"


def _cut(text: str) -> str:
    return text if len(text) <= WIDE else text[: WIDE - 1] + "…"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@page(roles=OFFICE)
@require_GET
def table(request: HttpRequest, name: str) -> HttpResponse:
    """List the rows of one table."""
    known = {one for folder in folders() for one in rules.names(folder)}
    if name not in known:
        raise Http404(name)
    found = rules.table(name)
    lines = [Row(table=name, number=number, rule=rule) for number, rule in enumerate(found, start=1)]
    shown = listing(found, lines=lines)
    return answer(
        request, shown, _fitting(request, shown, lines), template="rules/table.html", table=summary(name, found)
    )


def _fitting(request: HttpRequest, shown: Listing[Row], lines: list[Row]) -> list[Row]:
    wanted = [(one.name.removeprefix("values."), request.GET.get(one.name, "")) for one in shown.choices[:-1]]
    sure, search = request.GET.get("certainty", ""), request.GET.get("q", "").strip().lower()
    return [
        line
        for line in lines
        if (not sure or line.rule.certainty == sure)
        and all(not wish or str(line.rule.get(name)) == wish for name, wish in wanted)
        and (not search or line.matches(search))
    ]
