"""A wish of a program that may arrive twice (幂等): the same key from the same person is done once.

The key is kept in the transaction of the act itself. So of two that arrive together one waits for the other; and a
wish that was refused left nothing, and may be corrected and sent again under its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import canonical
from qingtian.office.matters.models import Matter, MatterRequest
from qingtian.office.people.api import User

LONGEST_KEY = 80
KEEP = timedelta(days=30)


class KeyUsed(QingtianError):
    code = "matters.key_used"
    zh = "幂等键 {key} 已用于另一内容的请求，本次没有办理。请为新的请求换一个键。"
    en = "The idempotency key {key} was used for another wish; nothing was done. Take a new key for a new wish."


class KeyTooLong(QingtianError):
    code = "matters.key_too_long"
    zh = "幂等键最长 {most} 个字符，本次没有办理。请换一个较短的键，例如 UUID。"
    en = "An idempotency key has at most {most} characters; nothing was done. Take a shorter one, such as a UUID."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The matter, and whether the wish had been done before (``again``); then the matter is as it stands now."""

    matter: Matter
    again: bool


def once(*, acting_user: User, key: str, wish: Mapping[str, Any], at: datetime, do: Callable[[], Matter]) -> Answer:
    """Do something unless this person has had it done under this key; without a key it is done each time.

    :raises KeyUsed: if the key stands for another ``wish``.
    :raises KeyTooLong: if it is longer than `LONGEST_KEY`.
    """
    if not key:
        return Answer(matter=do(), again=False)
    if len(key) > LONGEST_KEY:
        raise KeyTooLong(most=LONGEST_KEY)
    digest = canonical.digest(canonical.canonical(wish), algorithm=canonical.SHA256)
    with transaction.atomic():
        row, new = MatterRequest.objects.select_related("matter").get_or_create(
            user=acting_user, key=key, defaults={"digest": digest, "at": at}
        )
        if row.digest != digest:
            raise KeyUsed(key=key)
        if not new and row.matter is not None:
            return Answer(matter=row.matter, again=True)
        row.matter = do()
        row.save(update_fields=["matter"])
    return Answer(matter=row.matter, again=False)


def forget(*, at: datetime) -> int:
    """Forget keys that nobody will send again; return how many."""
    return MatterRequest.objects.filter(at__lt=at - KEEP).delete()[0]
