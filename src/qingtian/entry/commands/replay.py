"""``qingtian replay``: history judged again from the lake; which findings appear, vanish or change."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.bus.client import connect
from qingtian.entry.progress import Progress
from qingtian.entry.replaying import Replay, crew_for, replay
from qingtian.stream.replaying import gathering
from qingtian.stream.replaying.comparison import Difference, Stands, compare, of_standing
from qingtian.stream.replaying.gathering import Asked
from qingtian.stream.replaying.task import Task

SUMMARY = "judge history again from the lake (重放); with --diff: what appears, vanishes or changes"
EXAMPLES = """\
  qingtian replay --from 2026-11-01 --to 2026-11-20 --diff
  qingtian replay --from 2026-11-20 --outlet SZ-W-0001 --plan 11 --diff      by another plan
  qingtian replay --from 2026-11-20 --rules 2027-01-01 --diff --json         by the rules and limits of that day
  qingtian replay --from 2026-01-01 --to 2026-06-30 --ray head:6379          on a Ray cluster (qingtian[ray])

exit codes: 0 done (with --diff: nothing differs), 1 refused or failed, 3 with --diff: something differs
"""
WAIT = 5.0
DIFFERS = 3
WORDS = {"appears": "+ 出现 appears", "vanishes": "- 消失 vanishes", "changes": "~ 变化 changes"}


class DaysReversed(QingtianError):
    code = "replay.days_reversed"
    zh = "重放的起始日 {first} 晚于终止日 {last}。请对调 --from 与 --to。"
    en = "The replay would begin on {first}, behind its end on {last}. Exchange --from and --to."


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day ({error}); write 2026-11-20") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; write 1 or more")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=_day, required=True, metavar="DAY", help="first day, in Beijing")
    parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="last day, included (default: the first)")
    parser.add_argument("--outlet", action="append", metavar="CODE", help="only this outlet; may be given again")
    other = parser.add_mutually_exclusive_group()
    other.add_argument(
        "--rules", type=_day, metavar="DAY", help="by the rules, and the newest plan's limits, of that day"
    )
    other.add_argument("--plan", type=int, metavar="N", help="by plan N instead of each packet's own and the newest")
    parser.add_argument("--diff", action="store_true", help="compare with what was said, show what differs")
    parser.add_argument("--processes", type=_count, default=os.cpu_count(), metavar="N", help="default: one a core")
    parser.add_argument("--ray", metavar="ADDRESS", help="replay on a Ray cluster: host:port of its head, or auto")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def _ask(settings: Settings, asked: Asked, *, diff: bool) -> tuple[Task, list[Stands]]:
    bus = await connect(settings.require_nats_url(), name="replay", wait=WAIT)
    try:
        task = await gathering.gather(bus, settings.lake_url, asked)
        return task, await gathering.heard_before(bus, task, asked.outlets) if diff else []
    finally:
        await bus.close()


def _sentences(message: Any) -> list[str]:
    return [f"    {message['evidence'][language]}" for language in ("zh", "en")]


def _lines(one: Difference) -> list[str]:
    message = one.message
    head = (
        f"{WORDS[one.kind]}  {message['since'][:16]}  {message['outlet']}  {message['factor']}  {message['detector']}"
    )
    if one.before is None or one.after is None:
        return [head, *_sentences(message)]
    return [head, "  原 before", *_sentences(one.before), "  现 after", *_sentences(one.after)]


def _found(done: Replay, task: Task) -> list[Stands]:
    return gathering.screening(done.events, task) + of_standing(done.standing)


def _summary(
    done: Replay, now: Sequence[Stands], said: Sequence[Stands], found: Sequence[Difference]
) -> dict[str, Any]:
    kinds = [one.kind for one in found]
    return {
        "readings": done.readings,
        "windows": done.windows,
        "findings": len(now),
        "said": len(said),
        **{kind: kinds.count(kind) for kind in WORDS},
        "seconds": round(done.seconds, 2),
        "readings_per_s": done.readings_per_s,
        "rss_mib": done.rss_mib,
    }


def run(args: argparse.Namespace) -> int:
    asked = Asked(first=args.first, last=args.last or args.first, outlets=args.outlet, rules=args.rules, plan=args.plan)
    if asked.last < asked.first:
        raise DaysReversed(first=asked.first, last=asked.last)
    task, said = asyncio.run(_ask(base_settings.from_environment(), asked, diff=args.diff))
    total = len(task.plans[task.newest]["outlets"]) * len(task.days)
    bar = Progress(total, stream=sys.stderr, clock=time.monotonic, unit="outlet's days", scale=1)
    with crew_for(task, processes=args.processes, ray=args.ray) as crew:
        done = replay(task, crew, told=bar.tell)
    bar.finish(
        f"{done.readings:,} readings that arrived then, {done.windows:,} windows judged again in {done.seconds:.1f} s "
        f"({done.readings_per_s:,} readings a second)"
    )
    now = _found(done, task)
    found = compare(said, now) if args.diff else []
    summary = _summary(done, now, said, found)
    if args.json:
        listed = [{"kind": one.kind, "before": one.before, "after": one.after} for one in found]
        all_of_it = {"differences": listed} if args.diff else {"found": [one.message for one in now]}
        print(orjson.dumps({**summary, **all_of_it}).decode())
    else:
        _tell(found if args.diff else None, now, summary)
    return DIFFERS if found else 0


def _tell(found: Sequence[Difference] | None, now: Sequence[Stands], summary: dict[str, Any]) -> None:
    if not (summary["windows"] or summary["readings"] or summary["said"]):
        print("the lake has nothing of these days 湖中没有这些日期的数据")
        return
    if found is None:
        for one in now:
            message = one.message
            print(f"{message['since'][:16]}  {message['outlet']}  {message['factor']}  {message['detector']}")
            print("\n".join(_sentences(message)))
        print(f"{len(now)} findings 条结论")
        return
    for line in (line for one in found for line in _lines(one)):
        print(line)
    counts = ", ".join(f"{summary[kind]} {kind}" for kind in WORDS)
    print(
        f"{summary['findings']} findings, {summary['said']} said before: {counts}"
        if found
        else "nothing differs 无差异"
    )
