"""Numbers of papers of other matters 文号, to be chosen where a fact is one: of matters that the person may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Fact
from qingtian.office.matters import kinds, lists, searching, seeing
from qingtian.office.matters.models import Matter, MatterPaper
from qingtian.office.people.api import Role, User

MOST = 12
LOOKED_THROUGH = 300
"""Of the newest matters, for part of a number: nobody has an index of parts."""


@dataclass(frozen=True, kw_only=True)
class Cited:
    """The number of a paper, what the paper is called, and its matter."""

    number: str
    title: Words
    at: datetime
    matter: Matter


def numbers(user: User, fact: Fact, *, search: str, enterprise: str = "", at: datetime) -> list[Cited]:
    """Return numbers that the fact may be, the newest first: those of the firm, if one is named; else of whom or what
    is typed. Five queries at most.

    Nothing is said of papers of the side volume to a firm, nor of matters that the person may not see.
    """
    wanted = [tuple(each.split(".", 1)) for each in fact.chosen_from]
    viewer = seeing.viewer(user, at=at)
    rows = seeing.seen(viewer).filter(code__in={code for code, _ in wanted}).defer("state")
    if enterprise:
        rows = rows.filter(enterprise=enterprise)
    typed = "".join(search.split()).translate(searching.BRACKETS)
    newest = list(rows.select_related("enterprise").order_by("-id")[:LOOKED_THROUGH])
    found = list(_of(newest, wanted, user, typed=typed))
    if typed and len(found) < MOST:
        codes = sorted({code for code, _ in wanted})
        by_words = lists.matters(viewer, at=at, codes=codes, enterprise=enterprise, search=search, limit=MOST)
        found += _of(by_words, wanted, user, typed="")
    once = {each.number: each for each in found}
    return sorted(once.values(), key=lambda each: each.at, reverse=True)[:MOST]


def _of(matters: Sequence[Matter], wanted: Sequence[tuple[str, ...]], user: User, *, typed: str) -> Iterator[Cited]:
    """Yield the numbers of these matters' papers that contain what is typed."""
    there = {matter.pk: matter for matter in matters}
    for row in _papers(wanted).filter(matter__in=there, number__contains=typed).exclude(number=""):
        matter = there[row.matter_id]
        known = kinds.version(matter.code, matter.version).papers.get(row.name)
        if known is not None and (known.volume == "main" or user.role != Role.ENTERPRISE):
            yield Cited(number=row.number, title=known.title, at=row.at, matter=matter)


def _papers(wanted: Sequence[tuple[str, ...]]) -> QuerySet[MatterPaper]:
    either = Q()
    for code, name in wanted:
        either |= Q(matter__code=code, name=name)
    return MatterPaper.objects.filter(either).only("matter_id", "name", "number", "at")
