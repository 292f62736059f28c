"""Log in, with a lock after too many failures (登录锁定); rules/login.yaml has the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.office.ledger import api as ledger
from qingtian.office.people.models import LoginAttempt, Role, User


class LoginRefused(QingtianError):
    code = "people.login_refused"
    zh = "用户名或密码不正确。请核对后再试；还可以尝试 {left} 次，之后将暂停登录 {minutes} 分钟。"
    en = (
        "The name or the password is not right. Check both; "
        "after {left} more tries, logging in pauses for {minutes} minutes."
    )


class LoginLocked(QingtianError):
    code = "people.login_locked"
    zh = "连续 {failures} 次登录失败，已暂停登录，请在 {until} 之后再试，或请管理员解锁。"
    en = (
        "After {failures} failed tries logging in is paused until {until}. "
        "Try again then, or ask an administrator to unlock it."
    )


class NotYours(QingtianError):
    code = "people.not_yours"
    zh = "您的角色（{role}）不能{act}。如确需办理，请联系管理员。"
    en = "Your role ({role}) may not do this: {act}. If you need to, ask an administrator."


def log_in(*, username: str, password: str, address: str, at: datetime) -> User:
    """Return the user of this name and password; record the attempt either way.

    A name that does not exist takes as long as a wrong password, and is refused with the same sentence.

    :raises LoginLocked: if this name or this address has failed too often lately.
    :raises LoginRefused: if name and password do not belong together, or the user is switched off.
    """
    _refuse_if_locked(username, address, at)
    user = User.objects.filter(username=username, is_active=True).first()
    right = check_password(password, user.password if user else _nobody())
    with transaction.atomic():
        LoginAttempt.objects.create(username=username[:64], address=address[:64], at=at, succeeded=bool(user and right))
        if user and right:
            personal = {"address": address}
            ledger.append(chain=f"user:{user.pk}", acting_user=user, act="log_in", at=at, content={}, personal=personal)
            return user
        left = _after_failure(user, username, address, at)
    if left <= 0:
        _refuse_if_locked(username, address, at)
    raise LoginRefused(left=max(left, 0), minutes=_minutes("username", at))


def unlock(*, acting_user: User, username: str, address: str = "", at: datetime) -> None:
    """Forgive the failures of a name (and of an address), so that it may log in at once.

    :raises NotYours: if the acting user is no administrator.
    """
    if acting_user.role != Role.ADMINISTRATOR or not acting_user.is_active:
        raise NotYours(role=acting_user.role_term, act=Term(zh="解锁登录", en="unlock"))
    which = Q(username=username) | Q(address=address) if address else Q(username=username)
    with transaction.atomic():
        LoginAttempt.objects.filter(which, succeeded=False).update(forgiven=True)
        user = User.objects.filter(username=username).first()
        ledger.append(
            chain=f"user:{user.pk}" if user else f"login:{username}"[:80],
            acting_user=acting_user,
            act="unlock",
            at=at,
            content={"username": username},
            personal={"address": address} if address else None,
        )


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A name or an address (``subject``) that may not log in before ``until``."""

    subject: str
    value: str
    failures: int
    until: datetime


def locked(user: User, *, at: datetime) -> list[Locked]:
    """Return what is locked now, for the administrator's list, and nothing for anyone else."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        return []
    found: list[Locked] = []
    for subject in ("username", "address"):
        rule = _rule(subject, at)
        recent = LoginAttempt.objects.filter(
            succeeded=False, forgiven=False, at__gt=at - timedelta(minutes=rule["minutes"])
        )
        for value in recent.order_by(subject).values_list(subject, flat=True).distinct():
            failures = _failures(subject, value, at)
            if len(failures) >= rule["failures"]:
                until = failures[0] + timedelta(minutes=rule["minutes"])
                found.append(Locked(subject=subject, value=value, failures=len(failures), until=until))
    return found


def _rule(subject: str, at: datetime) -> rules.Rule:
    found = rules.table("login").at(at.astimezone(BEIJING).date())
    return next(rule for rule in found if rule["subject"] == subject)


def _minutes(subject: str, at: datetime) -> int:
    return int(_rule(subject, at)["minutes"])


def _failures(subject: str, value: str, at: datetime) -> list[datetime]:
    """Return the times of the failures that still count: recent, not forgiven, after the last that succeeded."""
    recent = LoginAttempt.objects.filter(
        **{subject: value[:64]}, forgiven=False, at__gt=at - timedelta(minutes=_minutes(subject, at))
    )
    times: list[datetime] = []
    for when, succeeded in recent.order_by("-at", "-pk").values_list("at", "succeeded"):
        if succeeded:
            break
        times.append(when)
    return times


def _refuse_if_locked(username: str, address: str, at: datetime) -> None:
    for subject, value in (("username", username), ("address", address)):
        failures, rule = _failures(subject, value, at), _rule(subject, at)
        if len(failures) >= rule["failures"]:
            until = failures[0] + timedelta(minutes=rule["minutes"])
            raise LoginLocked(failures=len(failures), until=until.astimezone(BEIJING).strftime("%H:%M"))


def _after_failure(user: User | None, username: str, address: str, at: datetime) -> int:
    """Return how many tries are left; note it in the ledger when the last of them is gone."""
    left = min(
        _rule(subject, at)["failures"] - len(_failures(subject, value, at))
        for subject, value in (("username", username), ("address", address))
    )
    if left == 0:
        ledger.append(
            chain=f"user:{user.pk}" if user else f"login:{username}"[:80],
            acting_user=ledger.System("login"),
            act="lock_out",
            at=at,
            content={"username": username[:64]},
            personal={"address": address[:64]},
        )
    return int(left)


@cache
def _nobody() -> str:
    """The password hash of nobody, so that an unknown name costs the same time."""
    return make_password("nobody has this password")
