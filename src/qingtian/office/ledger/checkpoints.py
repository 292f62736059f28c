"""Checkpoints (检查点): at an interval, the root over all entries so far, signed by the installation.

A chain that is deleted together with its head leaves no trace in the chains; the next proof against a checkpoint
finds it. Whoever keeps a checkpoint elsewhere can prove later that nothing before it was rewritten.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from qingtian.base.errors import QingtianError
from qingtian.office.ledger import keys, merkle, tiles, timestamps, witness
from qingtian.office.ledger.models import Checkpoint, Tile
from qingtian.office.ledger.signed_text import text

log = logging.getLogger(__name__)

LOCK = 7_107_212_001
PATIENCE = 20.0
PAUSE = 0.05


class NotSettled(QingtianError):
    code = "ledger.not_settled"
    zh = "有事务在 {seconds:.0f} 秒内仍未结束，本次不生成检查点，下次再试。若一直如此，请查找长时间未提交的数据库会话。"
    en = (
        "A transaction did not end within {seconds:.0f} s, so no checkpoint is made now; the next round tries again. "
        "If this goes on, look for a database session that does not commit."
    )


def checkpoint(*, at: datetime, pause: Callable[[float], object] = time.sleep) -> Checkpoint | None:
    """Make a checkpoint over all entries that are settled, or return None if there is nothing new.

    :raises NotSettled: if a transaction under way may still bring an entry in between.
    :raises KeyUnreadable: if the installation's key cannot be read.
    """
    signer = keys.signer()
    until = _settled(pause)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        count, rest = tiles.grow(until=until)
        size = count * tiles.WIDTH + len(rest)
        before = latest()
        if size == (before.size if before else 0):
            return None
        tree = tiles.Tree(last_id=until)
        last_id = rest[-1][0] if rest else Tile.objects.get(level=0, number=count - 1).last_id
        root = merkle.root(size=size, node=tree.node).hex()
        fields: dict[str, Any] = {"size": size, "last_id": last_id, "root": root, "at": at, "public": signer.public}
        told = text(**fields)
        # the authority may take its time: this transaction keeps nobody waiting but another maker of checkpoints
        made = Checkpoint.objects.create(**fields, signature=signer.sign(told), token=_stamp(told))
    witness.note(said(made), made.signature)
    return made


def latest() -> Checkpoint | None:
    """Return the newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def said(row: Checkpoint) -> bytes:
    """Return the bytes that a checkpoint signed."""
    return text(size=row.size, last_id=row.last_id, root=row.root, at=row.at, public=row.public)


def _stamp(said: bytes) -> bytes | None:
    try:
        return timestamps.stamp(said)
    except timestamps.StampRefused as error:
        # a checkpoint without a stamp is worth more than none
        log.warning("%s", error)
        return None


def _settled(pause: Callable[[float], object]) -> int:
    """Return an id up to which no entry can come any more.

    An id is drawn inside a transaction that has its number already (the chain's row was locked first). So when all
    transactions that were under way at the time of looking are over, every id drawn until then is there, or never.
    """
    until = int(_ask("SELECT last_value FROM ledger_entry_id_seq"))
    horizon = int(_ask("SELECT pg_current_xact_id()::text::bigint"))
    left = PATIENCE
    while int(_ask("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) < horizon:
        if left <= 0:
            raise NotSettled(seconds=PATIENCE)
        pause(PAUSE)
        left -= PAUSE
    return until


def _ask(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        (value,) = cursor.fetchone()
    return str(value)
