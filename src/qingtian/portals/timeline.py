"""A timeline is the ledger, read aloud: who did what when, with the proof mark of each entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger.api import Line
from qingtian.portals import commands_words, words
from qingtian.portals.matters import naming
from qingtian.portals.templatetags.parts import language, number, unit
from qingtian.portals.words import Word

MEASURED = ("value", "peak")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One entry as it is shown."""

    at: datetime
    act: Word
    who: str
    said: list[tuple[Word, str]]
    chain: str
    sequence: int
    algorithm: str
    hash: str


def _say(name: str, value: object, causes: Mapping[str, str]) -> str:
    if name == "cause":
        return causes.get(str(value), str(value))
    if name in ("qn_rtn", "exe_rtn"):
        return f"{value} {commands_words.returned(name, int(str(value)))}"
    if name == "post":
        return naming.post(str(value), day=times.now().astimezone(BEIJING).date())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return number(value) if isinstance(value, int | float) else str(value)


def _said(content: Mapping[str, Any], causes: Mapping[str, str], measured_in: str) -> list[tuple[Word, str]]:
    shown = [(name, content[name]) for name in words.FIELDS if content.get(name) not in (None, "", False)]
    return [
        (words.FIELDS[name], f"{_say(name, value, causes)} {measured_in if name in MEASURED else ''}".rstrip())
        for name, value in shown
        if not isinstance(value, dict | list)
    ]


def moments(lines: Sequence[Line], *, measured_in: str = "") -> list[Moment]:
    """Return the entries, newest first; measured values with the unit they are ``measured_in``."""
    causes = alerts.causes(at=times.now(), language=language())
    return [
        Moment(
            at=line.at,
            act=words.act(line.act),
            who=_("the system") if line.actor.startswith("system:") else line.actor_name,
            said=[
                *_said(line.content, causes, unit(measured_in)),
                *((words.FIELDS.get(name, name), _("erased")) for name in line.erased),
            ],
            chain=line.chain,
            sequence=line.sequence,
            algorithm=line.algorithm,
            hash=line.hash,
        )
        for line in sorted(lines, key=lambda line: (line.at, line.id), reverse=True)
    ]
