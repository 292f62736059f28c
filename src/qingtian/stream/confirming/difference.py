"""What leads from what was said to what is found now: opened, worsened, closed; nothing is erased. Pure.

A finding is *closed* as ``recovered`` when what it tells of has ended (a flat line that moves again, an exceedance
behind which a valid window is within the limit); it still was so. It is closed as ``superseded`` when late, resent or
corrected data, a mark or a plan leave nothing of it; the reason is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.stream.confirming import words
from qingtian.stream.confirming.ground import Ground
from qingtian.stream.confirming.judgement import OF_AN_EVENT
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.finding import LEVEL as CONFIRMED

Message = dict[str, Any]

OPENED, WORSENED, CONTINUED, CLOSED = "opened", "worsened", "continued", "closed"
TOLD = frozenset({OPENED, WORSENED, CLOSED})
"""The events that go onto the log; ``continued`` only brings what the lake keeps up to date."""

NOT_SAID = frozenset({"id", "event", "plan", "received", "received_us", "revision", "running", "evidence"})
"""What of a message may be another without its saying anything else."""


class State(StrEnum):
    """How a finding stands after its last event."""

    RUNNING = "running"
    RECOVERED = "recovered"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Said:
    """The last event of a finding: its ``message``, its ``number`` among the finding's events, the state it leads to.

    ``told``: it is or was more than a clue, so that its events go onto the log; the lake keeps clues too.
    """

    message: Message
    number: int
    state: State
    told: bool

    @property
    def stands(self) -> bool:
        return self.state is not State.SUPERSEDED

    @property
    def for_the_log(self) -> bool:
        return self.told and self.message["event"] in TOLD

    @property
    def clue(self) -> Message | None:
        """What is told of a suspicion too light for an alarm: how it stands; nobody is to be alarmed."""
        return None if self.told else {**self.message, "number": self.number, "state": self.state.value}


def difference(said: Sequence[Said], now: Sequence[Message], *, ground: Ground, windows: pl.DataFrame) -> list[Said]:
    """Return the events that lead from ``said`` to ``now``: closings of what does not hold, then all by time.

    ``said``: the last event of every finding of exactly the stretch that was judged anew; ``now``: what is found
    there; ``windows``: those that were judged (with ``revision``), for why an exceedance no longer holds.
    """
    before = {str(one.message["finding"]): one for one in said}
    found = {str(one["finding"]) for one in now}
    gone = [one for name, one in before.items() if one.stands and name not in found]
    events = [_event(one, _superseded(one.message, now, ground, windows), CLOSED, State.SUPERSEDED) for one in gone]
    steps = [step for message in now for step in _steps(before.get(str(message["finding"])), message)]
    # two hours over that end together open before either ends: one alert, that is not told of twice
    return events + sorted(steps, key=_moment)


def _moment(event: Said) -> str:
    """Return when it happened; the instants of Beijing compare as texts do."""
    return str(event.message["end"] if event.message["event"] == CLOSED else event.message["since"])


def _steps(said: Said | None, message: Message) -> Iterator[Said]:
    """Yield what is to be said of a finding that holds: at most that it is there, and that it has ended.

    An end that later data move is told again, as ``corrected``.
    """
    runs = message.get("running", True)
    if said is None or not said.stands or (runs and said.state is State.RECOVERED):
        said = _event(said, message, OPENED, State.RUNNING)
        yield said
    ends = not runs and (said.state is not State.RECOVERED or said.message["end"] != message["end"])
    if not same(said.message, message):
        onward = _onward(said, message)
        # what does nothing but end is told by its end
        if onward != CONTINUED or not ends:
            said = _event(said, message, onward, said.state)
            yield said
    if ends:
        again = {"corrected": True} if said.state is State.RECOVERED else {}
        yield _event(said, _ended(message) | again, CLOSED, State.RECOVERED)


def _ended(message: Message) -> Message:
    """Return what is told of a finding that has ended, which nobody knew before its end."""
    known = max(int(message["received_us"]), times.to_microseconds(datetime.fromisoformat(message["end"])))
    return {
        **message,
        "reason": State.RECOVERED.value,
        "superseded_by": None,
        "received": times.from_microseconds(known).isoformat(),
        "received_us": known,
    }


def _onward(said: Said, message: Message) -> str:
    """Return the event of a finding that goes on: a clue that became more is opened, to all who read the log."""
    if message["band"] > 0 and not said.told:
        return OPENED
    return WORSENED if said.state is State.RUNNING and message["band"] > said.message["band"] else CONTINUED


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two messages say the same of a finding."""
    names = (one.keys() | other.keys()) - NOT_SAID - OF_AN_EVENT
    sentences = [[each["evidence"][language] for language in ("zh", "en")] for each in (one, other)]
    return all(one.get(name) == other.get(name) for name in names) and sentences[0] == sentences[1]


def _event(before: Said | None, message: Message, event: str, state: State) -> Said:
    number = (before.number if before else 0) + 1
    identity = deterministic(message["finding"], event, number)
    told = (before is not None and before.told) or message["band"] > 0
    return Said(message={**message, "id": identity, "event": event}, number=number, state=state, told=told)


def _superseded(message: Message, now: Sequence[Message], ground: Ground, windows: pl.DataFrame) -> Message:
    if message["level"] == CONFIRMED:
        return periods.superseded(message, now, windows=windows, plan=ground.plan.number) | {"running": False}
    by = next((one for one in now if _same_matter(one, message)), None)
    told = {language: words.superseded(message, by, language) for language in ("zh", "en")}
    return {
        **message,
        "reason": State.SUPERSEDED.value,
        "superseded_by": by["finding"] if by else None,
        "running": False,
        "plan": ground.plan.number,
        "received": times.from_microseconds(ground.horizon).isoformat(),
        "received_us": ground.horizon,
        "evidence": {**message["evidence"], **told},
    }


def _same_matter(one: Message, other: Message) -> bool:
    """Say whether what is no exceedance tells of the same device, factor and detector at a time that touches."""
    if one["level"] == CONFIRMED:
        return False
    touches = one["since"] < other["end"] and one["end"] > other["since"]
    return touches and all(one[name] == other[name] for name in ("detector", "outlet", "mn", "factor"))
