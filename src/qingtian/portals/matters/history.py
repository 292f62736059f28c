"""The timeline of a matter = its ledger, read aloud in the words of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition
from qingtian.office.ledger.api import Line
from qingtian.office.matters.api import OneMatter
from qingtian.portals import words
from qingtian.portals.matters import naming
from qingtian.portals.page import OFFICE
from qingtian.portals.timeline import Moment
from qingtian.portals.words import Word

ACTS: dict[str, Word] = {
    "link": _("Linked"),
    "gave_rise": _("Another matter was opened from it"),
    "drop_offer": _("Nothing is opened"),
    "migrate_version": _("Taken to another version"),
    "published": _("Published"),
    "withdrawn": _("Withdrawn from publication"),
    "typeset": _("Typeset"),
    "recount": _("Clocks counted anew"),
    "escalate": _("Reminder"),
    "file_away": _("Filed away"),
}
"""What happens to matters of every kind."""


def moments(one: OneMatter, names: Mapping[str, str], *, since: int = 0) -> list[Moment]:
    """Return the entries, newest first; with ``since``, those of acts after that revision only."""
    found = [line for line in one.timeline if int(line.content.get("revision", 0)) > since]
    return [_moment(one, line, names) for line in sorted(found, key=lambda line: line.id, reverse=True)]


def _moment(one: OneMatter, line: Line, names: Mapping[str, str]) -> Moment:
    return Moment(
        at=line.at,
        act=_act(one.definition, line),
        who=_who(one.definition, line),
        said=list(_said(one, line, names)),
        chain=line.chain,
        sequence=line.sequence,
        algorithm=line.algorithm,
        hash=line.hash,
    )


def _act(definition: Definition, line: Line) -> Word:
    # an act of the kind says its kind; what happens to every matter does not
    if "kind" in line.content:
        return naming.act(definition, line.act)
    return ACTS.get(line.act, words.act(line.act))


def _who(definition: Definition, line: Line) -> str:
    name = say("the system") if line.actor.startswith("system:") else line.actor_name
    role = line.content.get("role")
    return f"{name} · {naming.role(definition, role)}" if role else name


def _said(one: OneMatter, line: Line, names: Mapping[str, str]) -> Iterator[tuple[Word, str]]:
    """Yield what an entry tells, as (what, words)."""
    definition, content = one.definition, line.content
    if "from" in content and content["from"] != content["stage"]:
        yield say("Stage"), _stages(definition, content["from"], content["stage"])
    yield from _facts(definition, content.get("facts", {}), set(line.erased), names)
    if content.get("present"):
        yield say("Present"), _named(content["present"], names)
    for role, some in content.get("people", {}).items():
        yield naming.role(definition, role), _named(some, names)
    for paper in content.get("papers", ()):
        known = definition.papers.get(paper["name"])
        if known is None or one.may_read_named(known):
            yield say("Paper"), _paper(definition, paper)
    yield from _figures(definition, content.get("settings", {}))
    yield from _clocks(content.get("effects", ()), line.at.astimezone(BEIJING).date())
    if "clock" in content:
        yield say("Time limit"), naming.clock(content["clock"], day=line.at.astimezone(BEIJING).date())
    if "taken_over" in content:
        yield from _taken_over(definition, content["taken_over"])
    yield from _filed(one, content.get("case_file", {}).get("volumes", ()))
    yield from _of_all(definition, content)


def _filed(one: OneMatter, volumes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Word, str]]:
    """Say what was filed away; of the side volume a firm learns nothing."""
    for volume in volumes:
        if volume["volume"] == "main" or one.viewer.user.role in OFFICE:
            pages = say("%(n)s pages") % {"n": volume["pages"]}
            yield naming.VOLUMES[volume["volume"]], f"{pages} · SHA-256 {volume['pdf'][:12]}"


def _stages(definition: Definition, before: str, after: str) -> str:
    now = naming.stage(definition, after)
    return f"{naming.stage(definition, before)} → {now}" if before else now


def _facts(
    definition: Definition, facts: Mapping[str, Any], erased: set[str], names: Mapping[str, str]
) -> Iterator[tuple[Word, str]]:
    for name, value in facts.items():
        if value is not None:
            yield naming.fact(definition, name), naming.written(definition, name, value, people=names)
        else:
            gone = f"fact:{name}" in erased
            yield naming.fact(definition, name), say("erased") if gone else say("not for you to see")


def _named(usernames: Sequence[str], names: Mapping[str, str]) -> str:
    return naming.joined(names.get(each, each) for each in usernames)


def _paper(definition: Definition, paper: Mapping[str, Any]) -> str:
    parts = (naming.paper(definition, paper["name"]), paper.get("number", ""), f"SHA-256 {paper['digest'][:12]}")
    return " · ".join(part for part in parts if part)


def _figures(definition: Definition, figures: Mapping[str, str]) -> Iterator[tuple[Word, str]]:
    """Say by which figures of the authority it was judged."""
    if figures:
        yield say("Figures of the authority"), say("; ").join(_figure(definition, *each) for each in figures.items())


def _figure(definition: Definition, name: str, value: str) -> str:
    known = definition.manifest.settings.get(name)
    unit = naming.unit(known.unit) if known else ""
    return f"{naming.word(definition, 'settings', name)} {Decimal(value):,} {unit}".strip()


def _taken_over(definition: Definition, taken: Mapping[str, Any]) -> Iterator[tuple[Word, str]]:
    """Say what was taken over, from which row of which file, and what counts as done by it."""
    yield say("Old number"), str(taken["old_number"])
    yield say("In this stage since"), str(taken["reached"])[:10]
    source = say("row %(row)s of the file with SHA-256 %(file)s…")
    yield say("Taken from"), source % {"row": taken["row"], "file": taken["file"][:12]}
    for clock, since in taken.get("paused", {}).items():
        name = naming.clock(clock, day=date.fromisoformat(since))
        yield say("Stands still"), say("%(clock)s, since %(day)s") % {"clock": name, "day": since}
    yield say("Counts as done"), naming.joined(naming.act(definition, name) for name in taken["counted_as_done"])


def _clocks(effects: Sequence[str], day: date) -> Iterator[tuple[Word, str]]:
    """Say what became of clocks; an entry names effects as ``clock_started PEN-FILE``."""
    for effect in effects:
        kind, _blank, name = effect.partition(" ")
        if kind in naming.MOVES:
            yield (
                say("Time limit"),
                say("%(clock)s: %(what)s") % {"clock": naming.clock(name, day=day), "what": naming.MOVES[kind]},
            )


def _of_all(definition: Definition, content: Mapping[str, Any]) -> Iterator[tuple[Word, str]]:
    """Say what entries tell that are no acts of the kind: links, offers, versions, publication."""
    if "link" in content:
        yield naming.LINKS[content["link"]][1 if content.get("direction") == "from" else 0], str(content["other"])
    if "open" in content:
        yield say("Kind"), naming.kind(content["open"])
    if "from_version" in content:
        yield say("Version"), f"{content['from_version']} → {content['to_version']}"
    if isinstance(content.get("paper"), str):
        yield say("Paper"), naming.paper(definition, content["paper"])
    if content.get("reason"):
        yield say("Reason"), str(content["reason"])
