"""Acts on targets: make, change, pause, resume. Each is a ledger entry and a new plan, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import User
from qingtian.office.relays import access, wishes
from qingtian.office.relays.models import RelayDevice, RelayTarget
from qingtian.office.relays.plan import plan_relays
from qingtian.office.relays.wishes import Wish
from qingtian.office.sites import api as sites


def chain(code: str) -> str:
    """Return the ledger's chain of a target."""
    return f"relay:{code}"


def add_target(*, acting_user: User, code: str, form: Mapping[str, str], at: datetime) -> RelayTarget:
    """Make a target (新增转发目标). It begins with the packets that come from now on.

    :raises NotYours: if the person may not.
    :raises WishRefused: with what is wrong, by field.
    """
    access.require_editor(acting_user)
    problem: dict[str, Any] = {}
    if not wishes.CODE.fullmatch(code) or code == "new":
        problem["code"] = wishes.CodeWrong(given=code)
    elif RelayTarget.objects.filter(pk=code).exists():
        problem["code"] = wishes.CodeTaken(given=code)
    try:
        wish = wishes.read(form)
    except wishes.WishRefused as refused:
        raise wishes.WishRefused(problem | refused.problems) from refused
    if problem:
        raise wishes.WishRefused(problem)
    with transaction.atomic():
        target = RelayTarget(code=code, made_at=at)
        _put(target, wish, at)
        _publish(target, "add_relay_target", acting_user, at, _content(target, wish))
    return target


def change_target(*, acting_user: User, code: str, form: Mapping[str, str], at: datetime) -> RelayTarget:
    """Change a target (修改转发目标); its position stays.

    :raises NotYours, NotFoundHere: who, what.
    :raises WishRefused: with what is wrong, by field.
    """
    access.require_editor(acting_user)
    target = access.target(acting_user, code)
    wish = wishes.read(form, known={one.device_id: one.pw for one in target.devices.all()})
    with transaction.atomic():
        RelayDevice.objects.filter(target=target).delete()
        _put(target, wish, at)
        _publish(target, "change_relay_target", acting_user, at, _content(target, wish))
    return target


def pause_target(*, acting_user: User, code: str, at: datetime) -> None:
    """Stop sending to a target (暂停转发); what it misses is kept and sent when it is resumed."""
    _turn(acting_user, code, enabled=False, act="pause_relay_target", at=at)


def resume_target(*, acting_user: User, code: str, at: datetime) -> None:
    """Go on where the target was paused (恢复转发)."""
    _turn(acting_user, code, enabled=True, act="resume_relay_target", at=at)


def _turn(acting_user: User, code: str, *, enabled: bool, act: str, at: datetime) -> None:
    access.require_editor(acting_user)
    target = access.target(acting_user, code)
    if target.enabled == enabled:
        return
    with transaction.atomic():
        target.enabled, target.changed_at = enabled, at
        target.save(update_fields=["enabled", "changed_at"])
        _publish(target, act, acting_user, at, {"enabled": enabled})


def _put(target: RelayTarget, wish: Wish, at: datetime) -> None:
    for name in ("name", "host", "port", "edition", "allow_commands", "answer_s", "retries"):
        setattr(target, name, getattr(wish, name))
    target.factors = list(wish.factors) if wish.factors is not None else None
    target.changed_at = at
    target.save()
    RelayDevice.objects.bulk_create(
        RelayDevice(target=target, device_id=one.mn, as_mn=one.as_mn, pw=one.pw) for one in wish.devices
    )


def _content(target: RelayTarget, wish: Wish) -> dict[str, Any]:
    """What the ledger keeps: all but the passwords."""
    return {
        "code": target.pk,
        "name": wish.name,
        "address": f"{wish.host}:{wish.port}",
        "edition": wish.edition or None,
        "allow_commands": wish.allow_commands,
        "factors": list(wish.factors) if wish.factors is not None else None,
        "answer_s": wish.answer_s,
        "retries": wish.retries,
        "devices": [{"mn": one.mn, "as_mn": one.as_mn} for one in wish.devices],
    }


def _publish(target: RelayTarget, act: str, acting_user: User, at: datetime, content: Mapping[str, Any]) -> None:
    ledger.append(chain=chain(target.pk), acting_user=acting_user, act=act, at=at, content=content)
    sites.publish_plan(acting_user=acting_user, at=at, relays=plan_relays())
    ledger.tell(kind="relay.changed", id=None, relay=target.pk)
