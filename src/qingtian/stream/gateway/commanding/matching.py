"""Does a message of a device answer a request? And what of it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from qingtian.base import times
from qingtian.bus.answers import Item
from qingtian.bus.commands import Command
from qingtian.stream.hj212.messages.message import Contents, Message, contents

DATA = range(2000, 3000)
"""Commands that carry measured data: its values go to PACKETS and are not told twice."""

HISTORY = frozenset({2013, 2031, 2041, 2051, 2052, 2061, 2062, 2071})
LIVE = frozenset({2011, 2021})
INFORMATION = 3020


def answers(command: Command, message: Message, *, accepted: bool) -> bool:
    """Say whether an upload answers this open request.

    An answer repeats the QN of the request (2005: inside CP); history comes with new QNs (HJ 212-2017 §6.5, C.20 to
    C.23), so its DataTime must lie within what was asked. Of what is only read the command is enough: the standard's
    own table C.43 answers with another QN. Live data of other QNs is live data; and before the device has ``accepted``
    the request, anything of another QN may be what it sends anyway.
    """
    if message.head.cn != command.cn:
        return False
    said = contents(message)
    if command.qn in (message.exchange, said.cp.get("QN")):
        return True
    if not accepted:
        return False
    if command.cn in HISTORY or (command.cn == INFORMATION and _span(command) is not None):
        return _within(command, said)
    return command.cn not in LIVE


def _within(command: Command, said: Contents) -> bool:
    moment = _moment(said.cp.get("DataTime") or said.cp.get("AlarmTime"))
    span = _span(command)
    return moment is not None and span is not None and span[0] <= moment <= span[1]


def _span(command: Command) -> tuple[datetime, datetime] | None:
    given = {name: value for item in command.parameters for name, value in item.items()}
    begin, end = _moment(given.get("BeginTime")), _moment(given.get("EndTime"))
    return None if begin is None or end is None else (begin, end)


def _moment(text: str | None) -> datetime | None:
    try:
        return times.parse_stamp(text) if text else None
    except ValueError:
        return None


def item(message: Message) -> Item:
    """Return what is told of a message: all of it, or of measured data its time and which factors it has."""
    said = contents(message)
    factors: Mapping[str, Mapping[str, str]] = said.factors
    if message.head.cn in DATA:
        factors = {code: {} for code in factors}
    return Item(cn=message.head.cn, qn=message.head.qn, cp=dict(said.cp), factors=factors)


def size(item: Item) -> int:
    """Return about how many bytes an item takes on the log."""
    texts = [*item.cp, *item.cp.values(), *item.factors]
    texts += [text for tags in item.factors.values() for pair in tags.items() for text in pair]
    return sum(len(text.encode()) + 6 for text in texts)
