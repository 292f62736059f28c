"""The table of a task: every transition, and every refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qingtian.office.tasks.machine import (
    BY_ACT,
    FINAL,
    TABLE,
    Act,
    FieldMissing,
    NotByYou,
    NotNow,
    Person,
    State,
    Tie,
    possible,
    step,
)
from qingtian.office.tasks.terms import FIELDS

GIVEN = dict.fromkeys(("cause", "situation", "measures", "opinion", "reason", "to", "into"), "x")
ALL_ROLES = ("duty_desk", "officer", "grid_member", "reviewer", "enterprise", "leader", "administrator")
WAY = [
    (Act.ACCEPT, State.DISPATCHED, State.ACCEPTED),
    (Act.ACCEPT, State.REASSIGNED, State.ACCEPTED),
    (Act.ARRIVE, State.ACCEPTED, State.ON_SITE),
    (Act.ARRIVE, State.RETURNED, State.ON_SITE),
    (Act.REPORT, State.ON_SITE, State.REPORTED),
    (Act.REPORT, State.RETURNED, State.REPORTED),
    (Act.REVIEW, State.REPORTED, State.REVIEWED),
    (Act.RETURN, State.REPORTED, State.RETURNED),
    (Act.CLOSE, State.REVIEWED, State.CLOSED),
    *((Act.REASSIGN, state, State.REASSIGNED) for state in
      (State.DISPATCHED, State.REASSIGNED, State.ACCEPTED, State.ON_SITE, State.RETURNED)),
    *((Act.MERGE, state, State.MERGED) for state in
      (State.DISPATCHED, State.REASSIGNED, State.ACCEPTED, State.ON_SITE, State.RETURNED)),
]  # fmt: skip
ALLOWED = {(act, state) for act, state, _ in WAY}


def right_person(act: Act) -> Person:
    """Somebody with a role and a tie that the act allows."""
    row = BY_ACT[act]
    person = Person(role=min(row.roles), in_scope=True)
    match row.tie:
        case Tie.ADDRESSEE:
            return replace(person, addressee=True)
        case Tie.HANDLER:
            return replace(person, handler=True, had_a_hand=True)
    return person


@pytest.mark.parametrize(("act", "source", "target"), WAY)
def test_it_goes_where_the_table_says(act: Act, source: State, target: State) -> None:
    assert step(act=act, state=source, person=right_person(act), given=GIVEN) == target


@pytest.mark.parametrize(
    ("act", "state"), [(act, state) for act in Act for state in State if (act, state) not in ALLOWED]
)
def test_it_refuses_every_act_from_every_other_state(act: Act, state: State) -> None:
    with pytest.raises(NotNow):
        step(act=act, state=state, person=right_person(act), given=GIVEN)


@pytest.mark.parametrize(
    ("act", "role"), [(act, role) for act in Act for role in ALL_ROLES if role not in BY_ACT[act].roles]
)
def test_it_refuses_every_other_role(act: Act, role: str) -> None:
    source = min(BY_ACT[act].sources)
    person = replace(right_person(act), role=role)
    with pytest.raises(NotByYou):
        step(act=act, state=source, person=person, given=GIVEN)


@pytest.mark.parametrize("act", list(Act))
def test_it_refuses_whoever_does_not_have_it_in_scope(act: Act) -> None:
    person = replace(right_person(act), in_scope=False)
    with pytest.raises(NotByYou):
        step(act=act, state=min(BY_ACT[act].sources), person=person, given=GIVEN)


@pytest.mark.parametrize("act", [act for act in Act if BY_ACT[act].tie != Tie.ANY])
def test_it_refuses_whoever_lacks_the_tie(act: Act) -> None:
    person = right_person(act)
    untied = replace(
        person,
        addressee=False,
        handler=BY_ACT[act].tie == Tie.NOT_HANDLER,
    )
    with pytest.raises(NotByYou):
        step(act=act, state=min(BY_ACT[act].sources), person=untied, given=GIVEN)


@pytest.mark.parametrize("act", [Act.REVIEW, Act.RETURN, Act.CLOSE])
def test_it_lets_nobody_judge_a_report_of_their_own_even_after_a_reassignment(act: Act) -> None:
    author = replace(right_person(act), had_a_hand=True)
    with pytest.raises(NotByYou):
        step(act=act, state=min(BY_ACT[act].sources), person=author, given=GIVEN)


@pytest.mark.parametrize(("act", "field"), [(row.act, field) for row in TABLE for field in row.fields])
def test_it_asks_for_each_field_and_blanks_are_not_enough(act: Act, field: str) -> None:
    with pytest.raises(FieldMissing, match=FIELDS[field].en):
        step(
            act=act,
            state=min(BY_ACT[act].sources),
            person=right_person(act),
            given={**GIVEN, field: "  "},
        )


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("role", ALL_ROLES)
def test_it_is_over_when_it_is_over(state: State, role: str) -> None:
    person = Person(role=role, in_scope=True, addressee=True, handler=True)
    assert possible(state=state, person=person) == []


def test_it_offers_exactly_what_would_be_allowed() -> None:
    for state in State:
        for act in Act:
            person = right_person(act)
            assert (act in possible(state=state, person=person)) == ((act, state) in ALLOWED)
