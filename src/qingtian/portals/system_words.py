"""What processes, streams, readers and counters are called (系统名词): plain words; the raw name stands beside them.

The raw names are those of `qingtian status`, of the heartbeats and of the log, by which an engineer looks on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.portals import words
from qingtian.portals.words import Word


@dataclass(frozen=True, kw_only=True)
class Named:
    """A thing of the system: what it is called, and what it does."""

    word: Word
    does: Word


PROCESSES = {
    "gateway": Named(word=_("Gateway"), does=_("takes the devices' packets and answers once the log has them")),
    "judge": Named(word=_("Judge"), does=_("reads packets, writes readings to the lake, finds what is over a limit")),
    "confirmer": Named(word=_("Confirmer"), does=_("closes hours and days, confirms exceedances, raises suspicions")),
    "relay": Named(word=_("Relay"), does=_("passes packets on to other platforms")),
    "dispatcher": Named(word=_("Dispatcher"), does=_("turns findings into alerts and tasks; publishes plans")),
    "worker": Named(word=_("Worker"), does=_("does the jobs of the clock: reminders, papers, housekeeping")),
    "web": Named(word=_("Web"), does=_("serves these pages and the interface for programs")),
}

STREAMS = {
    "PACKETS": Named(word=_("Packets"), does=_("packets as received; never pushed out before the lake has them")),
    "DEADLETTERS": Named(word=_("Dead letters"), does=_("packets that were refused, with the reason")),
    "PLANS": Named(word=_("Plans"), does=_("outlets, devices and limits as they stood, numbered")),
    "FINDINGS": Named(word=_("Findings"), does=_("what was found over a limit or contradictory")),
    "CLUES": Named(word=_("Clues"), does=_("suspicions too light for an alarm")),
    "DEVICES": Named(word=_("Devices heard"), does=_("when each device was last heard")),
    "SESSIONS": Named(word=_("Sessions"), does=_("how devices stand with the gateway")),
    "COMMANDS": Named(word=_("Commands"), does=_("commands to devices that have not ended")),
    "ANSWERS": Named(word=_("Answers"), does=_("each state that a command took")),
    "RELAYS": Named(word=_("Standing of the relay"), does=_("how far the relay is with each platform")),
    "RELAYED": Named(word=_("Records of the relay"), does=_("what a platform refused, and what it commanded")),
    "MARKS": Named(word=_("Marks"), does=_("the marks of each outlet that stand")),
}

COUNTERS: dict[str, Word] = {
    "connections": _("connections now"),
    "turned_away": _("connections turned away"),
    "packets": _("packets taken"),
    "replies": _("replies sent"),
    "batches": _("batches written to the log"),
    "bytes": _("bytes taken"),
    "unconfirmed": _("packets not yet confirmed by the log"),
    "abandoned": _("packets given up; the devices send them again"),
    "deadletters": _("dead letters"),
    "deadletters_lost": _("dead letters lost"),
    "lockouts": _("devices locked out"),
    "repaired": _("packets mended"),
    "plan": _("number of the plan"),
    "log_ok": _("the log takes what it is given"),
    "why": _("why not"),
    "waiting_for_plan": _("waits for the first plan"),
    "position": _("read up to number"),
    "lag": _("waiting on the log"),
    "stored": _("in the lake up to number"),
    "readings": _("readings made"),
    "duplicates": _("packets sent again"),
    "findings": _("findings"),
    "broken": _("batches that could not be read"),
    "flush_ms": _("last write to the lake"),
    "lake": _("lake"),
    "log_begins": _("log begins with number"),
    "closed_until": _("closed until"),
    "marks": _("marks"),
    "devices": _("devices"),
    "awaited": _("devices with records that wait for their day"),
    "settling": _("outlets whose data still move"),
    "days": _("days judged in the last turn"),
    "turn": _("turn"),
    "took_s": _("last turn took"),
    "targets": _("platforms"),
    "up": _("platforms connected"),
    "waiting": _("platforms waited for"),
    "acknowledged": _("packets answered by platforms"),
    "refused": _("refused"),
    "records_lost": _("records lost"),
    "plans": _("plans published"),
    "commands": _("commands given on"),
    "replayed": _("dead letters read again"),
    "set_aside": _("messages set aside: they cannot be read"),
    "restarts": _("restarts"),
    "open_pages": _("open pages that listen"),
}
"""Counters of the heartbeats, in the order in which they are shown."""

ORDER = {name: place for place, name in enumerate(COUNTERS)}
GOOD = {"log_ok"}
"""What is wrong when it does not hold."""

MOMENTS, SIZES, SPANS = {"closed_until"}, {"bytes"}, {"flush_ms": "ms", "took_s": "s"}


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One counter: its word, its raw name, its value; ``form`` says how the value is written."""

    word: Word
    raw: str
    value: object
    form: str = "plain"
    unit: str = ""


def process(name: str) -> Named:
    """Return how a process is called; one that is not known here by its raw name."""
    return PROCESSES.get(name, Named(word=name, does=""))


def stream(name: str) -> Named:
    """Return how a stream of the log is called."""
    return STREAMS.get(name, Named(word=name, does=""))


def place(name: str) -> tuple[int, str]:
    """Return where a process or stream stands among its like: as a packet goes; unknown ones last, by name."""
    known = [*PROCESSES, *STREAMS]
    return (known.index(name) if name in known else len(known), name)


def reader(name: str) -> Word:
    """Return who reads a stream: a process, or somebody who asks for a moment."""
    return PROCESSES[name.partition("-")[0]].word if name.partition("-")[0] in PROCESSES else _("a passing reader")


def counters(told: Mapping[str, object]) -> list[Counter]:
    """Return the counters of a heartbeat: what is counted by reason each for itself, without what says nothing."""
    found = [one for name, value in told.items() for one in _counted(name, value)]
    return sorted(found, key=lambda one: (ORDER.get(one.raw.partition(".")[0], len(ORDER)), one.raw))


def _counted(name: str, value: object) -> Iterator[Counter]:
    if isinstance(value, Mapping):
        for part, count in value.items():
            word = f"{COUNTERS.get(name, name)}: {words.REASONS.get(str(part), part)}"
            yield Counter(word=word, raw=f"{name}.{part}", value=count, form="count")
    elif value not in ("", None):
        form = _form(name, value)
        yield Counter(word=_word(name), raw=name, value=_read(value, form), form=form, unit=SPANS.get(name, ""))


def _word(name: str) -> Word:
    if name in STREAMS:
        return say("taken from: %(stream)s") % {"stream": STREAMS[name].word}
    return COUNTERS.get(name, name)


def _read(value: object, form: str) -> object:
    if form == "moment":
        return datetime.fromisoformat(str(value))
    return say("in order") if value == "ok" else value


def _form(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "bad" if name in GOOD else "no"
    if name in MOMENTS:
        return "moment"
    if name in SIZES:
        return "size"
    return "count" if isinstance(value, int | float) else "plain"
