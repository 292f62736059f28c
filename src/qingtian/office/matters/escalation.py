"""Words before and after a due date (临期提醒、逾期督办), step by step by rules/matter_escalation.yaml."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from qingtian.base.times import BEIJING
from qingtian.law import clocks, rules
from qingtian.law.rules import Rule
from qingtian.office.alerts.api import NoticeKind
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import events, telling
from qingtian.office.matters.models import Matter, MatterClock
from qingtian.office.people.api import User

WORKER = ledger.System("worker")
AT_ONCE = 500


def escalate(*, at: datetime) -> int:
    """Take the step that each duty has come to; return how many. Run it again: a step is taken once a clock.

    After a stand-still only the latest step is taken: nobody is told "three days left" of what is overdue.
    """
    steps = sorted(rules.table("matter_escalation").at(at.astimezone(BEIJING).date()), key=lambda rule: -rule["step"])
    taken = 0
    for rule in steps:
        over = at - timedelta(days=rule["days"])
        rows = MatterClock.objects.filter(stopped=None, duty=True, due__lt=over, told__lt=rule["step"])
        live = rows.filter(matter__closed=False, matter__merged_into=None)
        for key in list(live.order_by("due").values_list("pk", flat=True)[:AT_ONCE]):
            taken += _take(key, rule, at)
    return taken


def _take(key: int, rule: Rule, at: datetime) -> bool:
    with transaction.atomic():
        rows = MatterClock.objects.select_for_update(of=("self",)).select_related("matter")
        clock = rows.filter(pk=key, stopped=None, told__lt=rule["step"]).first()
        if clock is None:
            return False
        clock.told = rule["step"]
        clock.save(update_fields=["told"])
        matter = clock.matter
        late = rule["days"] >= 0
        telling.tell(
            _hearers(matter, rule, at),
            matter,
            kind=NoticeKind.OVERDUE if late else NoticeKind.DUE,
            subject=f"{matter.number}：{_name(clock)}{rule['zh']}",
            at=at,
        )
        content = {"clock": clock.clock, "due": clock.due, "step": rule["step"], "notify": rule["notify"]}
        events.record(matter, acting_user=WORKER, act="escalate", at=at, content=content)
    return True


def _name(clock: MatterClock) -> str:
    """Return what a person calls the clock 期限; its id only if the rules no longer know it."""
    try:
        return clocks.named(clock.clock, day=clock.started.astimezone(BEIJING).date()).words.zh
    except clocks.UnknownClock:
        return clock.clock


def _hearers(matter: Matter, rule: Rule, at: datetime) -> list[User]:
    found: list[User] = []
    for whom in rule["notify"]:
        if whom == "turn":
            found += telling.in_turn(matter, at=at)
        elif whom == "named":
            found += telling.named(matter)
        else:
            found += telling.holding([whom], matter, at=at)
    return found
