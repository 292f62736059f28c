"""Numbers of matters and papers (案号、文号): per authority, series and year, without gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.machine.definition import Definition, Paper
from qingtian.law.machine.state import FactValue
from qingtian.office import statements
from qingtian.office.matters.models import Matter

NEXT = """
INSERT INTO matters_matternumbering AS n (authority, code, year, last)
VALUES (%(authority)s, %(series)s, %(year)s, %(count)s)
ON CONFLICT (authority, code, year) DO UPDATE SET last = n.last + EXCLUDED.last RETURNING n.last
"""
IN_BRACKETS = re.compile(r"（([^）]*)）$")


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Who acts: code, full name, and the word it numbers with 机关代字."""

    code: str
    zh: str
    short: str
    district: str = ""
    """The district it is for; empty: the whole city."""
    en: str = ""


def authority(district: str | None, *, day: date) -> Authority:
    """Return the authority for a district (rules/authorities.yaml); the city's where it has none of its own."""
    rows = rules.table("authorities").at(day)
    rule = next((row for row in rows if district and row.get("district") == district), None)
    return _authority(rule) if rule else authorities(day=day)[0]


def authorities(*, day: date) -> list[Authority]:
    """Return the authorities of the city: the city's own first, then those of districts."""
    found = [_authority(row) for row in rules.table("authorities").at(day)]
    return sorted(found, key=lambda one: bool(one.district))


def _authority(rule: rules.Rule) -> Authority:
    return Authority(
        code=rule["authority"],
        zh=rule["zh"],
        short=rule["short"],
        district=rule.get("district") or "",
        en=rule.get("en") or "",
    )


def following(*, authority: Authority, series: str, at: datetime, count: int = 1) -> tuple[int, int]:
    """Take the next ``count`` numbers of a series; return year and first of them.

    Inside the caller's transaction: given back if that fails.
    """
    year = at.astimezone(BEIJING).year
    ((last,),) = statements.run(NEXT, authority=authority.code, series=series, year=year, count=count)
    return year, last - count + 1


def of_matter(authority: Authority, definition: Definition, *, year: int, sequence: int) -> str:
    """Return a number like 深环宝安〔2026〕行政处罚·普通程序第12号."""
    name = IN_BRACKETS.sub(r"·\1", definition.manifest.words.zh)
    return f"{authority.short}〔{year}〕{name}第{sequence}号"


def taken_series(definition: Definition) -> str:
    """Return the series of matters of a kind that were taken over: never mixed with those that were opened here."""
    return f"{definition.manifest.code}:taken"


def of_taken(authority: Authority, definition: Definition, *, year: int, sequence: int) -> str:
    """Return a number like 深环宝安〔2026〕行政处罚·普通程序（存量）第12号."""
    name = IN_BRACKETS.sub(r"·\1", definition.manifest.words.zh)
    return f"{authority.short}〔{year}〕{name}（存量）第{sequence}号"


@cache
def _without_brackets(title: str) -> str:
    return IN_BRACKETS.sub("", title)


@dataclass(frozen=True, kw_only=True)
class Making:
    """A paper that is being made, and what is known of its matter with the act that makes it."""

    matter: Matter
    paper: Paper
    at: datetime
    facts: Mapping[str, FactValue]


def of_papers(papers: Sequence[Making]) -> list[str]:
    """Take a number for each paper that has one: the main volume 正卷, and what has a mark 文种代字 of its own.

    One statement a series, in the order of their names, so that two who number do not wait for each other.
    """
    issuers = [authority(each.matter.district_id, day=each.at.astimezone(BEIJING).date()) for each in papers]
    wanted: dict[tuple[str, str, int], list[int]] = {}
    for place, each in enumerate(papers):
        if each.paper.numbered:
            key = (issuers[place].code, f"{each.matter.code}/{each.paper.name}", each.at.astimezone(BEIJING).year)
            wanted.setdefault(key, []).append(place)
    numbers = [""] * len(papers)
    for (_, series, _), places in sorted(wanted.items()):
        issuer, at = issuers[places[0]], papers[places[0]].at
        year, first = following(authority=issuer, series=series, at=at, count=len(places))
        for sequence, place in enumerate(places, start=first):
            numbers[place] = _of_paper(issuer, papers[place], year=year, sequence=sequence)
    return numbers


def _of_paper(authority: Authority, making: Making, *, year: int, sequence: int) -> str:
    """In a form of its own like 440306-2026-001-H, with its mark 文种代字 like 深环宝安罚〔2026〕12号, or by title."""
    paper = making.paper
    if paper.pattern is not None:
        district = making.matter.district_id or authority.code
        return paper.pattern.number(district=district, year=year, sequence=sequence, facts=making.facts)
    if paper.mark:
        return f"{authority.short}{paper.mark}〔{year}〕{sequence}号"
    return f"{authority.short}〔{year}〕{_without_brackets(paper.title.zh)}第{sequence}号"
