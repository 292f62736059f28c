"""Silences (静默): alerts of an outlet that nobody is to be told of for a while, with a reason and an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError, Term
from qingtian.office.alerts import grading
from qingtian.office.alerts.models import Silence
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.sites.api import NotFoundHere, Outlet

MAY_SILENCE = (Role.DUTY_DESK, Role.OFFICER, Role.LEADER)
WHAT = Term(zh="静默预警", en="silence alerts")


class SilenceRefused(QingtianError):
    code = "alerts.silence_refused"
    zh = "不能静默：{why}。请改正后再提交。"
    en = "It cannot be silenced: {why}. Correct it and submit again."


class AlreadyLifted(QingtianError):
    code = "alerts.already_lifted"
    zh = "这项静默已经解除或到期。请刷新页面查看最新状态。"
    en = "This silence has been lifted or has ended. Reload the page to see how it stands."


def chain(outlet_code: str) -> str:
    """Return the chain that holds the silences of an outlet."""
    return f"silence:{outlet_code}"


def silence(
    *,
    acting_user: User,
    outlet_code: str,
    hours: int,
    reason: str,
    at: datetime,
    factor: str = "",
    detector: str = "",
) -> Silence:
    """Silence the alerts of an outlet for ``hours`` from now (all, or those of a factor or a detector).

    :raises NotYours, NotFoundHere, SilenceRefused:
    """
    if acting_user.role not in MAY_SILENCE:
        raise NotYours(role=acting_user.role_term, act=WHAT)
    most = grading.manners(at=at).silence_hours
    if not 1 <= hours <= most:
        raise SilenceRefused(why=Term(zh=f"时长须为 1 至 {most} 小时", en=f"it may last 1 to {most} hours"))
    if not reason.strip():
        raise SilenceRefused(why=Term(zh="须写明理由", en="a reason is needed"))
    with transaction.atomic():
        outlet = Outlet.objects.filter(Scope.of(acting_user).q(), pk=outlet_code).first()
        if outlet is None:
            raise NotFoundHere(what=Term(zh="排放口", en="outlet"), code=outlet_code)
        made = Silence.objects.create(
            outlet=outlet,
            factor=factor,
            detector=detector,
            since=at,
            until=at + timedelta(hours=hours),
            reason=reason.strip(),
            made_by=acting_user,
        )
        content = {
            "silence": made.pk,
            "factor": factor,
            "detector": detector,
            "until": made.until,
            "reason": made.reason,
        }
        ledger.append(chain=chain(outlet.pk), acting_user=acting_user, act="silence", at=at, content=content)
    return made


def lift(*, acting_user: User, silence_id: int, at: datetime) -> Silence:
    """End a silence before its time (解除静默).

    :raises NotYours, NotFoundHere, AlreadyLifted:
    """
    if acting_user.role not in MAY_SILENCE:
        raise NotYours(role=acting_user.role_term, act=WHAT)
    with transaction.atomic():
        scope = Scope.of(acting_user).q("outlet__")
        found = Silence.objects.select_for_update(of=("self",)).filter(scope, pk=silence_id).first()
        if found is None:
            raise NotFoundHere(what=Term(zh="静默", en="silence"), code=silence_id)
        if found.lifted_at or found.until <= at:
            raise AlreadyLifted
        found.lifted_at, found.lifted_by = at, acting_user
        found.save(update_fields=["lifted_at", "lifted_by"])
        chained = chain(found.outlet_id)
        ledger.append(chain=chained, acting_user=acting_user, act="lift", at=at, content={"silence": found.pk})
    return found


def silences(user: User, *, outlet: str = "", state: str = "", at: datetime) -> list[Silence]:
    """Return the silences in scope, newest first; an enterprise sees none.

    ``state``: ``running``, ``over`` or empty. One query.
    """
    if user.role == Role.ENTERPRISE:
        return []
    rows = Silence.objects.filter(Scope.of(user).q("outlet__")).select_related("outlet", "made_by", "lifted_by")
    running = Q(lifted_at=None, until__gt=at)
    if state:
        rows = rows.filter(running) if state == "running" else rows.exclude(running)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    return list(rows.order_by("-pk")[:1000])


# of several the one that lasts longest
OVER = """
SELECT s.id FROM alerts_silence s
WHERE s.outlet_id = %(outlet)s AND s.lifted_at IS NULL AND s.since <= %(at)s AND s.until > %(at)s
    AND s.factor IN ('', %(factor)s) AND s.detector IN ('', %(detector)s)
ORDER BY s.until DESC LIMIT 1
"""
"""The silence that an alert falls under: a statement, or part of one."""
