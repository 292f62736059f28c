"""Papers as the walks of a kind make them, with invented particulars: what a clerk looks at before a kind is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from qingtian.law.calendar import Calendar
from qingtian.law.machine import numbers, record, walks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.reading import Folder, load
from qingtian.law.machine.state import State
from qingtian.law.machine.step import step
from qingtian.law.machine.walks import Walk
from qingtian.office.papers.layout import Content, Particulars

INVENTED: Mapping[str, Any] = {
    "authority": "示例市生态环境局",
    "matter": {"number": "示环〔2026〕第1号", "title": "示例事项"},
    "basis": "",
    "firm": {"name": "示例有限公司", "code": "91000000000000000X", "place": "示例区"},
    "officers": ({"name": "示例甲", "certificate": "示0001"}, {"name": "示例乙", "certificate": "示0002"}),
}
NUMBER = numbers.SAMPLE
EARLIER = {"number": "示环前〔2026〕1号", "date": "2026-01-05"}


def content(definition: Definition, name: str, facts: Mapping[str, Any], *, at: datetime, **more: Any) -> Content:
    """Return a paper with these facts (plain values); ``more``: particulars in place of the invented ones."""
    return Content(
        definition=definition,
        name=name,
        facts={fact: facts[fact] for fact in definition.papers[name].shows if fact in facts},
        particulars=Particulars(**{**INVENTED, **more}),
        number=NUMBER if definition.papers[name].numbered and _is_made(definition, name) else "",
        made_at=at,
    )


def _is_made(definition: Definition, name: str) -> bool:
    return any(name in act.makes for act in definition.acts.values())


def walked(folder: Folder, *, calendar: Calendar) -> list[Content]:
    """Return every paper of a kind, each once, with the most facts that one of its walks gives it.

    Papers that are brought stand there as the forms that somebody signs; one that no walk brings has the facts of the
    end of a walk.

    :raises BrokenKind: if the kind has not the shape it should have.
    """
    definition = load(folder)
    fullest: dict[str, Content] = {}
    for walk in walks.read(folder, []):
        for each in _of_walk(walk, definition, calendar):
            known = fullest.get(each.name)
            if known is None or len(each.facts) > len(known.facts):
                fullest[each.name] = each
    if fullest:
        last = list(fullest.values())[-1]
        for name in definition.papers.keys() - fullest.keys():
            fullest[name] = content(definition, name, last.facts, at=last.made_at)
    return [fullest[name] for name in definition.papers if name in fullest]


def _of_walk(walk: Walk, definition: Definition, calendar: Calendar) -> Iterator[Content]:
    state: State | None = None
    for row in walk.place.rows("acts"):
        if row.text("refused"):
            continue
        event = walks.event(walk, row)
        old = len(state.papers) if state else 0
        state = numbers.sampled(definition, step(definition, state, event, calendar=calendar).state)
        facts = record.written(state)["facts"]
        basis = definition.acts[event.act].basis.on(event.day)
        for place, paper in enumerate(state.papers[old:], start=old):
            earlier = {each.name: EARLIER for each in state.papers[:place]}
            yield content(definition, paper.name, facts, at=paper.at, papers=earlier, basis=basis)
