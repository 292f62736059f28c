"""``bench ledger``: how many entries a second are proven, beside what this machine hashes at best."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from qingtian.base.times import BEIJING
from qingtian.entry.load import tables

SUMMARY = "entries of the ledger proven a second: chains, Merkle tree, checkpoints, personal fields"
BEGIN = datetime(2026, 1, 1, tzinfo=BEIJING)
PER_CHAIN = 10
PERSONAL_EVERY = 100
TABLE = """\
verified            {verified_per_s:>12,} entries/s   ({entries:,} in {chains:,} chains, {processes} processes)
limit               {limit_per_s:>12,} entries/s   (SHA-256 over the same bytes, {processes} processes; ratio {ratio})
checkpoint          {checkpoint_per_s:>12,} entries/s   (tiles, root, signature from nothing)
inclusion proofs    {proofs_per_s:>12,} /s          (index, path and check of one entry)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--entries", type=int, default=1_000_000, metavar="N", help="entries generated in bulk (1,000,000)"
    )
    parser.add_argument("--processes", type=int, metavar="N", help="processes that verify (one for two cores)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Generate a ledger on engines of its own, prove it, print and return the figures."""
    with tables.made() as settings:
        figures = _measure(args, settings.require_database_owner_url())
    print(TABLE.format(**figures))
    return figures


def _measure(args: argparse.Namespace, owner_url: str) -> dict[str, Any]:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger.verify import PROCESSES

    processes = args.processes or PROCESSES
    size = _generate(owner_url, args.entries)
    begun = time.perf_counter()
    ledger.checkpoint(at=BEGIN + timedelta(days=300))
    checkpoint_s = time.perf_counter() - begun
    begun = time.perf_counter()
    proof = ledger.verify(processes=processes)
    verify_s = time.perf_counter() - begun
    if not proof.holds:
        raise AssertionError(proof.broken[0].sentence("en"))
    limit = _limit(size // args.entries) * processes
    return {
        "entries": proof.entries,
        "chains": proof.chains,
        "processes": processes,
        "verify_s": round(verify_s, 2),
        "verified_per_s": round(proof.entries / verify_s),
        "limit_per_s": round(limit),
        "ratio": round(proof.entries / verify_s / limit, 2),
        "checkpoint_per_s": round(proof.entries / checkpoint_s),
        "proofs_per_s": round(_proofs(min(float(args.seconds), 3.0), args.entries)),
    }


def _generate(url: str, count: int) -> int:
    """Write the chains with COPY, as acts would have written them; return the bytes that were hashed."""
    from qingtian.entry.load import chains

    writer = chains.Writer(actor="officer", name="张三", act="accept")
    sealed: list[str] = []
    with psycopg.connect(url, autocommit=True) as owner:
        with owner.cursor().copy(f"COPY ledger_entry ({chains.COLUMNS}) FROM STDIN") as copy:
            for line in _lines(count, writer, sealed):
                copy.write(line)
        with owner.cursor().copy("COPY ledger_chain (name, head_sequence, head_hash) FROM STDIN") as copy:
            copy.write("".join(writer.head_lines()))
        with owner.cursor().copy("COPY ledger_personal (entry_id, name, salt, value) FROM STDIN") as copy:
            copy.write("".join(sealed))
        owner.execute("SELECT setval('ledger_entry_id_seq', %s)", [count])
        owner.execute("VACUUM ANALYZE ledger_entry, ledger_chain")
    return writer.bytes


def _lines(count: int, writer: Any, sealed: list[str]) -> Iterator[str]:
    """Yield entries of matters that go on side by side, ``PER_CHAIN`` acts each."""
    from qingtian.office.ledger import sealing
    from qingtian.office.ledger.canonical import canonical

    beside = max(count // PER_CHAIN // 10, 1)
    for number in range(count):
        round_, place = divmod(number, beside)
        content: dict[str, Any] = {"state": "accepted", "text": "化学需氧量超标，已到场核查", "value": number}
        if number % PERSONAL_EVERY == 0:
            fields = sealing.seal({"phone": f"138{number:08d}"})
            content[sealing.KEY] = {field.name: field.digest for field in fields}
            sealed += [f"{number + 1}\t{field.name}\t{field.salt}\t{field.value}\n" for field in fields]
        chain = f"matter:{round_ // PER_CHAIN * beside + place}"
        at = BEGIN + timedelta(seconds=number, microseconds=number)
        yield writer.line(number + 1, chain, at, canonical(content))


def _limit(size: int) -> float:
    """Return how many texts of this size one process hashes a second, with nothing else to do."""
    from qingtian.office.ledger import hashing

    some, rounds = 1_000, 200
    texts, stops = np.zeros(some * size, np.uint8), np.arange(1, some + 1) * size
    begun = time.perf_counter()
    for _ in range(rounds):
        hashing.of_pieces(texts, stops)
    return some * rounds / (time.perf_counter() - begun)


def _proofs(seconds: float, count: int) -> float:
    """Prove entries here and there until the time is over; return proofs a second."""
    from qingtian.office.ledger import merkle, tiles
    from qingtian.office.ledger.api import latest
    from qingtian.office.ledger.models import Entry

    row, done, begun = latest(), 0, time.perf_counter()
    if row is None:
        return 0.0
    while (took := time.perf_counter() - begun) < seconds:
        entry = Entry.objects.get(pk=1 + done * 7919 % count)
        tree = tiles.Tree(last_id=row.last_id)
        index = tree.index(entry.pk)
        path = merkle.inclusion(index=index, size=row.size, node=tree.node)
        leaf = tiles.leaf(entry.pk, entry.hash)
        root = bytes.fromhex(row.root)
        if not merkle.included(leaf=leaf, index=index, size=row.size, path=path, root=root):
            raise AssertionError(f"entry {entry.pk} is not under the root")
        done += 1
    return done / took
