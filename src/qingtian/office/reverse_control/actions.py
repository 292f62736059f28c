"""Command a device (反控): rights, items, reason, one row, one ledger entry; the outbox puts it on the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from qingtian.base.errors import Term
from qingtian.base.identifiers import deterministic
from qingtian.base.times import parse_stamp, stamp_milliseconds
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import User
from qingtian.office.reverse_control import events, rights
from qingtian.office.reverse_control.catalogue import Requestable
from qingtian.office.reverse_control.models import OURS, DeviceCommand, Origin, State
from qingtian.office.reverse_control.parameters import CommandIncomplete, items_of
from qingtian.office.sites.api import Device

MILLISECOND = timedelta(milliseconds=1)


class ReasonMissing(CommandIncomplete):
    code = "reverse_control.reason_missing"
    zh = "“{command}”会改变现场监测，请填写理由后再下发。"
    en = "{command}: this changes what is monitored on site; give a reason, then send it."


@dataclass(frozen=True, kw_only=True)
class Sender:
    """In whose name a command goes out."""

    actor: ledger.Actor
    origin: Origin
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A command that may go out: nothing is wrong with it, and nothing was done yet."""

    device: Device
    wanted: Requestable
    items: list[dict[str, str]]
    reason: str


def check_command(
    *, acting_user: User, mn: str, cn: int, given: Mapping[str, str], reason: str = "", at: datetime
) -> Checked:
    """Say what would be sent, with what the form gave by `Field.form`; writes nothing.

    :raises NotFoundHere, NotYours, DeviceOff, CommandUnsuited: who, to what.
    :raises ParameterMissing, ParameterWrong, ParameterUnknown, SpanTurned, ReasonMissing: with what.
    """
    device = rights.device_in_scope(acting_user, mn)
    wanted = rights.require(acting_user, device, cn, at=at)
    items = items_of(wanted.fields, given, factors=rights.factor_codes(device))
    if wanted.needs_reason and not reason.strip():
        raise ReasonMissing(command=Term(zh=wanted.zh, en=wanted.en))
    return Checked(device=device, wanted=wanted, items=items, reason=reason.strip())


def command_device(
    *, acting_user: User, mn: str, cn: int, given: Mapping[str, str], reason: str = "", at: datetime
) -> DeviceCommand:
    """Send command ``cn`` to device ``mn`` (下发反控命令); arguments and refusals as in `check_command`.

    It is queued for the log here; the dispatcher puts it there within a second or two, and the gateway tells what
    becomes of it.
    """
    found = check_command(acting_user=acting_user, mn=mn, cn=cn, given=given, reason=reason, at=at)
    sender = Sender(actor=acting_user, origin=Origin.PERSON, reason=found.reason)
    with transaction.atomic():
        return send(found.device, found.wanted, found.items, sender=sender, at=at)


def send(
    device: Device, wanted: Requestable, items: Sequence[Mapping[str, str]], *, sender: Sender, at: datetime
) -> DeviceCommand:
    """Queue a command that was checked. Inside the caller's transaction."""
    user = sender.actor if isinstance(sender.actor, User) else None
    qn = _next_qn(device.pk, at)
    command = DeviceCommand.objects.create(
        id=deterministic("command", device.pk, qn),
        device=device,
        outlet=device.outlet,
        cn=wanted.cn,
        qn=qn,
        parameters=list(items),
        reason=sender.reason,
        origin=sender.origin,
        acting_user=user,
        actor=sender.actor.username,
        actor_name=sender.actor.name,
        role=user.role if user else "",
        created=at,
        expires=at + timedelta(seconds=wanted.expires_s),
        answer_s=wanted.answer_s,
        execute_s=wanted.execute_s,
        retries=wanted.retries,
        state=State.QUEUED,
        state_at=at,
    )
    content = {"parameters": list(items), "reason": sender.reason, "role": command.role, "expires": command.expires}
    events.record(command, acting_user=sender.actor, act="command_device", at=at, content=content)
    return command


def _next_qn(mn: str, at: datetime) -> str:
    """Return the QN of ``at``, bumped until it is later than the device's last (HJ 212-2017 6.3.1)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 212))", [mn])
    ours = DeviceCommand.objects.filter(device_id=mn, origin__in=OURS)
    last = ours.order_by("-qn").values_list("qn", flat=True).first()
    wished = stamp_milliseconds(at)
    return wished if last is None or wished > last else stamp_milliseconds(parse_stamp(last) + MILLISECOND)
