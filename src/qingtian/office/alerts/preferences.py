"""How a person wants to be told: quiet hours (免打扰) of their own."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.alerts.models import QuietHours
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import User


class QuietHoursRefused(QingtianError):
    code = "alerts.quiet_hours_refused"
    zh = "免打扰的起止时间相同，等于全天不通知，不能这样设置。请改为不同的时间，或清空以取消免打扰。"
    en = (
        "Quiet hours that begin and end at the same time would be the whole day. "
        "Choose different times, or leave both empty to have none."
    )


def set_quiet_hours(*, acting_user: User, begins: time | None, ends: time | None, at: datetime) -> QuietHours | None:
    """Set one's own quiet hours; without both times there are none.

    :raises QuietHoursRefused: if they begin and end at the same time.
    """
    with transaction.atomic():
        content = {"begins": f"{begins:%H:%M}" if begins else None, "ends": f"{ends:%H:%M}" if ends else None}
        if begins is None or ends is None:
            QuietHours.objects.filter(user=acting_user).delete()
            hours = None
        elif begins == ends:
            raise QuietHoursRefused
        else:
            hours, _ = QuietHours.objects.update_or_create(user=acting_user, defaults={"begins": begins, "ends": ends})
        chain = f"user:{acting_user.pk}"
        ledger.append(chain=chain, acting_user=acting_user, act="set_quiet_hours", at=at, content=content)
    return hours
