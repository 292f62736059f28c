"""Commands to devices on the log: the office asks, the gateway carries out; one JSON message of stream COMMANDS each.

The stream holds what is not finished: the gateway takes a command off it when it has ended (docs/architecture.md,
"Commands to devices"). A command stands on the stream before anything of it goes to a device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.bus.answers import OFFICE
from qingtian.bus.client import Bus
from qingtian.bus.streams import command_subject


class BrokenCommand(QingtianError):
    code = "bus.broken_command"
    zh = "日志上的反控命令无法读取（{why}），未执行。请检查写入该流的程序版本。"
    en = (
        "A command to a device on the log cannot be read ({why}); it was not carried out. "
        "Check the version of the program that writes this stream."
    )


@dataclass(frozen=True, kw_only=True)
class Command:
    """One request 反控命令 to one device.

    ``id``: 32 hex digits, of the office. ``qn``: 17 digits, unique per device. ``parameters``: the items of CP in their
    order; an item is one or several pairs that belong together, as ``{"PolId": "w01018"}`` or
    ``{"w01018-LowValue": "0", "w01018-UpValue": "50"}``; of 1012 an absent ``SystemTime`` means the time of sending.
    ``expires``: when it has not been sent by then, it is not sent any more. ``answer_s``: seconds the device may take
    for its 9011, ``retries``: how often the same frame is sent again without one, ``execute_s``: seconds between the
    9011, each part of data and the 9012 (HJ 212-2017 table 1 and §6.5). ``actor``: whose it is (`answers.OFFICE`,
    …); ``why``: what made another than the office ask, of the relay the code of the target.
    """

    id: str
    mn: str
    qn: str
    cn: int
    parameters: Sequence[Mapping[str, str]] = ()
    created: datetime
    expires: datetime
    answer_s: float
    execute_s: float
    retries: int
    actor: str = OFFICE
    why: str | None = None

    def message(self) -> bytes:
        """Return the JSON of the stream COMMANDS."""
        return orjson.dumps({**vars(self), "created": self.created.isoformat(), "expires": self.expires.isoformat()})


def read(message: bytes) -> Command:
    """Read a message.

    :raises BrokenCommand: if a field is missing or is not what it must be.
    """
    try:
        found: dict[str, Any] = orjson.loads(message)
        return Command(
            id=str(found["id"]),
            mn=str(found["mn"]),
            qn=_stamp(str(found["qn"])),
            cn=int(found["cn"]),
            parameters=tuple(_item(each) for each in found["parameters"]),
            created=_moment(found["created"]),
            expires=_moment(found["expires"]),
            answer_s=float(found["answer_s"]),
            execute_s=float(found["execute_s"]),
            retries=int(found["retries"]),
            actor=str(found.get("actor", OFFICE)),
            why=found.get("why"),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenCommand(why=f"{type(error).__name__}: {error}") from error


def _stamp(qn: str) -> str:
    times.parse_stamp(qn)
    return qn


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment


def _item(item: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in item.items()}


async def publish(bus: Bus, command: Command, *, partition: int = 0) -> None:
    """Put ``command`` on the log; published again (same id, within two minutes) it stands there once.

    ``partition``: that of the device, see `streams.partition_of`.
    """
    await bus.js.publish(command_subject(partition), command.message(), headers={"Nats-Msg-Id": command.id})
