"""What the gateway tells of a command (stream ANSWERS): taken once, kept, ledgered; commands of others are entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.base.times import parse_stamp
from qingtian.bus import answers as bus
from qingtian.bus.answers import Answer
from qingtian.office.ledger import api as ledger
from qingtian.office.reverse_control import events
from qingtian.office.reverse_control.catalogue import requestable
from qingtian.office.reverse_control.models import CommandAnswer, DeviceCommand, Origin, State
from qingtian.office.sites.api import Device

GATEWAY = ledger.System("gateway")

ORDER = (
    State.QUEUED,
    State.SENT,
    State.ACCEPTED,
    State.EXECUTING,
    State.EXPIRED,
    State.TIMED_OUT,
    State.REFUSED,
    State.DONE,
)
"""A state is never left for one before it: messages may come twice and out of order, and an answer beats silence."""

REPEATED = frozenset({"executing"})
"""Reports of progress: kept, but the ledger has the first only."""


class CommandUnknown(QingtianError):
    code = "reverse_control.command_unknown"
    zh = "网关报告了未登记的反控命令 {command}（设备 {mn}），未采用。请核对日志与数据库是否属于同一系统。"
    en = (
        "The gateway told of a command {command} (device {mn}) that the office does not know; it was not taken. "
        "Check that log and database belong to the same system."
    )


def take_answer(*, message: Mapping[str, Any], at: datetime) -> DeviceCommand | None:
    """Take one message of ANSWERS; None if it was taken before. Entries carry the time the gateway saw it.

    :raises BrokenAnswer: if it is none.
    :raises CommandUnknown: if it is about no command of ours, or a device that is not registered.
    """
    answer = bus.of(message)
    with transaction.atomic():
        command = _command(answer)
        kept, fresh = CommandAnswer.objects.get_or_create(
            id=answer.id,
            defaults={
                "command": command,
                "state": answer.state.value,
                "at": answer.at,
                "attempt": answer.attempt,
                "qn_rtn": answer.qn_rtn,
                "exe_rtn": answer.exe_rtn,
                "items": [asdict(item) for item in answer.items],
            },
        )
        if not fresh:
            return None
        news = _news(answer, command)
        _move(command, answer)
        if answer.state.value not in REPEATED or answer.number == 1:
            events.record(command, acting_user=GATEWAY, act=f"command_{kept.state}", at=answer.at, content=news)
        else:
            events.tell(command)
    return command


def _news(answer: Answer, command: DeviceCommand) -> dict[str, Any]:
    """Return what the answer says that was not known of the command before."""
    told: dict[str, Any] = {
        # the first attempt is no news
        "attempt": answer.attempt if answer.attempt > 1 else command.attempt,
        "frame": answer.frame,
        "qn_rtn": answer.qn_rtn,
        "exe_rtn": answer.exe_rtn,
        "parts": answer.parts,
        "error": dict(answer.error) if answer.error else None,
    }
    return {name: value for name, value in told.items() if value is not None and value != getattr(command, name)}


def _command(answer: Answer) -> DeviceCommand:
    """Return the row, locked; a command that is not the office's is entered by its first answer."""
    rows = DeviceCommand.objects.select_for_update(of=("self",)).select_related("outlet")
    found = rows.filter(pk=answer.command).first()
    if found is not None:
        return found
    device = Device.objects.select_related("outlet").filter(pk=answer.mn).first()
    if answer.actor == bus.OFFICE or device is None:
        raise CommandUnknown(command=answer.command, mn=answer.mn)
    return _enter(answer, device)


def _enter(answer: Answer, device: Device) -> DeviceCommand:
    actor = ledger.System(answer.actor)
    # another platform numbers its requests as it likes
    created = parse_stamp(answer.qn) if answer.actor == bus.GATEWAY else answer.at
    usual = requestable(at=answer.at).get(answer.cn)
    command = DeviceCommand.objects.create(
        id=answer.command,
        device=device,
        outlet=device.outlet,
        cn=answer.cn,
        qn=answer.qn,
        parameters=[dict(item) for item in answer.parameters],
        origin=Origin(answer.actor),
        actor=actor.username,
        actor_name=actor.name,
        created=created,
        expires=created,
        published_at=created,
        answer_s=0,
        # how long it may run is not told; our own would be given this long
        execute_s=usual.execute_s if usual else 0,
        retries=0,
        state=State.QUEUED,
        state_at=created,
        why=answer.why or "",
    )
    content = {"parameters": command.parameters, "why": command.why}
    events.record(command, acting_user=actor, act="command_device", at=created, content=content)
    return command


def _move(command: DeviceCommand, answer: Answer) -> None:
    """Bring the row to what the answer says; what an earlier answer said and this one does not is kept."""
    state = State(answer.state.value)
    if ORDER.index(state) >= ORDER.index(State(command.state)):
        command.state, command.state_at = state, answer.at
        command.error = dict(answer.error) if answer.error else None
    match state:
        case State.SENT:
            command.sent_at = min(command.sent_at or answer.at, answer.at)
        case State.ACCEPTED:
            command.accepted_at = answer.at
        case State.DONE | State.REFUSED | State.TIMED_OUT | State.EXPIRED:
            command.ended_at = answer.at
    # told of, so the log has it: an outbox that died before it marked this must not publish it again
    command.published_at = command.published_at or answer.at
    command.attempt = max(command.attempt, answer.attempt)
    command.frame = answer.frame or command.frame
    command.qn_rtn = answer.qn_rtn if answer.qn_rtn is not None else command.qn_rtn
    command.exe_rtn = answer.exe_rtn if answer.exe_rtn is not None else command.exe_rtn
    command.parts = max(command.parts, answer.parts)
    command.save()
