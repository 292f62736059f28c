"""The states of a task and who may move it: one table, pure. What no row allows is refused.

dispatched ─accept→ accepted ─arrive→ on_site ─report→ reported ─review→ reviewed ─close→ closed
reported ─return→ returned ─arrive→ on_site, or ─report→ reported
any before reported ─reassign→ reassigned ─accept→ accepted;  any before reported ─merge→ merged
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qingtian.base.errors import QingtianError, Term
from qingtian.office.tasks import terms


class State(StrEnum):
    DISPATCHED = "dispatched"
    REASSIGNED = "reassigned"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    REPORTED = "reported"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    MERGED = "merged"


class Act(StrEnum):
    ACCEPT = "accept"
    ARRIVE = "arrive"
    REPORT = "report"
    REVIEW = "review"
    RETURN = "return"
    CLOSE = "close"
    REASSIGN = "reassign"
    MERGE = "merge"


class Tie(StrEnum):
    """What ties a person to a task, beyond having it in scope."""

    ADDRESSEE = "addressee"
    """It was dispatched to this person, or to this person's role."""
    HANDLER = "handler"
    """This person accepted it."""
    NOT_HANDLER = "not_handler"
    """This person has had no hand in it: whoever handled it cannot judge it (处审分离)."""
    ANY = "any"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks: role, whether the task is in scope, and the ties."""

    role: str
    in_scope: bool
    addressee: bool = False
    handler: bool = False
    had_a_hand: bool = False

    def tied(self, tie: Tie) -> bool:
        match tie:
            case Tie.ADDRESSEE:
                return self.addressee
            case Tie.HANDLER:
                return self.handler
            case Tie.NOT_HANDLER:
                return not (self.handler or self.had_a_hand)
            case Tie.ANY:
                return True


@dataclass(frozen=True, kw_only=True)
class Transition:
    """From any of ``sources`` to ``target``, by these roles with this tie, giving ``fields``."""

    act: Act
    sources: frozenset[State]
    target: State
    roles: frozenset[str]
    tie: Tie
    fields: tuple[str, ...] = ()


FIELD = frozenset({"officer", "grid_member"})
REVIEWERS = frozenset({"reviewer"})
DESK = frozenset({"duty_desk", "leader"})
UNREPORTED = frozenset({State.DISPATCHED, State.REASSIGNED, State.ACCEPTED, State.ON_SITE, State.RETURNED})

TABLE = (
    Transition(
        act=Act.ACCEPT,
        sources=frozenset({State.DISPATCHED, State.REASSIGNED}),
        target=State.ACCEPTED,
        roles=FIELD,
        tie=Tie.ADDRESSEE,
    ),
    Transition(
        act=Act.ARRIVE,
        sources=frozenset({State.ACCEPTED, State.RETURNED}),
        target=State.ON_SITE,
        roles=FIELD,
        tie=Tie.HANDLER,
    ),
    Transition(
        act=Act.REPORT,
        sources=frozenset({State.ON_SITE, State.RETURNED}),
        target=State.REPORTED,
        roles=FIELD,
        tie=Tie.HANDLER,
        fields=("cause", "situation", "measures"),
    ),
    Transition(
        act=Act.REVIEW,
        sources=frozenset({State.REPORTED}),
        target=State.REVIEWED,
        roles=REVIEWERS,
        tie=Tie.NOT_HANDLER,
        fields=("opinion",),
    ),
    Transition(
        act=Act.RETURN,
        sources=frozenset({State.REPORTED}),
        target=State.RETURNED,
        roles=REVIEWERS,
        tie=Tie.NOT_HANDLER,
        fields=("reason",),
    ),
    Transition(
        act=Act.CLOSE,
        sources=frozenset({State.REVIEWED}),
        target=State.CLOSED,
        roles=DESK | REVIEWERS,
        tie=Tie.NOT_HANDLER,
    ),
    Transition(
        act=Act.REASSIGN,
        sources=UNREPORTED,
        target=State.REASSIGNED,
        roles=DESK,
        tie=Tie.ANY,
        fields=("to", "reason"),
    ),
    Transition(
        act=Act.MERGE,
        sources=UNREPORTED,
        target=State.MERGED,
        roles=DESK,
        tie=Tie.ANY,
        fields=("into", "reason"),
    ),
)
BY_ACT: Mapping[Act, Transition] = {row.act: row for row in TABLE}
FINAL = frozenset({State.CLOSED, State.MERGED})


class NotNow(QingtianError):
    code = "tasks.not_now"
    zh = "任务当前状态为“{state}”，不能{act}。请刷新页面查看最新状态。"
    en = "The task is {state} now; it cannot do: {act}. Reload the page to see how it stands."


class NotByYou(QingtianError):
    code = "tasks.not_by_you"
    zh = "您不能对该任务办理“{act}”：{why}。请由有权的人员办理。"
    en = "You may not do this with the task: {act} ({why}). Leave it to someone who may."


class FieldMissing(QingtianError):
    code = "tasks.field_missing"
    zh = "请填写“{field}”后再提交。"
    en = "Fill in {field}, then submit."


WHY = {
    Tie.ADDRESSEE: Term(zh="任务没有派给您", en="it was not dispatched to you"),
    Tie.HANDLER: Term(zh="您不是经办人", en="you are not its handler"),
    Tie.NOT_HANDLER: Term(zh="经办人不能审核自己的任务", en="its handler cannot judge it"),
    Tie.ANY: Term(zh="", en=""),
}


def step(*, act: Act, state: State, person: Person, given: Mapping[str, object]) -> State:
    """Return the state the task goes to.

    :raises NotByYou: if the person's scope, role or tie does not allow it.
    :raises NotNow: if the act does not start from this state.
    :raises FieldMissing: if something the act needs is empty.
    """
    row = BY_ACT[act]
    if not person.in_scope:
        raise NotByYou(act=terms.ACTS[act], why=Term(zh="不在您的管辖范围", en="outside your scope"))
    if person.role not in row.roles:
        raise NotByYou(act=terms.ACTS[act], why=Term(zh="角色不符", en="your role is another"))
    if not person.tied(row.tie):
        raise NotByYou(act=terms.ACTS[act], why=WHY[row.tie])
    if state not in row.sources:
        raise NotNow(state=terms.STATES[state], act=terms.ACTS[act])
    for field in row.fields:
        if not str(given.get(field) or "").strip():
            raise FieldMissing(field=terms.FIELDS[field])
    return row.target


def possible(*, state: State, person: Person) -> list[Act]:
    """Return the acts this person could do now, in the order of the table (for buttons)."""
    return [
        row.act
        for row in TABLE
        if state in row.sources and person.in_scope and person.role in row.roles and person.tied(row.tie)
    ]
