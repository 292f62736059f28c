"""The streams of the log, as data. What a stream carries and how long is decided here and nowhere else.

| stream      | subject                        | carries                                                       |
|-------------|--------------------------------|---------------------------------------------------------------|
| PACKETS     | ``packets.<partition>``        | accepted packets in batches (`bus.batches`), raw bytes        |
|             | ``packets.replayed``           | dead letters read again, as such batches                      |
| DEADLETTERS | ``deadletters.<reason>``       | packets that were refused, JSON with the reason and raw bytes |
| PLANS       | ``plans.<number>``             | plan snapshots, zlib-compressed JSON, kept for ever           |
| FINDINGS    | ``findings.<detector>.<event>``| what the judge found, JSON                                    |
| CLUES       | ``clues.<detector>``           | suspicions too light for an alarm, JSON, how each stands      |
| DEVICES     | ``devices.<partition>``        | when each device was last heard, JSON, absolute values        |
| SESSIONS    | ``sessions.<partition>``       | how devices stand with the gateway, JSON, absolute values     |
| COMMANDS    | ``commands.<partition>``       | commands to devices that have not ended (`bus.commands`)      |
| ANSWERS     | ``answers.<state>``            | each state a command took (`bus.answers`)                     |
| RELAYS      | ``relays.<target>``            | how far the relay is with each target (`bus.relays`)          |
| RELAYED     | ``relayed.<target>``           | what a target refused, and what it commanded (`bus.relays`)   |
| MARKS       | ``marks.<outlet>``             | the marks of an outlet that stand, JSON, every revision       |

PACKETS refuses new messages when full (the gateway then stops acknowledging): an acknowledged packet is never
pushed out. Its beginning is cut by the judge, which alone knows what the lake already holds. COMMANDS refuses when full
too; the gateway takes off it each command that has ended.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class StreamSpec:
    """A JetStream stream: limits in bytes and seconds; ``discard`` is what a full stream does."""

    name: str
    subjects: tuple[str, ...]
    max_bytes: int
    max_age: float = 0.0
    discard: str = "old"
    max_per_subject: int = -1
    duplicate_window: float = 120.0


PACKETS = StreamSpec(name="PACKETS", subjects=("packets.*",), max_bytes=16 * 1024 * MEBIBYTE, discard="new")
REPLAYED = "packets.replayed"
"""Dead letters that were read again and are acceptable now: a subject of its own, so that each is sent once."""

DEADLETTERS = StreamSpec(name="DEADLETTERS", subjects=("deadletters.*",), max_bytes=1024 * MEBIBYTE, max_age=90 * DAY)
PLANS = StreamSpec(name="PLANS", subjects=("plans.*",), max_bytes=1024 * MEBIBYTE, max_per_subject=1)
FINDINGS = StreamSpec(name="FINDINGS", subjects=("findings.*.*",), max_bytes=1024 * MEBIBYTE, max_age=400 * DAY)
CLUES = StreamSpec(name="CLUES", subjects=("clues.*",), max_bytes=512 * MEBIBYTE, max_age=90 * DAY)
DEVICES = StreamSpec(name="DEVICES", subjects=("devices.*",), max_bytes=64 * MEBIBYTE, max_age=3600.0)
SESSIONS = StreamSpec(name="SESSIONS", subjects=("sessions.*",), max_bytes=64 * MEBIBYTE, max_age=3600.0)
COMMANDS = StreamSpec(
    name="COMMANDS", subjects=("commands.*",), max_bytes=256 * MEBIBYTE, discard="new", duplicate_window=3600.0
)
ANSWERS = StreamSpec(name="ANSWERS", subjects=("answers.*",), max_bytes=1024 * MEBIBYTE, max_age=90 * DAY)
RELAYS = StreamSpec(name="RELAYS", subjects=("relays.*",), max_bytes=64 * MEBIBYTE, max_age=3600.0)
RELAYED = StreamSpec(name="RELAYED", subjects=("relayed.*",), max_bytes=256 * MEBIBYTE, max_age=90 * DAY)

MARKS = StreamSpec(name="MARKS", subjects=("marks.*",), max_bytes=1024 * MEBIBYTE)

STREAMS = (PACKETS, DEADLETTERS, PLANS, FINDINGS, CLUES, DEVICES, SESSIONS, COMMANDS, ANSWERS, RELAYS, RELAYED, MARKS)


def partition_of(mn: str, partitions: int = 1) -> int:
    """Return the partition of a device: it hangs on the MN alone, so it stays from plan to plan."""
    return zlib.crc32(mn.encode()) % partitions


def packets_subject(partition: int) -> str:
    return f"packets.{partition}"


def deadletter_subject(reason: str) -> str:
    return f"deadletters.{reason}"


def plan_subject(number: int) -> str:
    return f"plans.{number}"


def finding_subject(detector: str, event: str) -> str:
    return f"findings.{detector}.{event}"


def clue_subject(detector: str) -> str:
    return f"clues.{detector}"


def devices_subject(partition: int) -> str:
    return f"devices.{partition}"


def sessions_subject(partition: int) -> str:
    return f"sessions.{partition}"


def command_subject(partition: int) -> str:
    return f"commands.{partition}"


def answer_subject(state: str) -> str:
    return f"answers.{state}"


def relays_subject(target: str) -> str:
    return f"relays.{target}"


def relayed_subject(target: str) -> str:
    return f"relayed.{target}"


def marks_subject(outlet: str) -> str:
    return f"marks.{outlet}"
