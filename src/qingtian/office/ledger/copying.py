"""Read tables as PostgreSQL copies them out (``COPY … TO STDOUT (FORMAT BINARY)``), thousands of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import pq, sql

AT_ONCE = 1024
ENTRIES = "SELECT id, chain, sequence, at, actor, actor_name, act, content, algorithm, previous, hash FROM ledger_entry"
HEADS = "SELECT name, head_sequence, head_hash FROM ledger_chain"


def entries(*, after: int, until: int, chain: str | None = None) -> sql.Composed:
    """Return the question for the entries with ``after < id <= until``, in the order of their ids."""
    which = sql.SQL(" AND chain = {}").format(sql.Literal(chain)) if chain else sql.SQL("")
    bounds = sql.SQL(" WHERE id > {} AND id <= {}{} ORDER BY id").format(sql.Literal(after), sql.Literal(until), which)
    return sql.SQL(ENTRIES) + bounds


def heads(chain: str | None = None) -> sql.Composed:
    """Return the question for the heads of all chains, or of one."""
    which = sql.SQL(" WHERE name = {}").format(sql.Literal(chain)) if chain else sql.SQL("")
    return sql.SQL(HEADS) + which


def copied(connection: psycopg.Connection[object], question: sql.Composed) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield the bytes of the copy, and how many rows they hold at most; the first begins with the header.

    In the transaction of the connection, which must be under way. By libpq itself: psycopg's own loop takes longer for
    a row than all that is done with it.
    """
    server = connection.pgconn
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(question).as_bytes(connection)
    _expect(server.exec_(statement), pq.ExecStatus.COPY_OUT, server)
    left = True
    while left:
        # the rows' own views are let go at once: thousands of them would call the garbage collector again and again
        page, count = bytearray(), 0
        while left and count < AT_ONCE:
            size, row = server.get_copy_data(0)
            left = size > 0
            if left:
                page += row
                count += 1
        if count:
            raw = np.frombuffer(page, np.uint8)
            raw.flags.writeable = False
            yield raw, count
    while (result := server.get_result()) is not None:
        _expect(result, pq.ExecStatus.COMMAND_OK, server)


def _expect(result: pq.abc.PGresult, status: pq.ExecStatus, server: pq.abc.PGconn) -> None:
    if result.status != status:
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
