"""Erase personal fields (个人信息) of entries: the clear text and its salt go, the digest in the entry stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger.actions import Actor, append
from qingtian.office.ledger.models import Personal


class NothingToErase(QingtianError):
    code = "ledger.nothing_to_erase"
    zh = "台账 {chain} 第 {sequence} 条没有可删除的个人信息，未作改动。请核对链名、序号和字段。"
    en = "Entry {sequence} of {chain} has no personal field left to erase; nothing was changed. Check chain and entry."


def erase(
    *, acting_user: Actor, chain: str, sequence: int, reason: str, at: datetime, names: Sequence[str] = ()
) -> list[str]:
    """Erase the personal fields of one entry (all, or those of ``names``) and say so in its chain; return their names.

    Who may do so is for the caller to know (`people.api.erase`).

    :raises NothingToErase: if there is none left.
    """
    with transaction.atomic():
        rows = Personal.objects.filter(entry__chain=chain, entry__sequence=sequence, erased_by=None)
        if names:
            rows = rows.filter(name__in=names)
        found = sorted(rows.select_for_update(of=("self",)).values_list("name", flat=True))
        if not found:
            raise NothingToErase(chain=chain, sequence=sequence)
        content = {"entry": sequence, "fields": found, "reason": reason.strip()}
        said = append(chain=chain, acting_user=acting_user, act="erase", at=at, content=content)
        rows.update(salt=None, value=None, erased_by=said.pk)
    return found
