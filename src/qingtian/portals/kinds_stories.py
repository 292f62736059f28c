"""The worked histories 走查 of a kind, told on its page: they are run to be told, so that no story is untrue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.utils.translation import gettext_lazy as _

from qingtian.law import calendar
from qingtian.law.machine import shelf, walks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.walks import Walk, Walked
from qingtian.portals.matters import naming
from qingtian.portals.templatetags.parts import in_language, language
from qingtian.portals.words import Word

SORTS: dict[str, Word] = {
    "plain": _("the usual course"),
    "longest": _("the longest course"),
    "stopped": _("stopped on the way"),
    "branch": _("a side way"),
}
REFUSED = _("refused")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One act of a story: when, who, what, and what came of it."""

    at: datetime
    who: str
    act: str
    stage: str
    refused: str
    dues: list[tuple[str, object]]


@dataclass(frozen=True, kw_only=True)
class Story:
    """A worked history (走查) of the kind, told."""

    title: str
    sort: Word
    chapters: list[Chapter]


def stories(definition: Definition) -> tuple[Story, ...]:
    """Return the kind's walks as stories, in the language of the page."""
    return _stories(definition.manifest.code, definition.manifest.version, language())


@cache
def _stories(code: str, version: int, _language: str) -> tuple[Story, ...]:
    """Told once for each language: a tenth of a second where a kind has many walks."""
    definition = shelf.discover().version(code, version)
    folder = shelf.folder_of(definition)
    return tuple(_story(definition, walk) for walk in (walks.read(folder, []) if folder else []))


def _story(definition: Definition, walk: Walk) -> Story:
    steps = walks.run(walk, definition, calendar=calendar.official())
    return Story(
        title=naming.said(walk.title),
        sort=SORTS.get(walk.sort, walk.sort),
        chapters=[_chapter(definition, walk, each) for each in steps],
    )


def _chapter(definition: Definition, walk: Walk, walked: Walked) -> Chapter:
    event = walks.event(walk, walked.place)
    state = walked.outcome.state if walked.outcome else None
    role = naming.role(definition, state.history[-1].role) if state else ""
    started = [each for each in walked.outcome.effects if each.kind == "clock_started"] if walked.outcome else []
    return Chapter(
        at=event.at,
        who=naming.joined(
            [f"{event.by.name}{in_language('（', ' (')}{role}{in_language('）', ')')}" if role else event.by.name]
        ),
        act=naming.act(definition, walked.act),
        stage=naming.stage(definition, state.stage) if state else "",
        refused=_why(walk, definition, walked) if state is None else "",
        dues=[(naming.clock(each.name, day=event.day), each.due) for each in started],
    )


def _why(walk: Walk, definition: Definition, walked: Walked) -> str:
    error = walked.refusal or walked.expected
    return error.sentence("zh" if language().startswith("zh") else "en") if error else str(REFUSED)
