"""Erase personal fields (个人信息) of ledger entries: the administrator's act, with a reason, itself on the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.login import NotYours
from qingtian.office.people.models import Role, User


class NoReasonToErase(QingtianError):
    code = "people.no_reason_to_erase"
    zh = "没有填写删除个人信息的理由，未作改动。请写明依据，例如当事人依《个人信息保护法》第四十七条提出的申请。"
    en = "No reason was given, so nothing was erased. Say on what ground, such as a request by the person concerned."


def require_eraser(user: User) -> None:
    """:raises NotYours: if it is not the administrator, who alone may erase."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        raise NotYours(role=user.role_term, act=Term(zh="删除个人信息", en="erase personal fields"))


def erase(
    *, acting_user: User, chain: str, sequence: int, reason: str, at: datetime, names: Sequence[str] = ()
) -> list[str]:
    """Erase the personal fields of one entry (all, or those of ``names``); return their names. Its proofs still hold.

    :raises NotYours: if the acting user is no administrator.
    :raises NoReasonToErase: if the reason is empty.
    :raises NothingToErase: if the entry has none left.
    """
    require_eraser(acting_user)
    if not reason.strip():
        raise NoReasonToErase
    return ledger.erase(acting_user=acting_user, chain=chain, sequence=sequence, reason=reason, at=at, names=names)
