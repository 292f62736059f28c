"""The texts of papers: they can be read, and name only facts that the paper shows and what the house knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qingtian.base.errors import Term
from qingtian.law.machine import phrases, templates
from qingtian.law.machine.definition import Definition, Paper, Part
from qingtian.law.machine.documents import near
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import Folder
from qingtian.law.machine.reading_papers import SHOWN, WORD

Text = tuple[str, int, str]
"""A text with placeholders, its line, and where it stands."""


def problems(definition: Definition, folder: Folder) -> Iterator[Problem]:
    """Yield what is wrong with the texts in papers.yaml and with the Word files beside it."""
    file = f"{definition.folder}/papers.yaml"
    for paper in definition.papers.values():
        for text in _texts(paper):
            yield from _text(definition, paper, file, text, more=())
        yield from _facts(definition, paper, file)
        for name in sorted({*phrases.HOUSE, *phrases.OF_A_TEMPLATE} & set(paper.shows)):
            fields = {"fact": name, "paper": paper.name}
            yield Problem(file=file, line=paper.line, code="fact_named_as_house", fields=fields)
        if paper.template:
            yield from _template(definition, paper)
    yield from _strangers(definition, folder)


def _texts(paper: Paper) -> Iterator[Text]:
    for place, part in enumerate(paper.body, start=1):
        where = f"{paper.name}.body.{place}"
        if part.when:
            yield phrases.expression(part.when), part.line, where
        if part.kind not in ("list", "party"):
            yield part.text, part.line, where
        yield from ((text, part.line, where) for label, text in part.rows if label)


def _text(definition: Definition, paper: Paper, file: str, text: Text, *, more: Collection[str]) -> Iterator[Problem]:
    words, line, where = text
    why = phrases.fault(words)
    if why:
        yield Problem(file=file, line=line, code="text_unreadable", fields={"where": where, "why": why})
        return
    for path in phrases.named(words):
        yield from _name(definition, paper, path, file, line, where, more)


def _name(
    definition: Definition,
    paper: Paper,
    path: tuple[str, ...],
    file: str,
    line: int,
    where: str,
    more: Collection[str],
) -> Iterator[Problem]:
    fields: dict[str, object] = {"where": where, "name": ".".join(path), "paper": paper.name}
    if path[0] in definition.facts and path[0] not in paper.shows:
        yield Problem(file=file, line=line, code="fact_not_shown", fields=fields)
        return
    for depth in range(len(path)):
        known = _known(definition, paper, path[:depth], more)
        if path[depth] not in known and known:
            code = "placeholder_unknown"
            yield Problem(file=file, line=line, code=code, fields={**fields, "near": near(path[depth], known)})
            return


def _known(definition: Definition, paper: Paper, before: tuple[str, ...], more: Collection[str]) -> Collection[str]:
    """Return what may follow after these names; nothing where anything may."""
    first, deep = (before[0] if before else ""), len(before)
    if not before:
        return (*paper.shows, *phrases.HOUSE, *more)
    if before[-1] == "date" and first in ("paper", "papers"):
        return phrases.OF_A_FACT
    if first == "papers":
        return definition.papers if deep == 1 else phrases.OF_A_PAPER
    if first in phrases.HOUSE:
        return phrases.HOUSE[first] if deep == 1 else ()
    return phrases.OF_A_FACT if first in paper.shows and deep == 1 else ()


def _facts(definition: Definition, paper: Paper, file: str) -> Iterator[Problem]:
    for place, part in enumerate(paper.body, start=1):
        for name in _plain(part):
            if name not in paper.shows and name != SHOWN:
                where = f"{paper.name}.body.{place}"
                code = "fact_not_shown" if name in definition.facts else "placeholder_unknown"
                fields = {"where": where, "name": name, "paper": paper.name, "near": near(name, paper.shows)}
                yield Problem(file=file, line=part.line, code=code, fields=fields)


def _plain(part: Part) -> Iterator[str]:
    """Yield the facts that a part names outright, without braces."""
    if part.kind in ("list", "party"):
        yield part.text
    if part.kind == "table":
        yield from (text for label, text in part.rows if not label)


def _template(definition: Definition, paper: Paper) -> Iterator[Problem]:
    file = f"{definition.folder}/papers/{paper.name}{WORD}"
    try:
        text = templates.source(paper.template)
    except templates.UNREADABLE as error:
        why = Term(zh="文件损坏，或者只是改了扩展名", en=str(error) or type(error).__name__)
        yield Problem(file=file, line=1, code="template_unreadable", fields={"why": why})
        return
    yield from _text(definition, paper, file, (text, 1, paper.name), more=phrases.OF_A_TEMPLATE)
    for what in templates.left_out(text):
        yield Problem(file=file, line=1, code="template_left_out", fields={"what": what})


def _strangers(definition: Definition, folder: Folder) -> Iterator[Problem]:
    place = folder.joinpath("papers")
    for each in sorted(place.iterdir(), key=lambda each: each.name) if place.is_dir() else ():
        if each.name.startswith((".", "~$")):
            continue
        name = each.name.removesuffix(WORD)
        if name not in definition.papers or name == each.name:
            fields = {"name": each.name, "near": near(name, definition.papers)}
            yield Problem(
                file=f"{definition.folder}/papers/{each.name}", line=1, code="template_without_paper", fields=fields
            )
