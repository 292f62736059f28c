"""A device's profile (设备档案): which deviations are accepted, its edition, log-in and key. An administrator's act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, User
from qingtian.office.sites.access import NotFoundHere
from qingtian.office.sites.models import Device, Edition, Login
from qingtian.office.sites.plan import publish_plan
from qingtian.stream.hj212.deviations import DEVIATIONS
from qingtian.stream.hj212.profile import verdicts_from

KEY = re.compile(r"[0-9A-Fa-f]{32}")
KEEP_KEY = "keep"


class ProfileIncomplete(QingtianError):
    code = "sites.profile_incomplete"
    zh = "设备档案没有改变：{what}。请补全后再提交。"
    en = "The device profile was not changed: {what}. Complete it and send it again."


def set_device_profile(
    *,
    acting_user: User,
    mn: str,
    profile: Mapping[str, str],
    edition: str,
    login: str,
    key: str,
    reason: str,
    at: datetime,
) -> Device:
    """Set what a device is allowed (设置设备档案), and publish the plan that says so.

    ``profile``: deviation → verdict; what is as usual is left out. ``key``: 32 hexadecimal digits, empty for none,
    or `KEEP_KEY`; it never enters the ledger.

    :raises NotYours: if the user is no administrator.
    :raises NotFoundHere: if there is no such device.
    :raises ProfileIncomplete, UnknownDeviation: if something of it is no edition, log-in, key or verdict, or there is
        no reason.
    """
    if acting_user.role != Role.ADMINISTRATOR or not acting_user.is_active:
        raise NotYours(role=acting_user.role_term, act=Term(zh="设置设备档案", en="set a device profile"))
    verdicts = {code: verdict.value for code, verdict in verdicts_from(profile).items()}
    _check(edition=edition, login=login, key=key, reason=reason)
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(pk=mn).first()
        if device is None:
            raise NotFoundHere(what=Term(zh="设备", en="device"), code=mn)
        device.profile = {code: word for code, word in verdicts.items() if word != DEVIATIONS[code].usual.value}
        device.edition, device.login = edition, login
        device.key = device.key if key == KEEP_KEY else key.upper()
        device.save(update_fields=["profile", "edition", "login", "key"])
        content = {
            "mn": mn,
            "outlet": device.outlet_id,
            "profile": device.profile,
            "edition": edition,
            "login": login,
            "has_key": bool(device.key),
            "reason": reason.strip(),
        }
        ledger.append(chain=f"device:{mn}", acting_user=acting_user, act="set_device_profile", at=at, content=content)
        publish_plan(acting_user=acting_user, at=at)
    return device


def _check(*, edition: str, login: str, key: str, reason: str) -> None:
    if edition and edition not in Edition.values:
        raise ProfileIncomplete(what=Term(zh=f"没有 {edition} 版", en=f"there is no edition {edition}"))
    if login not in Login.values:
        raise ProfileIncomplete(what=Term(zh="登录方式不在选项中", en="this way to log in is none of the choices"))
    if key and key != KEEP_KEY and KEY.fullmatch(key) is None:
        raise ProfileIncomplete(what=Term(zh="密钥应为 32 位十六进制", en="the key must have 32 hexadecimal digits"))
    if not reason.strip():
        raise ProfileIncomplete(what=Term(zh="没有填写理由", en="there is no reason"))
