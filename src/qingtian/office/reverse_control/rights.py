"""Who may send which command to which device: role, scope, medium, edition (rules/reverse_control.yaml)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from qingtian.base.errors import QingtianError, Term
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.reverse_control.catalogue import Requestable, command_name, requestable
from qingtian.office.sites.api import Device, NotFoundHere, factors

WATCHERS = frozenset({Role.DUTY_DESK, Role.OFFICER, Role.LEADER, Role.ADMINISTRATOR})
"""Who may see commands at all; neither firms nor those who judge others' work."""


class CommandUnsuited(QingtianError):
    code = "reverse_control.command_unsuited"
    zh = "命令“{command}”不适用于设备 {mn}（{why}）。命令没有下发，请选择列出的命令。"
    en = "The command {command} does not suit device {mn} ({why}). Nothing was sent; choose one of those listed."


class DeviceOff(QingtianError):
    code = "reverse_control.device_off"
    zh = "设备 {mn} 已停用，不能下发命令。如已恢复使用，请先在登记中启用。"
    en = "Device {mn} is switched off in the register, so nothing is sent to it. Switch it on there first."


def may_watch(user: User) -> bool:
    """Say whether this person sees commands at all (of the own scope)."""
    return user.is_active and user.role in WATCHERS


def edition_of(device: Device) -> str | None:
    """Return the edition a device speaks: as registered, else as the gateway heard; None while neither knows."""
    session = getattr(device, "session", None)
    return device.edition or (session.edition if session else "") or None


def offered(user: User, device: Device, *, at: datetime) -> list[Requestable]:
    """Return the commands this person may send to this device, in the order of the rule file. No query of its own."""
    if not may_watch(user) or not device.active:
        return []
    medium, edition = device.outlet.medium, edition_of(device)
    return [
        each
        for each in requestable(at=at).values()
        if user.role in each.roles and each.suits(medium=medium, edition=edition)
    ]


def device_in_scope(user: User, mn: str) -> Device:
    """Return a device with its outlet.

    :raises NotFoundHere: if there is none that this person may see (the same answer for both cases).
    """
    found = _in_scope(user).filter(pk=mn).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="设备", en="device"), code=mn)
    return found


def devices_of(user: User, outlet: str) -> list[Device]:
    """Return the devices of an outlet that this person may see commands of, with what a form needs. One query."""
    return list(_in_scope(user).filter(outlet_id=outlet).order_by("mn"))


def _in_scope(user: User) -> QuerySet[Device]:
    if not may_watch(user):
        return Device.objects.none()
    return Device.objects.select_related("outlet", "status", "session").filter(Scope.of(user).q("outlet__"))


def require(user: User, device: Device, cn: int, *, at: datetime) -> Requestable:
    """Return the command if this person may send it to this device.

    :raises NotYours, DeviceOff, CommandUnsuited:
    """
    wanted = requestable(at=at).get(cn)
    if wanted is None:
        raise _unsuited(cn, device, "平台不下发该命令", "the platform does not send it")
    if user.role not in wanted.roles or not user.is_active:
        raise NotYours(role=user.role_term, act=Term(zh=f"下发“{wanted.zh}”", en=f"send “{wanted.en}”"))
    if not device.active:
        raise DeviceOff(mn=device.pk)
    if not wanted.suits(medium=device.outlet.medium, edition=edition_of(device)):
        raise _unsuited(cn, device, "监测类型或标准版本不符", "its medium or its edition of the standard does not fit")
    return wanted


def _unsuited(cn: int, device: Device, zh: str, en: str) -> CommandUnsuited:
    named = Term(zh=command_name(cn), en=command_name(cn, "en"))
    return CommandUnsuited(command=named, mn=device.pk, why=Term(zh=zh, en=en))


def factor_codes(device: Device) -> set[str]:
    """Return the factor codes a command may name: those of the table, and whatever this device sends."""
    status = getattr(device, "status", None)
    return set(factors()) | (set(status.values) if status else set())
