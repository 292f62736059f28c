"""Messages of several parts 拆分包 put together (HJ 212-2017 §6.6.2, tables C.49, C.50).

Parts of one message share MN, ST, CN, DataTime and PNUM; in 2017 each has its own QN, in 2005 all share one. A part is
useful alone, so nothing waits for ever: a window that is too old or too full gives out what it has, and says what is
missing. The age comes from outside; the same parts in any order give the same messages.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qingtian.stream.hj212.editions import PARTED
from qingtian.stream.hj212.messages.message import Contents, Message, contents, typed, write_message


@dataclass(frozen=True, kw_only=True)
class Window:
    """How much is kept waiting: ``parts`` of a message, ``messages`` and ``size`` (bytes) of a device, ``age`` seconds.

    2005 allows 9999 parts; no device in the field was seen to send more than a few.
    """

    parts: int = 100
    messages: int = 16
    size: int = 1 << 20
    age: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """One message of one or several parts.

    ``message``: what all parts say together, as if sent at once, with the header of the first part that is there.
    ``qns``: the QN of each part, by number. ``missing``: numbers of parts that did not come.
    """

    message: Message
    qns: tuple[str | None, ...] = ()
    missing: tuple[int, ...] = ()


Key = tuple[str, str, int, str, int]


@dataclass
class _Waiting:
    since: float
    parts: dict[int, Message] = field(default_factory=dict)
    size: int = 0


@dataclass
class _Device:
    waiting: OrderedDict[Key, _Waiting] = field(default_factory=OrderedDict)
    # messages given out whole, so that a part sent again does not open its message anew
    done: OrderedDict[Key, float] = field(default_factory=OrderedDict)


class Reassembly:
    """The open messages of all devices of a gateway or a file."""

    def __init__(self, window: Window | None = None) -> None:
        self._window = window or Window()
        self._devices: dict[str, _Device] = {}

    def take(self, message: Message, *, now: float) -> list[Assembled]:
        """Return what this message completes (itself if it has no parts), and what had to make room for it.

        ``now`` in seconds, of any clock that does not run backwards. A part that came before is not counted again.
        """
        key = part_key(message)
        if key is None or key[-1] > self._window.parts:
            return [Assembled(message=message)]
        device = self._devices.setdefault(key[0], _Device())
        if key in device.done:
            device.done[key] = now
            return []
        return self._add(device, key, message, now)

    def expire(self, *, now: float) -> list[Assembled]:
        """Return what waited longer than the window allows, incomplete as it is."""
        out: list[Assembled] = []
        for mn, device in list(self._devices.items()):
            for key, waiting in list(device.waiting.items()):
                if now - waiting.since > self._window.age:
                    out.append(_together(key, device.waiting.pop(key)))
            for key, since in list(device.done.items()):
                if now - since > self._window.age:
                    del device.done[key]
            if not device.waiting and not device.done:
                del self._devices[mn]
        return out

    def finish(self) -> list[Assembled]:
        """Return all that still waits."""
        devices, self._devices = self._devices, {}
        return [_together(key, waiting) for device in devices.values() for key, waiting in device.waiting.items()]

    def _add(self, device: _Device, key: Key, message: Message, now: float) -> list[Assembled]:
        waiting = device.waiting.setdefault(key, _Waiting(since=now))
        pno = message.head.pno
        assert pno is not None
        if pno not in waiting.parts:
            waiting.parts[pno] = message
            waiting.size += len(write_message(message))
        if len(waiting.parts) == key[-1]:
            del device.waiting[key]
            device.done[key] = now
            while len(device.done) > self._window.messages:
                device.done.popitem(last=False)
            return [_together(key, waiting)]
        return self._make_room(device)

    def _make_room(self, device: _Device) -> list[Assembled]:
        out = []
        while len(device.waiting) > self._window.messages or self._size(device) > self._window.size:
            out.append(_together(*device.waiting.popitem(last=False)))
        return out

    def _size(self, device: _Device) -> int:
        return sum(waiting.size for waiting in device.waiting.values())


def part_key(message: Message) -> Key | None:
    """Return what the parts of one message have in common; None for a message of one part.

    PNUM decides, not bit D of the Flag: senders are met that set one without the other.
    """
    head = message.head
    if head.pnum is None or head.pno is None or not 1 <= head.pno <= head.pnum or head.pnum < 2:
        return None
    moment = contents(message).cp.get("DataTime") or head.qn or ""
    return head.mn or "", head.st or "", head.cn, moment, head.pnum


def _together(key: Key, waiting: _Waiting) -> Assembled:
    numbers = sorted(waiting.parts)
    parts = [waiting.parts[number] for number in numbers]
    first = parts[0].head
    flag = None if first.flag is None else first.flag & ~PARTED
    head = replace(first, flag=flag, pnum=None, pno=None)
    return Assembled(
        message=typed(head, _merged([contents(part) for part in parts])),
        qns=tuple(part.head.qn for part in parts),
        missing=tuple(number for number in range(1, key[-1] + 1) if number not in waiting.parts),
    )


def _merged(areas: list[Contents]) -> Contents:
    """Join data areas: equal pairs once, different texts of one name behind a comma, in the order of the parts."""
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for area in areas:
        for name, value in area.cp.items():
            cp[name] = value if name not in cp or cp[name] == value else f"{cp[name]},{value}"
        for code, tags in area.factors.items():
            _merge_tags(factors.setdefault(code, {}), tags)
    return Contents(cp=cp, factors=factors)


def _merge_tags(home: dict[str, str], tags: Mapping[str, str]) -> None:
    for tag, value in tags.items():
        # a log goes on in the next part; a number said twice keeps its first value
        goes_on = tag == "Info" and tag in home and home[tag] != value
        home[tag] = f"{home[tag]},{value}" if goes_on else home.get(tag, value)
