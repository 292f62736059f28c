"""``qingtian command``: send a request to a device (反控) and follow what becomes of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.entry import following
from qingtian.office import start
from qingtian.stream.requests import catalogue, reference

if TYPE_CHECKING:
    from qingtian.office.people.api import User
    from qingtian.office.reverse_control.api import DeviceCommand

SUMMARY = "command a device 反控: read or set it, ask for history, calibrate, sample; follow what becomes of it"
EXAMPLES = """\
  qingtian command --list                                            every request: name, CN, parameters, clause
  qingtian command 010000A8900016F000169DC0 get-time --as duty --wait
  qingtian command MN set-realtime-interval --param RtdInterval=60 --reason "加密观察" --as duty --wait
  qingtian command MN history-hour --from "2026-01-01 00:00" --to "2026-01-01 23:00" --as duty --wait
  qingtian command MN calibrate --param PolId=w01018 --reason "质控核查" --as duty --wait --json
It is an act of --as USER: the rights, the reason and the ledger entry are those of the outlet's page.
exit codes: 0 sent (with --wait: done), 1 refused, failed, timed out or expired, 2 misused
"""
LOOK_EVERY = 0.3


class NobodyOfThatName(QingtianError):
    code = "command.nobody"
    zh = "没有名为 {name} 的在用用户。请用 --as 给出登录名；`qingtian` 的用户在系统的“人员”页。"
    en = "No active user is called {name}. Name one with --as; the page People of the system lists them."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mn", nargs="?", metavar="MN", help="the device")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the request, see --list")
    parser.add_argument(
        "--param", action="append", default=[], type=_pair, metavar="K=V", help="an item of CP; may be repeated"
    )
    parser.add_argument("--from", dest="begin", metavar="TIME", help="BeginTime of history")
    parser.add_argument("--to", dest="end", metavar="TIME", help="EndTime of history, included")
    parser.add_argument("--reason", default="", help="why, for the ledger; needed where it changes the monitor")
    parser.add_argument("--as", dest="user", metavar="USER", help="in whose name")
    parser.add_argument("--wait", action="store_true", help="follow its states until it has ended")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--list", action="store_true", help="print every request and leave")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no K=V, such as PolId=w01018")
    return name, value


def run(args: argparse.Namespace) -> int:
    if args.list:
        print(_table(as_json=args.json))
        return 0
    if not (args.mn and args.name and args.user):
        print("qingtian command: give MN, NAME and --as USER, or --list", file=sys.stderr)
        return 2
    request = catalogue.named(args.name)
    start.start()
    language = base_settings.from_environment().language
    user = _user(args.user)
    sent = _send(args, request, user)
    print(following.queued(sent, language, as_json=args.json), flush=True)
    return _follow(args, user, sent, language) if args.wait else 0


def _user(name: str) -> User:
    from qingtian.office.people.api import User

    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise NobodyOfThatName(name=name)
    return found


def _send(args: argparse.Namespace, request: catalogue.Request, user: User) -> DeviceCommand:
    from qingtian.office.reverse_control.api import command_device

    span = {"BeginTime": args.begin or "", "EndTime": args.end or ""}
    given = dict(_as_forms_have_it(args.param))
    return command_device(
        acting_user=user,
        mn=args.mn,
        cn=request.cn,
        given={**request.usual, **{name: text for name, text in span.items() if text}, **given, **request.fixed},
        reason=args.reason,
        at=times.now(),
    )


def _as_forms_have_it(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """``i13004-Info=168.0`` is InfoId i13004 with the Info 168.0, ``011-UpValue=100`` PolId 011 with that UpValue."""
    for name, text in pairs:
        code, dash, tag = name.partition("-")
        if dash:
            yield ("InfoId" if tag == "Info" else "PolId"), code
        yield (tag if dash else name), text


def _follow(args: argparse.Namespace, user: User, sent: DeviceCommand, language: str) -> int:
    """Print each state as it comes; return 0 if the last one is ``done``."""
    from qingtian.office.reverse_control.api import State, command

    told: set[str] = set()
    while True:
        found = command(user, sent.pk)
        for answer in found.answers.all():
            if answer.pk not in told:
                told.add(answer.pk)
                print(following.answer(answer, language, as_json=args.json), flush=True)
        if not found.is_open:
            for line in following.end(found, language) if not args.json else ():
                print(line, flush=True)
            return 0 if found.state == State.DONE else 1
        time.sleep(LOOK_EVERY)


def _table(*, as_json: bool) -> str:
    rows = list(reference.rows())
    if as_json:
        return "\n".join(json.dumps(dict(zip(reference.HEAD, row, strict=True)), ensure_ascii=False) for row in rows)
    widths = [max(map(_width, column)) for column in zip(reference.HEAD, *rows, strict=True)]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in (reference.HEAD, *rows)]
    note = f"{reference.SECOND_HAND} HJ 212-2025: second-hand, see docs/hj212.md. [X] may be missing."
    return "\n".join([*lines, note])


def _padded(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    yield from (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))


def _width(text: str) -> int:
    """A Chinese character takes two columns."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
