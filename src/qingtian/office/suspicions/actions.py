"""Acts on a suspicion: explain it, or have somebody look into it. One transaction and one entry each."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User
from qingtian.office.suspicions.access import suspicion
from qingtian.office.suspicions.models import Explanation
from qingtian.office.suspicions.weighing import known_causes
from qingtian.office.tasks import api as tasks
from qingtian.office.tasks.api import Task

MAY_ACT = (Role.DUTY_DESK, Role.OFFICER, Role.REVIEWER, Role.LEADER)


class NotForYou(QingtianError):
    code = "suspicions.not_for_you"
    zh = "{role}不能处理疑点。请由值班、执法、审核人员或领导办理。"
    en = "As {role} you do not act on suspicions. Duty desk, officers, reviewers and leaders do."


class ReasonMissing(QingtianError):
    code = "suspicions.reason_missing"
    zh = "请写明{what}，再提交一次。"
    en = "Say the {what}, then submit again."


class NoAlert(QingtianError):
    code = "suspicions.no_alert"
    zh = "线索没有预警，不能单独转核查。请对该排放口权重最大的疑点转核查，并在核查要点中写明这条线索。"
    en = (
        "A clue has no alert, so nobody can be sent for it alone. Have the outlet's heaviest suspicion looked into, "
        "and name this clue among the points to look at."
    )


def chain(outlet_code: str) -> str:
    """Return the chain that holds what was said to the clues of an outlet, which have no alert."""
    return f"clues:{outlet_code}"


def may_act(user: User) -> bool:
    """Say whether this person may explain suspicions and have them looked into."""
    return user.role in MAY_ACT and user.is_active


def explain_suspicion(*, acting_user: User, finding: str, cause: str, reason: str, at: datetime) -> Explanation:
    """Note that a suspicion is explained (疑点解释). It stays on the board, without weight.

    :raises NotFoundHere: if it is not in scope.
    :raises NotForYou:
    :raises ReasonMissing: if the cause is none of those there are, or nothing is said.
    """
    _require(acting_user)
    if cause not in known_causes(day=at.astimezone(BEIJING).date()):
        raise ReasonMissing(what=Term(zh="解释的类别", en="kind of explanation"))
    if not reason.strip():
        raise ReasonMissing(what=Term(zh="理由", en="reason"))
    found = suspicion(acting_user, finding, at=at)
    outlet, episode = found.seen.outlet, found.seen.episode
    with transaction.atomic():
        explanation = Explanation.objects.create(
            finding=finding, outlet=outlet, cause=cause, reason=reason.strip(), by=acting_user, at=at
        )
        ledger.append(
            chain=alerts.chain(episode.pk) if episode else chain(outlet.pk),
            acting_user=acting_user,
            act="explain_suspicion",
            at=at,
            content={
                "number": episode.number if episode else None,
                "finding": finding,
                "detector": found.detector,
                "cause": cause,
                "reason": explanation.reason,
            },
        )
    return explanation


def look_into(*, acting_user: User, finding: str, reason: str, at: datetime) -> Task:
    """Have an officer look into a suspicion (转核查): a task of its alert, the one there is if it has one.

    :raises NotFoundHere: if it is not in scope.
    :raises NotForYou, ReasonMissing:
    :raises NoAlert: if it is a clue.
    """
    _require(acting_user)
    if not reason.strip():
        raise ReasonMissing(what=Term(zh="核查要点", en="points to look at"))
    episode = suspicion(acting_user, finding, at=at).seen.episode
    if episode is None:
        raise NoAlert
    return tasks.look_into(acting_user=acting_user, episode_id=episode.pk, finding=finding, reason=reason, at=at)


def _require(user: User) -> None:
    if not may_act(user):
        raise NotForYou(role=user.role_term)
