"""``qingtian administrator``: the first person who can log in."""

from __future__ import annotations

import argparse
import getpass
import sys

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office import start

SUMMARY = "enter an administrator 管理员, so that somebody can log in; asks for the password"
EXAMPLES = """\
  qingtian administrator zhangwei --name 张伟
  qingtian administrator zhangwei --name 张伟 --data /srv/qingtian < password.txt
"""
SAID = {
    "zh": "已登记管理员 {username}。现在可以在登录页登录。",
    "en": "{username} is an administrator now and can log in.",
}


class PasswordsDiffer(QingtianError):
    code = "people.passwords_differ"
    zh = "两次输入的密码不一致，没有创建用户。请重新运行。"
    en = "The two passwords differ; nobody was entered. Run it again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", metavar="NAME", help="the name to log in with")
    parser.add_argument("--name", metavar="PERSON", help="what the person is called (the user name)")


def run(args: argparse.Namespace) -> int:
    """Ask for the password and enter the person.

    :raises EngineNotFound, PasswordsDiffer, PasswordTooShort, UsernameTaken:
    """
    start.start()
    from qingtian.office.people.api import make_administrator

    make_administrator(username=args.username, name=args.name or args.username, password=_password(), at=times.now())
    print(SAID[base_settings.from_environment().language].format(username=args.username))
    return 0


def _password() -> str:
    """Return the password: asked for twice at a terminal, else the first line of what comes in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    found = getpass.getpass()
    if getpass.getpass("again: ") != found:
        raise PasswordsDiffer
    return found
