"""What a replay says against what was said: which findings appear, vanish or change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Message = Mapping[str, Any]

APPEARS, VANISHES, CHANGES = "appears", "vanishes", "changes"
CLOSED, SCREENED, LIVE = "closed", "screening", ("screening", "period")
FAR = "9999"
"""Behind every ISO 8601 time: what has no end yet."""


@dataclass(frozen=True, kw_only=True)
class Stands:
    """A finding as its last event left it; ``over``: screening closed it. ``end``: the DataTime of the last event."""

    message: Message
    over: bool

    @property
    def finding(self) -> str:
        return str(self.message["finding"])

    @property
    def place(self) -> tuple[Any, ...]:
        """What it is about: two findings of one place whose times touch tell of the same matter."""
        names = ("detector", "outlet", "mn", "factor", "cn", "measure", "period")
        return tuple(self.message[name] for name in names)

    @property
    def stretch(self) -> tuple[str, str]:
        """First and last DataTime; open at the end while it is not over."""
        is_live = self.message["level"] in LIVE
        last = str(self.message.get("end") or self.message["data_time"])
        return str(self.message["since"]), FAR if is_live and not self.over else last

    @property
    def says(self) -> tuple[Any, ...]:
        """What of it makes a difference."""
        limit = self.message["limit"] or {}
        bounds = tuple(limit.get(name) for name in ("lower", "upper", "standard", "period"))
        of = tuple(self.message.get(name) for name in ("peak", "band", "support", "weight", "count", "end"))
        # when a run of screening is counted depends on which event came last: only what it came to is compared
        return (*bounds, *(of[:2] if self.message["level"] in LIVE else of), self.over)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``kind``: appears, vanishes, changes. ``before``: what was said, ``after``: what the replay says."""

    kind: str
    before: Message | None
    after: Message | None

    @property
    def message(self) -> Message:
        found = self.after or self.before
        assert found is not None
        return found


def of_events(events: Iterable[Message], *, start: str, end: str) -> list[Stands]:
    """Return the findings of events in their order, of those that began from ``start`` on and arrived before ``end``.

    What was closed as superseded does not stand any more.
    """
    last: dict[str, Message] = {}
    for event in events:
        # other instants of Beijing, one form: texts compare as times do
        if event["since"] >= start and event["received"] < end:
            last[str(event["finding"])] = event
    return [
        Stands(message=event, over=event["event"] == CLOSED)
        for event in last.values()
        if event.get("reason") != "superseded"
    ]


def of_standing(messages: Iterable[Message]) -> list[Stands]:
    """Return findings of closed periods, each once."""
    return [Stands(message=one, over=False) for one in {str(one["finding"]): one for one in messages}.values()]


def compare(said: Sequence[Stands], now: Sequence[Stands]) -> list[Difference]:
    """Return what is different, by time, outlet and factor.

    A finding of another name about the same place, at a time that touches, is one that changed.
    """
    before, after = ({one.finding: one for one in each} for each in (said, now))
    found = [_changed(before[name], after[name]) for name in before.keys() & after.keys()]
    gone = [one for name, one in before.items() if name not in after]
    come = [one for name, one in after.items() if name not in before]
    found += _paired(gone, come)
    differences = [one for one in found if one is not None]
    return sorted(differences, key=lambda one: (*_order(one.message), one.kind))


def _order(message: Message) -> tuple[str, ...]:
    return tuple(str(message[name]) for name in ("since", "outlet", "mn", "factor", "detector", "finding"))


def _changed(before: Stands, after: Stands) -> Difference | None:
    if before.says == after.says:
        return None
    return Difference(kind=CHANGES, before=before.message, after=after.message)


def _paired(gone: Sequence[Stands], come: Sequence[Stands]) -> Iterator[Difference]:
    """Yield those that changed their name, then what only vanishes or only appears."""
    waiting: dict[tuple[Any, ...], list[Stands]] = {}
    for one in sorted(come, key=lambda each: _order(each.message)):
        waiting.setdefault(one.place, []).append(one)
    for one in sorted(gone, key=lambda each: _order(each.message)):
        beside = waiting.get(one.place, [])
        match = next((other for other in beside if _touch(one.stretch, other.stretch)), None)
        if match is None:
            yield Difference(kind=VANISHES, before=one.message, after=None)
        else:
            beside.remove(match)
            yield Difference(kind=CHANGES, before=one.message, after=match.message)
    for left in waiting.values():
        yield from (Difference(kind=APPEARS, before=None, after=one.message) for one in left)


def _touch(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
