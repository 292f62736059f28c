"""``qingtian deadletters``: list refused packets, show one, read them again after the plan or a profile has changed."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.bus import client, plans
from qingtian.office import start

if TYPE_CHECKING:
    from qingtian.office.people.api import User
    from qingtian.office.sites.models import DeadLetter, Replay

SUMMARY = "list packets that were refused (死信), show one, read them again by the present plan"
EXAMPLES = """\
  qingtian deadletters list --reason bad_checksum --since 2026-01-01
  qingtian deadletters show 3f2a… --as admin
  qingtian deadletters replay --mn 010000A8900016F000169DC0 --dry-run
  qingtian deadletters replay --reason unknown_mn --why "设备已登记" --as admin
A replay is an act of --as USER, an administrator, with an entry in the ledger; a letter goes to the log once at most.
"""
DEFAULT_COUNT = 50


class NoSuchLetter(QingtianError):
    code = "deadletters.no_such_letter"
    zh = "没有编号以 {key} 开头的死信，或有多个。请用 `qingtian deadletters list` 查看编号。"
    en = "There is no dead letter whose id begins with {key}, or several do. `qingtian deadletters list` shows the ids."


class NobodyOfThatName(QingtianError):
    code = "deadletters.nobody"
    zh = "没有名为 {name} 的在用用户。请用 --as 给出管理员的登录名。"
    en = "No active user is called {name}. Name an administrator with --as."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list", "show", "replay"))
    parser.add_argument("id", nargs="?", metavar="ID", help="of the letter to show, or its beginning")
    parser.add_argument("--reason", default="", help="only letters of this reason, such as bad_checksum")
    parser.add_argument("--mn", default="", help="only letters of this device")
    parser.add_argument("--since", type=_moment, metavar="TIME", help="only letters that came at this time or later")
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help=f"list so many ({DEFAULT_COUNT})")
    parser.add_argument("--dry-run", action="store_true", help="replay: only say what would become of the letters")
    parser.add_argument("--why", default="", help="replay: the reason, for the ledger")
    parser.add_argument("--as", dest="user", metavar="USER", help="in whose name: an administrator")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time, such as 2026-01-01T08:00") from None
    return found if found.tzinfo else found.replace(tzinfo=times.BEIJING)


def run(args: argparse.Namespace) -> int:
    start.start()
    work = {"list": _list, "show": _show, "replay": _dry_run if args.dry_run else _replay}
    return work[args.what](args)


def _letters(args: argparse.Namespace, *, only_waiting: bool) -> Any:
    from qingtian.office.sites import replays
    from qingtian.office.sites.models import DeadLetter

    of_kind = replays.waiting if only_waiting else replays.of_kind
    wanted = of_kind(reason=args.reason, mn=args.mn, since=args.since)
    return DeadLetter.objects.order_by("-received", "pk").filter(wanted)


def _record(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.pk,
        "received": letter.received.astimezone(times.BEIJING).isoformat(),
        "reason": letter.reason,
        "mn": letter.mn or None,
        "address": letter.address,
        "detail": letter.detail,
        "deviations": letter.deviations,
        "replayed_at": letter.replayed_at.astimezone(times.BEIJING).isoformat() if letter.replayed_at else None,
        "bytes": len(bytes(letter.raw)),
    }


def _list(args: argparse.Namespace) -> int:
    for letter in _letters(args, only_waiting=False)[: args.count]:
        record = _record(letter)
        if args.json:
            print(json.dumps(record, ensure_ascii=False))
        else:
            again = "replayed" if record["replayed_at"] else ""
            words = (record["id"][:12], record["received"][:19], record["reason"], record["mn"] or "-")
            print("{:<13}{:<21}{:<16}{:<26}".format(*words) + f"{record['detail']}  {again}".rstrip())
    return 0


def _show(args: argparse.Namespace) -> int:
    from qingtian.office.people.api import Role
    from qingtian.office.sites.api import reason_sentence, without_password
    from qingtian.office.sites.models import DeadLetter

    found = list(DeadLetter.objects.filter(pk__startswith=args.id or "-")[:2])
    if len(found) != 1:
        raise NoSuchLetter(key=args.id or "")
    letter, language = found[0], base_settings.from_environment().language
    # the password is for the administrator's eyes alone, here as on the page
    sees_all = args.user is not None and _user(args.user).role == Role.ADMINISTRATOR
    raw = bytes(letter.raw) if sees_all else without_password(bytes(letter.raw))
    record = _record(letter) | {"raw": raw.decode("utf-8", "backslashreplace")}
    if args.json:
        print(json.dumps(record, ensure_ascii=False))
        return 0
    print("\n".join(f"{name:<12}{value}" for name, value in record.items()))
    print(reason_sentence(letter.reason, language))
    return 0


def _user(name: str) -> User:
    from qingtian.office.people.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise NobodyOfThatName(name=name)
    return user


def _dry_run(args: argparse.Namespace) -> int:
    from qingtian.office.sites import replays
    from qingtian.stream.gateway.rereading import devices_of, reread

    snapshot = replays.published_plan()
    devices = devices_of(plans.decode(bytes(snapshot.document))) if snapshot else {}
    letters = _letters(args, only_waiting=True)
    found = Counter(reread(bytes(letter.raw), devices=devices).reason for letter in letters.iterator(chunk_size=500))
    _tell(args, taken=found.pop(None, 0), refused=found, dry=True)
    return 0


def _replay(args: argparse.Namespace) -> int:
    from qingtian.office.sites.api import ask_replay

    replay = ask_replay(
        acting_user=_user(args.user or ""),
        why=args.why,
        reason=args.reason,
        mn=args.mn,
        since=args.since,
        at=times.now(),
    )
    total = _letters(args, only_waiting=True).filter(received__lte=replay.at).count()
    asyncio.run(_carry_out(replay, total))
    replay.refresh_from_db()
    _tell(args, taken=replay.taken, refused={"still refused": replay.still_refused}, dry=False)
    return 0


async def _carry_out(replay: Replay, total: int) -> None:
    """Do it here; if the dispatcher is at it already, wait until it has done it."""
    from django.db import connections

    from qingtian.office.intake import replaying

    settings = base_settings.from_environment()
    bus = await client.connect(settings.require_nats_url(), name="deadletters")
    loop = asyncio.get_running_loop()

    def told(looked_at: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{looked_at}/{total}", end="", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(1) as thread:
        try:
            while not await loop.run_in_executor(thread, _is_done, replay.pk):
                await replaying.carry_out(bus, thread, told=told)
                await asyncio.sleep(0.1)
        finally:
            await loop.run_in_executor(thread, connections.close_all)
            await bus.close()


def _is_done(key: int) -> bool:
    from qingtian.office.sites.models import Replay

    return Replay.objects.filter(pk=key).exclude(done_at=None).exists()


def _tell(args: argparse.Namespace, *, taken: int, refused: Any, dry: bool) -> None:
    if args.json:
        print(json.dumps({"dry_run": dry, "acceptable": taken, "refused": dict(refused)}, ensure_ascii=False))
        return
    lines = [f"{'would be taken' if dry else 'taken':<16}{taken}", *_lines(refused)]
    print("\n".join(lines))


def _lines(refused: Any) -> Iterator[str]:
    counted: Sequence[tuple[str, int]] = sorted(refused.items(), key=lambda pair: -pair[1])
    for reason, count in counted:
        yield f"{reason:<16}{count}"
