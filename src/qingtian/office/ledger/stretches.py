"""Read all entries as one snapshot, in one process or several, each its own stretch of ids."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import psycopg
from django.db import connection, transaction
from numpy.typing import NDArray

from qingtian.base import settings as base_settings
from qingtian.office.ledger import copying, scan
from qingtian.office.ledger.scan import FOREVER, Found, Stretch

WORTH_A_PROCESS = 1_000_000
"""Entries: a process takes a second or two to begin, and meanwhile half of them are read."""


@contextmanager
def snapshot() -> Iterator[None]:
    """See the ledger as it is at one instant, whatever is appended meanwhile; inside a transaction, as that sees it."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read(stretches: Sequence[Stretch], *, chain: str | None = None) -> list[Found]:
    """Scan the stretches; more than one are read by as many processes on the same snapshot."""
    if len(stretches) == 1:
        return [_scanned(connection.connection, stretches[0], chain)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
    url = base_settings.from_environment().require_database_url()
    with ProcessPoolExecutor(len(stretches) - 1, multiprocessing.get_context("spawn")) as pool:
        others = [pool.submit(_there, url, name, stretch) for stretch in stretches[1:]]
        return [_scanned(connection.connection, stretches[0], chain), *(other.result() for other in others)]


def heads(chain: str | None = None) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield the heads of all chains, or of one, as they are copied out."""
    return copying.copied(connection.connection, copying.heads(chain))


def _scanned(server: psycopg.Connection[object], stretch: Stretch, chain: str | None = None) -> Found:
    question = copying.entries(after=stretch.after, until=stretch.until, chain=chain)
    return scan.scan(copying.copied(server, question), stretch)


def _there(url: str, name: str, stretch: Stretch) -> Found:
    with psycopg.connect(url) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(name))
        found = _scanned(other, stretch)
    return replace(found, runs=found.runs.trimmed())


def cut(*, ends: Sequence[int], cuts: Sequence[int], last: int, processes: int) -> list[Stretch]:
    """Share the ids up to ``last`` among processes; a tile (``ends``: their last ids) stays in one stretch."""
    shares = max(1, min(processes, last // WORTH_A_PROCESS))
    tiled = ends[-1] if ends else 0
    bounds = [0]
    for share in range(1, shares):
        aim = last * share // shares
        bounds.append(aim if aim >= tiled else next(end for end in ends if end >= aim))
    pairs = zip(bounds, [*bounds[1:], FOREVER], strict=True)
    return [
        Stretch(
            after=after,
            until=until,
            ends=[end for end in ends if after < end <= until],
            cuts=[one for one in cuts if after < one <= until],
        )
        for after, until in pairs
    ]
