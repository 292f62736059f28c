"""Which clocks somebody has to meet: what a law asks of us stays a duty, whatever else may end its run."""

from __future__ import annotations

from datetime import date

import pytest

from qingtian.law import clocks
from qingtian.law.machine import duties, shelf
from qingtian.law.machine.definition import Definition

DAY = date(2026, 11, 23)
OURS = "生态环境部门"


def kind(code: str) -> Definition:
    return shelf.discover().on(code, day=DAY)


@pytest.mark.parametrize(
    ("code", "clock"),
    [
        ("information_request", "OGI-ANS"),
        ("litigation", "LIT-ANS"),
        ("procuratorial_advice", "PROC-SUGG"),
        ("emergency_incident", "EMG-MAJ"),
        ("petition", "PET-DONE"),
        ("penalty", "PEN-DEC"),
        ("production_limit", "LIMIT-PLAN"),
    ],
)
def test_a_duty_stays_one_though_an_act_ends_its_run_without_fulfilling_it(code: str, clock: str) -> None:
    assert clock not in duties.lapsing(kind(code))


@pytest.mark.parametrize(
    ("code", "clock"),
    [
        ("penalty", "PEN-DEF"),
        ("penalty", "PEN-HREQ"),
        ("petition", "PET-REVREQ"),
        ("seizure", "SEIZE-COLL"),
        ("proposal", "PROP-OBJ"),
        ("reconsideration", "REC-DEC"),
        ("litigation", "LIT-APPJ"),
    ],
)
def test_a_right_that_lapses_is_nobodys_duty(code: str, clock: str) -> None:
    assert clock in duties.lapsing(kind(code))


def test_of_what_the_bureau_itself_has_to_do_only_a_right_to_object_lapses_by_the_course_of_things() -> None:
    ours = set()
    for definition in shelf.discover().kinds.values():
        moves = [move for act in definition.acts.values() for move in act.clocks]
        started_so = {move.clock for move in moves if move.move == "start" and move.runs_out}
        for name in duties.lapsing(definition) - started_so:
            found = clocks.named(name, day=DAY)
            if (found.means, found.actor.zh) == ("by", OURS):
                ours.add((definition.manifest.code, name))
    # nobody has to object to a petition that was passed on to us: it then stays
    assert ours == {("petition", "PET-OBJ")}
