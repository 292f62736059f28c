"""Acts of the administrator: give and end posts 任免岗位, record and withdraw certificates 登记和注销证件."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.ledger import api as ledger
from qingtian.office.people.login import NotYours
from qingtian.office.people.models import Certificate, CertificateKind, Post, Role, User
from qingtian.office.people.standing import held, names


class NoSuchPost(QingtianError):
    code = "people.no_such_post"
    zh = "没有岗位“{post}”。可任的岗位：{known}。请从中选择，或先在 rules/post_names.yaml 中登记。"
    en = (
        "There is no post {post!r}. There are: {known}. Choose one of them, or enter it in rules/post_names.yaml first."
    )


class AlreadyInPost(QingtianError):
    code = "people.already_in_post"
    zh = "{person}自 {since} 起已任该岗位。如需改期，请先免去再任命。"
    en = "{person} has held that post since {since}. To change the dates, end it first and give it again."


class NotInPost(QingtianError):
    code = "people.not_in_post"
    zh = "{person}没有以个人名义任该岗位。由角色带来的岗位不能单独免去，请改角色。"
    en = "{person} was not given that post by name. What comes with the role ends with the role: change that."


class NoSuchPerson(QingtianError):
    code = "people.no_such_person"
    zh = "没有用户“{username}”。请核对用户名。"
    en = "There is no user {username!r}. Check the name."


class CertificateRefused(QingtianError):
    code = "people.certificate_refused"
    zh = "证件未登记：{why}。请核对后再提交。"
    en = "The certificate was not recorded: {why}. Check it and submit again."


def give_post(
    *, acting_user: User, username: str, post: str, since: date, at: datetime, until: date | None = None
) -> Post:
    """Give a post to a person from a day on (任命); ``until`` is exclusive.

    :raises NotYours, NoSuchPerson, NoSuchPost, AlreadyInPost:
    """
    person = _person(acting_user, username)
    day = at.astimezone(BEIJING).date()
    known = names(day=day)
    if post not in known:
        raise NoSuchPost(post=post, known="、".join(known))
    with transaction.atomic():
        current = person.posts.filter(held(max(since, day)), post=post).first()
        if current is not None:
            raise AlreadyInPost(person=person.name, since=current.since)
        given, _ = Post.objects.update_or_create(user=person, post=post, since=since, defaults={"until": until})
        _record(person, acting_user, "give_post", at, {"post": post, "since": since, "until": until})
    return given


def end_post(*, acting_user: User, username: str, post: str, at: datetime) -> None:
    """End a post that was given by name (免去); from today on it is not held.

    :raises NotYours, NoSuchPerson, NotInPost:
    """
    person = _person(acting_user, username)
    day = at.astimezone(BEIJING).date()
    with transaction.atomic():
        current = person.posts.select_for_update().filter(post=post, until=None).first()
        current = current or person.posts.filter(post=post, until__gt=day).first()
        if current is None:
            raise NotInPost(person=person.name)
        current.until = day
        current.save(update_fields=["until"])
        _record(person, acting_user, "end_post", at, {"post": post, "until": day})


def record_certificate(
    *,
    acting_user: User,
    username: str,
    kind: str,
    number: str,
    since: date,
    at: datetime,
    until: date | None = None,
) -> Certificate:
    """Record a certificate of a person (登记证件); ``until`` is its last good day.

    :raises NotYours, NoSuchPerson, CertificateRefused:
    """
    person = _person(acting_user, username)
    number = number.strip()
    if kind not in CertificateKind.values:
        raise CertificateRefused(why=Term(zh=f"没有“{kind}”这种证件", en=f"there is no kind {kind!r}"))
    if not number:
        raise CertificateRefused(why=Term(zh="没有填写证号", en="its number is empty"))
    if until is not None and until < since:
        raise CertificateRefused(why=Term(zh="有效期早于发证日期", en="it ends before it begins"))
    with transaction.atomic():
        if Certificate.objects.filter(kind=kind, number=number).exists():
            raise CertificateRefused(why=Term(zh=f"证号 {number} 已登记", en=f"{number} is recorded already"))
        made = Certificate.objects.create(user=person, kind=kind, number=number, since=since, until=until)
        content = {"kind": kind, "number": number, "since": since, "until": until}
        _record(person, acting_user, "record_certificate", at, content)
    return made


def withdraw_certificate(*, acting_user: User, certificate_id: int, at: datetime) -> None:
    """Let a certificate be good no longer (注销); it stays on record. Yesterday was its last day.

    :raises NotYours, CertificateRefused:
    """
    require(acting_user)
    with transaction.atomic():
        found = Certificate.objects.select_for_update(of=("self",)).select_related("user").filter(pk=certificate_id)
        certificate = found.first()
        if certificate is None:
            raise CertificateRefused(why=Term(zh="没有这份证件", en="there is no such certificate"))
        certificate.until = date.fromordinal(at.astimezone(BEIJING).date().toordinal() - 1)
        certificate.save(update_fields=["until"])
        content = {"kind": certificate.kind, "number": certificate.number, "until": certificate.until}
        _record(certificate.user, acting_user, "withdraw_certificate", at, content)


def require(acting_user: User) -> None:
    """:raises NotYours: if it is not the administrator."""
    if acting_user.role != Role.ADMINISTRATOR or not acting_user.is_active:
        raise NotYours(
            role=acting_user.role_term, act=Term(zh="任免岗位、登记证件", en="give posts and record certificates")
        )


def _person(acting_user: User, username: str) -> User:
    require(acting_user)
    person = User.objects.filter(username=username).first()
    if person is None:
        raise NoSuchPerson(username=username)
    return person


def _record(person: User, acting_user: User, act: str, at: datetime, content: Mapping[str, Any]) -> None:
    ledger.append(
        chain=f"user:{person.pk}",
        acting_user=acting_user,
        act=act,
        at=at,
        content={"username": person.username, **content},
    )
