"""``qingtian law``: due dates of statutory clocks, counted and explained, and the list of the clocks."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from datetime import date, datetime
from unicodedata import east_asian_width

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.law import calendar, clocks, deadlines
from qingtian.law.clocks import Clock
from qingtian.law.deadlines import Deadline
from qingtian.law.pauses import Pause, PauseReversed
from qingtian.law.steps import UNITS
from qingtian.law.terms import Grant

SUMMARY = "statutory clocks 法定期限: when is it due, and why"
EXAMPLES = """  qingtian law deadline PEN-DEF --from 2026-02-12
  qingtian law deadline PEN-DEC --from 2026-02-12 --pause 2026-03-01..2026-03-10,监测 --extend --extend 20
  qingtian law deadline PEN-DEC --from 2026-02-12 --extend all,张局长,深环延〔2026〕3号
  qingtian law deadline EMG-MAJ --from 2026-02-16T23:30 --json
  qingtian law deadline REC-DEC --from 2026-03-02 --variant simple
  qingtian law clocks --matter penalty"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", required=True, metavar="deadline|clocks")
    _add_deadline(parts.add_parser("deadline", help="count one clock from its start event"))
    listing = parts.add_parser("clocks", help="list the clocks and what each runs from")
    listing.add_argument("--matter", help="of this matter only, such as penalty or reconsideration")
    listing.add_argument("--json", action="store_true", help="print JSON")


def _add_deadline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clock", metavar="CLOCK", help="its name, such as PEN-DEC (see `qingtian law clocks`)")
    parser.add_argument(
        "--from",
        dest="start",
        required=True,
        type=_start,
        metavar="DATE[THH:MM]",
        help="the day of the start event, of an hour clock the moment; Beijing time unless a zone is given",
    )
    parser.add_argument(
        "--pause",
        action="append",
        default=[],
        type=_pause,
        metavar="A..B[,REASON[,PAPER]]",
        help="days that are not counted, both included; may be repeated",
    )
    parser.add_argument(
        "--extend",
        action="append",
        nargs="?",
        default=[],
        type=_grant,
        const=Grant(),
        metavar="N[,APPROVER[,PAPER]]",
        help="one extension, of N or (`all`) of all that the rule allows; may be repeated (write it after CLOCK)",
    )
    parser.add_argument("--variant", metavar="NAME", help="a special case of the clock, such as simple or complex")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _start(text: str) -> date | datetime:
    with suppress(ValueError):
        return date.fromisoformat(text)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(times.BEIJING) if moment.tzinfo else moment.replace(tzinfo=times.BEIJING)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day or moment ({error}); write 2026-02-12 or 2026-02-12T23:30"
        ) from None


def _pause(text: str) -> Pause:
    days, *said = text.split(",", 2)
    first, dots, last = days.partition("..")
    try:
        if not dots:
            raise ValueError("there is no `..` between two days")
        reason, paper = [*said, "", ""][:2]
        return Pause(first=date.fromisoformat(first), last=date.fromisoformat(last), reason=reason, paper=paper)
    except (ValueError, PauseReversed) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no pause ({error}); write 2026-03-01..2026-03-10") from None


def _grant(text: str) -> Grant:
    count, *said = text.split(",", 2)
    approver, paper = [*said, "", ""][:2]
    if count == "all":
        return Grant(approver=approver, paper=paper)
    if not (count.isascii() and count.isdigit() and 0 < int(count) < 100_000):
        raise argparse.ArgumentTypeError(f"{count!r} is no number of days (or of the clock's unit) from 1 to 99999")
    return Grant(count=int(count), approver=approver, paper=paper)


def run(args: argparse.Namespace) -> int:
    return _deadline(args) if args.part == "deadline" else _clocks(args)


def _deadline(args: argparse.Namespace) -> int:
    day = args.start.date() if isinstance(args.start, datetime) else args.start
    found = deadlines.deadline(
        clocks.named(args.clock, day=day),
        start=args.start,
        calendar=calendar.official(),
        pauses=args.pause,
        grants=args.extend,
        variant=args.variant,
    )
    print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) if args.json else "\n".join(_answer(found)))
    return 0


def _answer(found: Deadline) -> list[str]:
    chinese = _chinese()
    clock = found.clock
    name = clock.words.zh if chinese else clock.words.en
    due = found.due.isoformat(" ", "minutes") if isinstance(found.due, datetime) else found.due.isoformat()
    mark = ("（暂定）" if chinese else " (provisional)") if found.provisional else ""
    lines = [f"{clock.name} {name}: {due}{mark}", ""]
    for each in found.steps:
        days = _short(each.first) if each.first == each.last else f"{_short(each.first)} – {_short(each.last)}"
        lines.append(f"  {days:<36} {each.zh if chinese else each.en}")
    if clock.if_missed:
        lines += ["", f"逾期：{clock.if_missed.zh}。" if chinese else f"If missed: {clock.if_missed.en}."]
    return lines


def _short(when: date | datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if isinstance(when, datetime) else when.isoformat()


def _clocks(args: argparse.Namespace) -> int:
    found = clocks.of_matter(args.matter) if args.matter else clocks.every()
    if args.json:
        print(json.dumps([_listed(clock) for clock in found], ensure_ascii=False, indent=2))
        return 0
    for clock in found:
        print(_line(clock, chinese=_chinese()))
    return 0


def _line(clock: Clock, *, chinese: bool) -> str:
    name, event = (words.zh if chinese else words.en for words in (clock.words, clock.start_event))
    length = _padded(_length(clock, chinese=chinese), 16)
    special = "".join(f" --variant {each.name}" for each in clock.variants)
    return f"{clock.name:<14} {length} {name} ← {event}  [{clock.basis}]{special}"


def _padded(text: str, columns: int) -> str:
    """Fill up with spaces; a Chinese character takes two columns."""
    taken = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * (columns - taken)


def _length(clock: Clock, *, chinese: bool) -> str:
    if clock.month_day:
        return "-".join(f"{number:02d}" for number in clock.month_day)
    zh, en = UNITS[clock.unit]
    back = ("前" if chinese else " before") if clock.direction == "before" else ""
    return f"{clock.count}{zh}{back}" if chinese else f"{clock.count} {en}{'' if clock.count == 1 else 's'}{back}"


def _listed(clock: Clock) -> dict[str, object]:
    """Return the row of the rule file with the matter, the source and how sure we are of it."""
    rule = clock.rule
    kept = {key: value for key, value in rule.values.items() if key != "variants"}
    return {
        **kept,
        "variants": [{"name": each.name, "count": each.count, "unit": each.unit} for each in clock.variants],
        "matter": clock.matter,
        "basis": rule.source,
        "certainty": rule.certainty,
        "from": rule.start and rule.start.isoformat(),
        "to": rule.end and rule.end.isoformat(),
    }


def _chinese() -> bool:
    return base_settings.from_environment().language == "zh"
