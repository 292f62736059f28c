"""Papers as the walks of the kinds make them, with invented particulars: for tests that look at what stands on them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document

from qingtian.law import calendar
from qingtian.law.machine import record, shelf, walks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.reading import Folder, load
from qingtian.law.machine.step import step
from qingtian.office.papers.api import Content, Particulars

FIRM = {"name": "深圳某电镀有限公司", "code": "91440300MA5XXXXX0T", "place": "宝安区"}
OFFICERS = ({"name": "李某", "certificate": "粤B0001"}, {"name": "王某", "certificate": "粤B0002"})


def folder_of(code: str) -> Folder:
    """Return the folder of a kind of the package."""
    return next(folder for folder in shelf.folders() if folder.name == code)


def content(definition: Definition, name: str, facts: dict[str, Any], *, at: Any, **more: Any) -> Content:
    """Return a paper with these facts (plain values) and invented particulars."""
    particulars = {
        "authority": "深圳市生态环境局宝安管理局",
        "matter": {"number": "深环宝安〔2026〕第1号", "title": "示例事项"},
        "basis": "示例法 1",
        "firm": FIRM,
        "officers": OFFICERS,
        "papers": {},
        **more,
    }
    shown = {name_: facts[name_] for name_ in definition.papers[name].shows if name_ in facts}
    return Content(
        definition=definition,
        name=name,
        facts=shown,
        particulars=Particulars(**particulars),
        number="深环宝安测〔2026〕1号",
        made_at=at,
    )


def walked_papers(folder: Folder, *, brought: bool = False) -> Iterator[Content]:
    """Yield every paper of a kind as its walks have it, each name once, with the most facts that a walk gives it.

    ``brought``: those that are or could be brought, too, as the forms that somebody signs.
    """
    definition = load(folder)
    fullest: dict[str, Content] = {}
    for walk in walks.read(folder, []):
        for each in _of_walk(walk, definition, brought):
            known = fullest.get(each.name)
            if known is None or len(each.facts) > len(known.facts):
                fullest[each.name] = each
    yield from fullest.values()
    last = list(fullest.values())[-1]
    for name in definition.papers.keys() - fullest.keys() if brought else ():
        yield content(definition, name, dict(last.facts), at=last.made_at)


def _of_walk(walk: Any, definition: Definition, brought: bool) -> Iterator[Content]:
    state = None
    for row in walk.place.rows("acts"):
        if row.text("refused"):
            continue
        event = walks.event(walk, row)
        before = state.papers if state else ()
        state = step(definition, state, event, calendar=calendar.official()).state
        facts = record.written(state)["facts"]
        earlier = {paper.name: {"number": "前文〔2026〕1号", "date": "2026-01-01"} for paper in before}
        act = definition.acts[event.act]
        for paper in state.papers[len(before) :]:
            if brought or paper.name in act.makes:
                basis = act.basis.on(event.day)
                yield content(definition, paper.name, facts, at=paper.at, papers=earlier, basis=basis)


def letters(text: str) -> str:
    """Return a text without blanks and line ends, and dashes of one kind: what two typesetters agree on."""
    return re.sub(r"\s+", "", text)


def of_word(file: bytes) -> str:
    """Return all that a Word file says, in its order."""
    found = []
    for block in Document(io.BytesIO(file)).iter_inner_content():
        rows = getattr(block, "rows", None)
        found += [cell.text for row in rows for cell in row.cells] if rows is not None else [block.text]
    return letters("".join(found))
