"""Matters of the demo's people for tests of the pages: a petition as it comes in, a penalty on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law.machine.state import Event

PDF = b"%PDF-1.7 " + b"receipt " * 30
PETITION = {"petitioner": "刘某某", "claim": "反映油烟扰民", "class": "claim"}


def today(*, days_ago: int = 0) -> Any:
    """Return a day in Beijing."""
    return (times.now() - timedelta(days=days_ago)).astimezone(BEIJING).date()


def words_of(event: Event, cast: Mapping[str, Any]) -> dict[str, Any]:
    """Return an act of a worked history as the office is asked for it; ``cast``: its people by their names there."""
    return {
        "acting_user": cast[event.by.name],
        "act": event.act,
        "at": event.at,
        "facts": event.facts,
        "papers": dict.fromkeys(event.papers),
        "present": tuple(f"walk-{person.name}" for person in event.present),
        "people": {role: tuple(f"walk-{one.name}" for one in some) for role, some in event.people.items()},
    }


def petition(people: dict[str, Any], *, days_ago: int = 0, **words: Any) -> Any:
    """Register a petition in Bao'an."""
    from qingtian.office.matters import api as matters

    at = times.now() - timedelta(days=days_ago)
    facts = {**PETITION, "received_on": today(days_ago=days_ago), **words.pop("facts", {})}
    origin = matters.Origin(source="letter", district="440306")
    return matters.open_matter(acting_user=people["desk"], code="petition", at=at, origin=origin, facts=facts, **words)


def taken_back(people: dict[str, Any], *files: Any) -> Any:
    """Register a petition and take it back with these files (`objects.api.Upload`)."""
    from qingtian.office.matters import api as matters

    return matters.do_act(
        acting_user=people["desk"],
        matter_id=petition(people).pk,
        act="withdraw",
        at=times.now(),
        revision=None,
        papers={"withdrawal": list(files)},
    )


def penalty(people: dict[str, Any], *, upto: str = "discover", days_ago: int = 30) -> Any:
    """Take a penalty of firm E0001 through the first of its acts, up to ``upto``, a day apart."""
    from qingtian.office.matters import api as matters

    start = times.now() - timedelta(days=days_ago)
    matter = matters.open_matter(
        acting_user=people["officer"],
        code="penalty",
        at=start,
        origin=matters.Origin(source="inspection", enterprise="E0001"),
        facts={
            "party": "深圳某电镀有限公司",
            "party_kind": "entity",
            "violation": "涉嫌超标排放水污染物",
            "act_ended": today(days_ago=days_ago + 5),
            "harm": "none",
        },
    )
    for number, (act, words) in enumerate(_steps(days_ago).items(), start=1):
        if upto == "discover" or upto not in _steps(days_ago):
            break
        by = people[words.pop("by")]
        at = start + timedelta(days=number)
        matter = matters.do_act(acting_user=by, matter_id=matter.pk, act=act, at=at, revision=None, **words)
        if act == upto:
            break
    return matter


def _steps(days_ago: int) -> dict[str, dict[str, Any]]:
    return {
        "file": {
            "by": "leader",
            "facts": {"four_conditions": True},
            "people": {"investigator": ["officer", "officer3"]},
        },
        "inspect": {"by": "officer", "present": ["officer3"], "facts": {"evidence": ["现场笔录", "照片"]}},
        "report": {
            "by": "officer",
            "facts": {
                "broken_law": "生态环境法典 1107",
                "penalty_law": "生态环境法典 1107",
                "factors": ["超标倍数一至三倍：10%", "初次违法：0%"],
            },
            "people": {"reviewer": ["reviewer"]},
        },
        "review_pass": {
            "by": "reviewer",
            "facts": {
                "difficult": False,
                "public_interest": False,
                "proposed_fine": "60000",
                "proposed_confiscation": "0",
                "other_penalty": "none",
            },
        },
        "notify": {
            "by": "officer",
            "present": ["officer3"],
            "facts": {
                "proposed_fine": "60000",
                "notice_received": today(days_ago=days_ago - 5),
                "hearing_offered": False,
                "service_method": "direct",
            },
            "papers": {"notice_receipt": None},
        },
    }
