"""The rules (规则): every detector and every table of the law, with source, certainty and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.rules import Rule, RuleTable
from qingtian.portals import detectors, rule_reading, rule_sources, words
from qingtian.portals.page import EVERYONE, OFFICE, page
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.notes import own_half

FOLDERS = (
    "",
    "periods",
    "marks",
    "quality",
    "findings",
    "suspicions",
    "confirming",
    "hj212",
    "relay",
    "clocks",
    "case_files",
    "limits",
)
"""The folders of ``rules`` in the order in which the page shows them; any other comes before the limits."""
DETECTOR = "detector"
"""Under this name `rule_reading` knows the fields of detectors' parameters."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One table of rules, in short."""

    name: str
    title: str
    rows: int
    memory: int
    default: int


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


def folders() -> list[str]:
    """Return the folders of ``rules`` that have tables, in the order of the page."""
    found = rules.folders()
    return [*(one for one in FOLDERS[:-1] if one in found), *sorted(found - {*FOLDERS}), FOLDERS[-1]]


def tables() -> Iterator[tuple[str, list[Summary]]]:
    """Yield the folders of ``rules`` with their tables."""
    for folder in folders():
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


def in_force(rule: Rule) -> str:
    """Return the days between which a row is law; empty if it names none."""
    if rule.start is None and rule.end is None:
        return ""
    return f"{rule.start or '…'} – {rule.end or '…'}"


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
        "tables": [(own_half(one.title), [_parameter(rule) for rule in one], one) for one in found.tables.values()],
        "day": day,
    }
    return render(request, "rules/detector.html", context)


def _parameter(rule: Rule) -> dict[str, Any]:
    """Return one row of a detector's parameters as the page shows it: what it means, its figures, its source."""
    names = [name for name in rule.values if name not in ("name", *rule_reading.SPOKEN)]
    return {
        "name": str(rule.get("name", "")),
        "said": rule_reading.meaning(rule),
        "figures": [
            (
                "" if name == "value" else rule_reading.heading(DETECTOR, name),
                rule_reading.value(DETECTOR, name, rule[name], rule=rule),
            )
            for name in names
        ],
        "source": rule_sources.said(rule.source),
        "printed": rule.source,
        "certainty": certainty(rule.certainty),
        "in_force": in_force(rule),
    }
