"""A matter as a machine reads it (``?format=json``): what this person may see, in codes, with words beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.law.machine import record as kept
from qingtian.law.machine.allowed import Possibility
from qingtian.office.matters.api import MatterLink, MatterPaper, OneMatter, RunningClock
from qingtian.portals.matters import naming
from qingtian.portals.matters.sentences import sentence


def time(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat() if at else None


def record(one: OneMatter, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the matter with all its parts. Times ISO 8601 in Beijing time, amounts as text."""
    return {
        **_head(one),
        "facts": {name: value for name, value in kept.written(one.state)["facts"].items() if name in one.facts},
        "settings": {name: str(value) for name, value in {**one.definition.figures, **one.state.settings}.items()},
        "hidden": [fact.name for fact in one.hidden],
        "people": [{"role": row.role, "name": row.user.name, "assigned": row.assigned} for row in one.people],
        "clocks": [_clock(each) for each in one.clocks],
        "papers": [_paper(each) for each in one.papers],
        "links": [_link(one, each) for each in one.links],
        "acts": [_act(one, each, names) for each in one.acts],
        "timeline": [
            {"act": line.act, "at": time(line.at), "by": line.actor_name, "sequence": line.sequence, "hash": line.hash}
            for line in one.timeline
        ],
    }


def _head(one: OneMatter) -> dict[str, Any]:
    matter = one.matter
    return {
        "id": matter.pk,
        "number": matter.number,
        "old_number": matter.old_number,
        "taken_over": matter.taken_over,
        "kind": matter.code,
        "version": matter.version,
        "kind_name": naming.said(one.definition.manifest.words),
        "title": matter.title,
        "stage": matter.stage,
        "stage_name": naming.stage(one.definition, matter.stage),
        "closed": matter.closed,
        "revision": matter.revision,
        "secrecy": matter.secrecy,
        "source": matter.source,
        "reference": matter.reference,
        "district": matter.district_id,
        "enterprise": matter.enterprise_id,
        "outlet": matter.outlet_id,
        "alert": matter.episode.number if matter.episode else None,
        "task": matter.task.number if matter.task else None,
        "merged_into": matter.merged_into.number if matter.merged_into else None,
        "opened_at": time(matter.opened_at),
        "changed_at": time(matter.changed_at),
        "closed_at": time(matter.closed_at),
        "next_due": time(matter.next_due),
        "next_clock": matter.next_clock or None,
        "provisional": matter.provisional,
    }


def _clock(each: RunningClock) -> dict[str, Any]:
    run = each.run
    return {
        "clock": run.clock,
        "start": run.start.isoformat(),
        "due": run.due.isoformat() if run.due else None,
        "duty": each.row.duty,
        "paused_on": run.paused_on.isoformat() if run.paused_on else None,
        "stopped": time(run.stopped),
        "missed": each.row.missed,
        "provisional": run.provisional,
        "basis": each.counted.basis,
        "steps": [step.as_dict() for step in each.steps],
    }


def _paper(row: MatterPaper) -> dict[str, Any]:
    return {
        "id": row.pk,
        "paper": row.name,
        "version": row.version,
        "origin": row.origin,
        "number": row.number,
        "at": time(row.at),
        "digest": row.digest,
        "files": row.files,
        "published_at": time(row.published_at),
        "withdrawn_at": time(row.withdrawn_at),
    }


def _link(one: OneMatter, row: MatterLink) -> dict[str, Any]:
    outward = row.matter_id == one.matter.pk
    other = row.other if outward else row.matter
    return {"kind": row.kind, "direction": "to" if outward else "from", "id": other.pk, "number": other.number}


def _act(one: OneMatter, each: Possibility, names: Mapping[str, str]) -> dict[str, Any]:
    reasons = [{"code": reason.code, "message": sentence(reason, names)} for reason in each.reasons]
    return {"act": each.act.name, "possible": each.possible, "reasons": reasons}
