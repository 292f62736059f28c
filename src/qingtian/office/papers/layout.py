"""What a paper says, part by part: frozen facts and particulars → the values and blocks that a template is filled with.

Pure: the same frozen values give the same blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from itertools import groupby, zip_longest
from typing import Any

from jinja2 import TemplateError

from qingtian.base import parsers
from qingtian.base.times import BEIJING
from qingtian.law.machine import phrases
from qingtian.law.machine.definition import Definition, Paper, Part
from qingtian.law.machine.reading_papers import SHOWN
from qingtian.office.papers import citations, forms, told
from qingtian.office.papers.refusals import TextRefused
from qingtian.office.papers.told import Told


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What a paper knows besides its facts, as plain values that can be frozen (`as_dict`).

    ``firm``: name, code 统一社会信用代码, place; empty if the matter has none. ``officers``: name and certificate of
    those who acted. ``papers``: number and day of those made before, by name. ``people``: names by username.
    """

    authority: str
    matter: Mapping[str, str]
    basis: str
    firm: Mapping[str, str] = field(default_factory=dict)
    officers: Sequence[Mapping[str, str]] = ()
    papers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "officers": list(self.officers)}


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of the page: ``style`` to, heading, text, item, sign, authority or date with ``text``; or a ``table``
    with ``rows`` of label, text, and whether there is room to write by hand. ``keep``: a seal or signature
    follows, which may not stand alone on a page."""

    style: str
    text: str = ""
    rows: tuple[tuple[str, str, bool], ...] = ()
    keep: bool = False


@dataclass(frozen=True, kw_only=True)
class Content:
    """A paper as it was frozen: of what kind, which paper and version, its facts as plain values, its particulars."""

    definition: Definition
    name: str
    facts: Mapping[str, Any]
    particulars: Particulars
    number: str = ""
    version: int = 1
    made_at: datetime

    @property
    def paper(self) -> Paper:
        return self.definition.papers[self.name]

    @property
    def day(self) -> date:
        return self.made_at.astimezone(BEIJING).date()


def values(content: Content) -> dict[str, Any]:
    """Return what the texts of the paper may name (docs/papers.md)."""
    known, paper = content.particulars, content.paper
    facts = {
        name: told.of_fact(content.definition, name, content.facts.get(name), people=known.people)
        for name in paper.shows
    }
    return {
        **facts,
        "paper": {
            "title": paper.title.zh,
            "number": content.number,
            "date": told.of_day(content.day),
            "law": citations.written_out(paper.law),
            "basis": citations.written_out(known.basis),
            "version": content.version,
            "own": own(content.definition, content.name),
        },
        "file": {key: told.clean(value) for key, value in known.matter.items()},
        "authority": known.authority,
        "enterprise": {"name": "", "code": "", "place": "", **known.firm, "known": bool(known.firm)},
        "officers": [dict(each) for each in known.officers],
        "papers": {name: _before(known.papers.get(name)) for name in content.definition.papers},
    }


def own(definition: Definition, name: str) -> bool:
    """Say whether it is the authority's own paper, with its name on top: made here, or its form for others to sign."""
    made = any(name in act.makes for act in definition.acts.values())
    return made or forms.of(definition.papers[name]) in ("receipt", "record", "table")


def _before(row: Mapping[str, str] | None) -> dict[str, Any]:
    if row is None:
        return {"number": told.BLANK, "date": told.of_day(None), "known": False}
    return {"number": row["number"], "date": told.of_day(date.fromisoformat(row["date"])), "known": True}


def blocks(content: Content, known: Mapping[str, Any]) -> list[Block]:
    """Return the body of the paper; ``known`` are its `values`.

    :raises TextRefused: if a text of it cannot be filled in.
    """
    found = (
        block
        for part in forms.body(content.paper)
        if not part.when or _holds(content, part, known)
        for block in _part(content, part, known)
    )
    return list(_kept(list(_joined(found))))


def _kept(blocks: Sequence[Block]) -> Iterator[Block]:
    """Seal and signatures stay with the paragraph before them, and with each other (GB/T 9704 7.3.5)."""
    for block, after in zip_longest(blocks, blocks[1:]):
        yield replace(block, keep=True) if after is not None and after.style in ("authority", "sign") else block


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Tables that follow one another are one table: a form 表格."""
    for style, run in groupby(blocks, key=lambda block: block.style):
        if style != "table":
            yield from run
        elif rows := tuple(row for block in run for row in block.rows):
            yield Block(style="table", rows=rows)


def _holds(content: Content, part: Part, known: Mapping[str, Any]) -> bool:
    return bool(_filled(content, f"{{% if {part.when} %}}1{{% endif %}}", known))


def _part(content: Content, part: Part, known: Mapping[str, Any]) -> Iterator[Block]:
    if part.kind == "seal":
        yield Block(style="authority", text=content.particulars.authority)
        yield Block(style="date", text=known["paper"]["date"].text)
    elif part.kind == "list":
        yield from (Block(style="item", text=f"{place}.{line}") for place, line in enumerate(known[part.text], 1))
    elif part.kind == "party":
        yield from _party(known[part.text], known["enterprise"])
    elif part.kind == "table":
        yield Block(style="table", rows=tuple(_rows(content, part, known)))
    elif part.kind == "opinions":
        yield Block(style="table", rows=tuple((label, "", True) for label, _ in part.rows))
    elif part.kind == "sign":
        yield from (Block(style="sign", text=f"{label}：{told.BLANK * 2}") for label, _ in part.rows)
    else:
        text = _filled(content, part.text, known)
        yield from (Block(style=part.kind, text=line.strip()) for line in text.split("\n") if line.strip())


def _party(party: Told, firm: Mapping[str, Any]) -> Iterator[Block]:
    """The party 当事人 as its name was taken down; a firm of the register with its code and place."""
    yield Block(style="to", text=f"{party.name}：{party}")
    for label, key in (("统一社会信用代码", "code"), ("住所地", "place")):
        if firm[key]:
            yield Block(style="to", text=f"{label}：{firm[key]}")


def _rows(content: Content, part: Part, known: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    for label, text in part.rows:
        if label:
            yield label, _filled(content, text, known).strip(), False
            continue
        for name in content.paper.shows if text == SHOWN else (text,):
            fact: Told = known[name]
            yield fact.name, "\n".join(fact.lines) if fact.lines else fact.text, False


def _filled(content: Content, text: str, known: Mapping[str, Any]) -> str:
    try:
        return _ended_once(str(_text(text).render(known)))
    except (TemplateError, TypeError, ArithmeticError) as error:
        why = parsers.of_jinja(str(error))
        raise TextRefused(kind=content.definition.manifest.code, paper=content.name, why=why) from error


def _ended_once(text: str) -> str:
    """A fact may have ended its own sentence, or left it open."""
    return re.sub(r"[；，、,;.]。", "。", re.sub(r"([。！？…])。", r"\1", text))


@cache
def _text(text: str) -> Any:
    return phrases.environment().from_string(text)
