"""Packets that were refused (死信): taken from the log, shown with what the reason means and what to do."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.law import rules
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User
from qingtian.office.sites.models import DeadLetter, Device

PASSWORD = re.compile(rb"PW=[^;,&\r\n]*")
UNKNOWN = ("未登记的原因", "a reason that is not registered")


def take_dead_letter(*, letter: Mapping[str, Any]) -> bool:
    """Keep one dead letter; False if it is here already. Tells ``deadletter.new``.

    :raises KeyError, ValueError: if the message is none.
    """
    row = DeadLetter(
        id=letter["id"],
        reason=letter["reason"],
        received=datetime.fromisoformat(letter["received"]),
        address=str(letter.get("address") or "")[:64],
        mn=str(letter.get("mn") or "")[:64],
        detail=str(letter.get("detail") or "")[:255],
        deviations=[str(code) for code in letter.get("deviations") or ()],
        raw=base64.b64decode(letter["raw"]),
    )
    with transaction.atomic():
        if DeadLetter.objects.filter(pk=row.pk).exists():
            return False
        row.save(force_insert=True)
        place = Device.objects.filter(mn=row.mn).values_list(
            "outlet_id", "outlet__district_id", "outlet__grid_id", "outlet__enterprise_id"
        )
        outlet, district, grid, enterprise = place.first() or (None, None, None, None)
        ledger.tell(
            kind="deadletter.new",
            id=None,
            deadletter=row.pk,
            reason=row.reason,
            outlet=outlet,
            district=district,
            grid=grid,
            enterprise=enterprise,
            received_us=letter.get("received_us"),
        )
    return True


def dead_letters(user: User, *, reason: str = "", mn: str = "", limit: int = 200) -> list[DeadLetter]:
    """Return the newest dead letters; only duty desk, leader and administrator of the whole city see them.

    Passwords PW in them are for the administrator's eyes alone.
    """
    if user.role not in (Role.DUTY_DESK, Role.LEADER, Role.ADMINISTRATOR) or not user.is_active:
        return []
    found = DeadLetter.objects.order_by("-received")
    if reason:
        found = found.filter(reason=reason)
    if mn:
        found = found.filter(mn=mn)
    rows = list(found.select_related("replay")[:limit])
    if user.role != Role.ADMINISTRATOR:
        for row in rows:
            row.raw = without_password(bytes(row.raw))
    return rows


def without_password(raw: bytes) -> bytes:
    """Return a packet with its password PW struck out."""
    return PASSWORD.sub(rb"PW=******", raw)


def reason_sentence(reason: str, language: str = "zh") -> str:
    """Return what a reason means and what to do about it (rules/dead_letters.yaml)."""
    for rule in rules.table("dead_letters"):
        if rule["reason"] == reason:
            return str(rule["zh" if language.startswith("zh") else "en"])
    return UNKNOWN[0] if language.startswith("zh") else UNKNOWN[1]
