"""Acts that a kind lets the system do by itself (系统办理): where a clock has run out and nothing is to be judged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from qingtian.base.errors import QingtianError
from qingtian.law.machine import record
from qingtian.law.machine.allowed import allowed
from qingtian.law.machine.definition import Act, Definition
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import kinds, persons
from qingtian.office.matters.actions import do_act
from qingtian.office.matters.models import Matter, MatterTurn

log = logging.getLogger(__name__)

WORKER = ledger.System("worker")
AT_ONCE = 500


def act_by_itself(*, at: datetime) -> int:
    """Do the acts that are the system's and possible now; return how many. Run it again: what is done is done.

    Only acts that ask for nothing: no fact, no paper, nobody to name.
    """
    turns = MatterTurn.objects.filter(holder=f"post:{persons.SYSTEM_POST}").order_by("due", "matter")
    matters = Matter.objects.in_bulk(list(turns.values_list("matter_id", flat=True)[:AT_ONCE]))
    return sum(_act(matter, at) for matter in matters.values())


def _act(matter: Matter, at: datetime) -> bool:
    act = next(_possible(matter, at), None)
    if act is None:
        return False
    try:
        do_act(acting_user=WORKER, matter_id=matter.pk, act=act.name, at=at, revision=matter.revision)
    except QingtianError as error:
        # somebody was quicker; the next round looks again
        log.info("%s: %s", matter.number, error.sentence("en"))
        return False
    return True


def _possible(matter: Matter, at: datetime) -> Iterator[Act]:
    definition = kinds.of(matter)
    state = record.read(definition, matter.state)
    for each in allowed(definition, state, persons.of_program(WORKER), at=at):
        act = each.act
        if each.possible and is_the_systems(definition, act) and not (act.asks or act.brings or act.assigns):
            yield act


def is_the_systems(definition: Definition, act: Act) -> bool:
    """Say whether a role of the act is held by the system."""
    return any(persons.SYSTEM_POST in definition.roles[name].office for name in act.by)
