"""Erase personal facts of a matter (删除个人信息) wherever it keeps them: ledger, state, history, words for search.

The papers of the file stay as they are: what was served is kept for the archive term of its kind (档案保管期限).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.law.machine import record
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import events, kinds, tables, writing
from qingtian.office.matters.models import Matter
from qingtian.office.matters.tables import Rows
from qingtian.office.people import api as people
from qingtian.office.people.api import User

PREFIX = events.chain(0).removesuffix("0")
MOST_DIGITS = 18
"""Of a key that the database can hold."""


class StillNeeded(QingtianError):
    code = "matters.facts_still_needed"
    zh = "{number} 仍在办理，所填个人信息为办理所需，未作删除（《个人信息保护法》第四十七条）。请在事项终结后再删除。"
    en = (
        "{number} is still under way and needs the personal facts, so nothing was erased "
        "(Personal Information Protection Law, article 47). Erase them when it has ended."
    )


def chain_of(user: User, number: str) -> str:
    """Return the chain of the matter with this number, for who may erase; empty if there is none. One query.

    :raises NotYours: if it is not the administrator.
    """
    people.require_eraser(user)
    found = Matter.objects.filter(number=number.strip()).values_list("pk", flat=True).first()
    return events.chain(found) if found else ""


def kind_of(user: User, chain: str) -> tuple[str, int] | None:
    """Return kind and version of the matter that a chain belongs to, for who may erase; None of others. One query.

    :raises NotYours: if it is not the administrator.
    """
    people.require_eraser(user)
    number = chain.removeprefix(PREFIX)
    if number == chain or not number.isascii() or not number.isdigit() or len(number) > MOST_DIGITS:
        return None
    found = Matter.objects.filter(pk=int(number)).values_list("code", "version").first()
    return (str(found[0]), int(found[1])) if found else None


def erase(
    *, acting_user: User, chain: str, sequence: int, reason: str, at: datetime, names: Sequence[str] = ()
) -> list[str]:
    """Erase personal fields of an entry of any chain, as `people.erase` does; of a matter also the facts themselves.

    :raises NotYours, NoReasonToErase, NothingToErase: as `people.erase` does.
    :raises StillNeeded: if the matter has not ended.
    """
    with transaction.atomic():
        erased = people.erase(
            acting_user=acting_user, chain=chain, sequence=sequence, reason=reason, at=at, names=names
        )
        if chain.startswith(PREFIX):
            _forget(int(chain.removeprefix(PREFIX)), sequence, [name.removeprefix(events.FACT) for name in erased])
    return erased


def _forget(key: int, sequence: int, names: Sequence[str]) -> None:
    """Leave the facts of one act out of the matter; who reads it afterwards finds that they are not known."""
    matter = Matter.objects.select_for_update().get(pk=key)
    if not matter.closed:
        raise StillNeeded(number=matter.number)
    entry = ledger.entry(chain=events.chain(key), sequence=sequence)
    history = matter.state["history"]
    for name in names:
        history[entry.content["revision"] - 1]["facts"].pop(name, None)
        if not any(name in done["facts"] for done in history):
            matter.state["facts"].pop(name, None)
    definition = kinds.of(matter)
    found = writing.text(matter, definition, record.read(definition, matter.state))
    tables.put(Rows(changed=[matter], texts=[found]))
