"""The first person of an installation 首位管理员: made from the terminal of the machine, for nobody can log in yet."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import api as ledger
from qingtian.office.people.models import Role, User

INSTALLER = ledger.System("installer")
SHORTEST = 10
"""Characters of a password; an engineering default, after GB/T 22239-2019 8.1.4.1 (passwords of some complexity)."""


class UsernameTaken(QingtianError):
    code = "people.username_taken"
    zh = "用户名“{username}”已有人使用，没有改变任何内容。请换一个用户名。"
    en = "The user name {username!r} is taken; nothing was changed. Choose another."


class PasswordTooShort(QingtianError):
    code = "people.password_too_short"
    zh = "密码不足 {least} 个字符，没有创建用户。请换一个更长的密码。"
    en = "The password has fewer than {least} characters; nobody was entered. Choose a longer one."


def make_administrator(*, username: str, name: str, password: str, at: datetime) -> User:
    """Enter an administrator, whoever runs this on the machine; it stands in the ledger under the name of the program.

    :raises UsernameTaken: if somebody has that name.
    :raises PasswordTooShort: if it has fewer than `SHORTEST` characters.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(least=SHORTEST)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise UsernameTaken(username=username)
        made = User.objects.create(
            username=username, name=name, role=Role.ADMINISTRATOR, password=make_password(password)
        )
        ledger.append(
            chain=f"user:{made.pk}",
            acting_user=INSTALLER,
            act="make_administrator",
            at=at,
            content={"username": username},
        )
    return made


def anybody() -> bool:
    """Return whether there is anybody at all who could log in."""
    return User.objects.exists()
