"""What follows from an act outside the matter: written with it as rows, carried out after it, each exactly once.

Carrying out and the mark that it is done are one transaction, so that a crash at any instant leaves an effect either
wholly done or waiting; the worker takes what waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import DatabaseError, transaction

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.office.alerts.api import NoticeKind
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import events, kinds, telling
from qingtian.office.matters.models import MatterCount, MatterEffect, MatterPaper
from qingtian.office.matters.writing import Work

log = logging.getLogger(__name__)

WORKER = ledger.System("worker")
AT_ONCE = 500


def carry_out_soon(works: Sequence[Work], *, at: datetime) -> None:
    """Carry out the effects of these acts when the transaction has committed; what fails waits for the worker."""
    keys = [work.matter.pk for work in works if any(each.kind in CARRIED_OUT for each in work.outcome.effects)]
    if keys:
        transaction.on_commit(lambda: _try(keys, at))


def _try(keys: Sequence[int], at: datetime) -> None:
    try:
        carry_out(at=at, matters=keys)
    except (QingtianError, DatabaseError):
        log.exception("an effect waits for the worker")


def carry_out(*, at: datetime, matters: Sequence[int] | None = None) -> int:
    """Carry out the effects that wait, oldest first; return how many. Run it again: nothing is done twice."""
    rows = MatterEffect.objects.filter(done_at=None)
    if matters is not None:
        rows = rows.filter(matter__in=matters)
    waiting = list(rows.order_by("at", "matter_id", "revision", "id").values_list("pk", flat=True)[:AT_ONCE])
    return sum(carry_out_one(key, at=at) for key in waiting)


def carry_out_one(key: str, *, at: datetime) -> bool:
    """Carry out one effect unless it is done, or another process is at it."""
    with transaction.atomic():
        rows = MatterEffect.objects.select_for_update(of=("self",), skip_locked=True).select_related("matter")
        effect = rows.filter(pk=key, done_at=None).first()
        if effect is None:
            return False
        CARRIED_OUT[effect.kind](effect, at)
        effect.done_at = at
        effect.save(update_fields=["done_at"])
    return True


def _publish(effect: MatterEffect, at: datetime) -> None:
    """Publish the newest version of a paper (公示)."""
    paper = _newest(effect)
    if paper is not None:
        paper.published_at, paper.withdrawn_at = at, None
        paper.save(update_fields=["published_at", "withdrawn_at"])
        _record(effect, "published", paper, at)


def _withdraw(effect: MatterEffect, at: datetime) -> None:
    """Withdraw every published version of a paper (撤回公示)."""
    for paper in MatterPaper.objects.filter(
        matter=effect.matter, name=effect.name, published_at__isnull=False, withdrawn_at=None
    ):
        paper.withdrawn_at = at
        paper.save(update_fields=["withdrawn_at"])
        _record(effect, "withdrawn", paper, at)


def _newest(effect: MatterEffect) -> MatterPaper | None:
    return MatterPaper.objects.filter(matter=effect.matter, name=effect.name).order_by("-version").first()


def _record(effect: MatterEffect, act: str, paper: MatterPaper, at: datetime) -> None:
    content = {"effect": effect.pk, "paper": paper.name, "version": paper.version, "digest": paper.digest}
    events.record(effect.matter, acting_user=WORKER, act=act, at=at, content=content)


def _tell(effect: MatterEffect, at: datetime) -> None:
    """Tell those in a role what was done."""
    matter = effect.matter
    definition = kinds.of(matter)
    done = definition.words.of("acts", _act(effect)).zh
    people = telling.of_role(definition, effect.name, matter, at=at)
    telling.tell(people, matter, kind=NoticeKind.MATTER, subject=f"{matter.number}：{done}", at=at)


def _act(effect: MatterEffect) -> str:
    """Return the act that an effect followed from: acts are counted by revision."""
    history = effect.matter.state["history"]
    return next((str(row["act"]) for row in history[effect.revision - 1 : effect.revision]), "")


def _count(effect: MatterEffect, at: datetime) -> None:
    """Count one for a statistic of the kind, as of the act."""
    matter = effect.matter
    MatterCount.objects.get_or_create(
        effect=effect,
        defaults={
            "matter": matter,
            "code": matter.code,
            "statistic": effect.name,
            "district_id": matter.district_id,
            "at": effect.at,
        },
    )


def _offer(effect: MatterEffect, at: datetime) -> None:
    """Offer to those who may open the other kind that it be opened: no program opens a case."""
    definition = kinds.on(effect.name, day=at.astimezone(BEIJING).date())
    people = telling.holding(kinds.opening_posts(definition), effect.matter, at=at)
    subject = f"{effect.matter.number}：待开启{definition.manifest.words.zh}"
    telling.tell(people, effect.matter, kind=NoticeKind.MATTER, subject=subject, at=at)


CARRIED_OUT: Mapping[str, Callable[[MatterEffect, datetime], None]] = {
    "publish": _publish,
    "withdraw": _withdraw,
    "tell": _tell,
    "count": _count,
    "open": _offer,
}
