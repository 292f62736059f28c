"""How fast the office is with many matters: inbox, lists, search, acts, verification; limits measured beside them."""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.entry import engines

SUMMARY = "inbox, lists, search, acts and verification with many matters"
TABLE = """\
{matters:,} matters, {entries:,} ledger entries (made in {made_s:.0f} s)
inbox, whole city       {inbox_p50_ms:>8.1f} ms P50 {inbox_p99_ms:>8.1f} ms P99 {inbox_cpu_ms:>6.1f} ms CPU
inbox, one district     {local_p50_ms:>8.1f} ms P50 {local_p99_ms:>8.1f} ms P99 {local_cpu_ms:>6.1f} ms CPU
list, newest            {list_p50_ms:>8.1f} ms P50 {list_p99_ms:>8.1f} ms P99 {list_cpu_ms:>6.1f} ms CPU
list, by due day        {due_p50_ms:>8.1f} ms P50 {due_p99_ms:>8.1f} ms P99 {due_cpu_ms:>6.1f} ms CPU
search                  {search_p50_ms:>8.1f} ms P50 {search_p99_ms:>8.1f} ms P99 {search_cpu_ms:>6.1f} ms CPU
bare query of 50 rows   {bare_p50_ms:>8.1f} ms P50   (the list is {list_ratio:.1f} times that)
acts one by one         {acts_per_s:>8.0f} /s   (bare entries: {bare_acts_per_s:.0f} /s, ratio {acts_ratio:.2f})
acts in bulk            {bulk_acts_per_s:>8.0f} /s
verification            {verified_per_s:>8,.0f} entries/s (bare SHA-256 {hashes_per_s:,.0f} /s, {verify_ratio:.2f})"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--matters", type=int, default=20_000, help="how many (20,000)")
    parser.add_argument("--entries", type=int, default=10, help="ledger entries of each (10)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Make the matters, measure, print the table, return the figures."""
    with _office():
        figures = _measured(args.matters, args.entries, args.seconds)
    print(TABLE.format(**figures), flush=True)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}


@contextmanager
def _office() -> Iterator[None]:
    """A database of our own with the demo's people and some firms, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qingtian-bench-", ignore_cleanup_errors=True) as folder:
        mine = base_settings.from_environment({"QINGTIAN_DATA": folder})
        with engines.running(mine) as settings:
            os.environ.update(engines.urls(settings))
            subprocess.run([sys.executable, "-m", "qingtian.entry.migrate"], check=True, capture_output=True)
            from qingtian.office import start

            start.start()
            from django.db import connections

            from qingtian.demo import cast, city, registers

            registers.put_districts(city.districts())
            registers.put_people(cast.PEOPLE)
            registers.put_firms(city.firms()[:200])
            yield
            connections.close_all()
            connections["default"].close_pool()  # type: ignore[attr-defined]


def _measured(matters: int, entries: int, seconds: float) -> dict[str, Any]:
    from qingtian.entry.load import register
    from qingtian.office.matters import api
    from qingtian.office.people.models import User

    people = {user.username: user for user in User.objects.all()}
    at = times.now()
    begun = time.perf_counter()
    patterns = [register.pattern(each) for each in (_opened(people, at), _accepted(people, at), _ended(people, at))]
    register.fill(patterns, matters=matters, entries=entries, at=at)
    _analyze()
    figures: dict[str, Any] = {"matters": matters, "entries": matters * entries}
    figures["made_s"] = time.perf_counter() - begun
    desk, officer = people["desk"], people["officer"]
    each = seconds / 6
    wanted = iter(range(10**9))
    for name, work in {
        "inbox": lambda: api.inbox(desk, at=at),
        "local": lambda: api.inbox(officer, at=at),
        "list": lambda: api.matters(desk, at=at),
        "due": lambda: api.matters(desk, at=at, code="petition", state="live", sort="due"),
        "search": lambda: api.matters(desk, at=at, search=_wanted(next(wanted))),
        "bare": _bare_list,
    }.items():
        figures |= {f"{name}_{key}": value for key, value in _timed(work, each).items()}
    figures["list_ratio"] = figures["list_p50_ms"] / figures["bare_p50_ms"]
    return figures | _acts(people, at, seconds / 2) | _verified()


def _analyze() -> None:
    """Let the planner know the tables, as it would after a night; the application's role may not."""
    with psycopg.connect(base_settings.from_environment().require_database_owner_url(), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def _wanted(n: int) -> str:
    from qingtian.entry.load.register import ABOUT, WHERE

    return (f"{WHERE[n % 10]}{ABOUT[n // 3 % 10]}", f"{n:07d}", ABOUT[n % 10])[n % 3]


def _opened(people: dict[str, Any], at: datetime) -> Any:
    from qingtian.office.matters import api

    facts = {"petitioner": "某人", "received_on": at.date(), "claim": "油烟扰民", "class": "claim"}
    origin = api.Origin(source="letter", enterprise="E0001")
    return api.open_matter(acting_user=people["desk"], code="petition", at=at, origin=origin, facts=facts)


def _accepted(people: dict[str, Any], at: datetime) -> Any:
    from qingtian.office.matters import api

    key = _opened(people, at).pk
    words: dict[str, Any] = {"act": "accept", "at": at, "people": {"handler": ["officer"]}}
    return api.do_act(acting_user=people["desk"], matter_id=key, revision=1, **words)


def _ended(people: dict[str, Any], at: datetime) -> Any:
    from qingtian.office.matters import api

    key = _opened(people, at).pk
    words: dict[str, Any] = {"act": "guide", "at": at, "facts": {"route": "行政复议"}}
    return api.do_act(acting_user=people["desk"], matter_id=key, revision=1, **words)


def _timed(work: Callable[[], Any], seconds: float) -> dict[str, float]:
    """Return P50 and P99, and this process's own processor time, in milliseconds.

    The first call, which reads rule files and plans, is not measured.
    """
    work()
    took: list[float] = []
    used = time.process_time()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(took) < 20:
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    used = (time.process_time() - used) * 1000 / len(took)
    return {
        "cpu_ms": used,
        "p50_ms": statistics.median(took),
        "p99_ms": took[min(len(took) - 1, int(len(took) * 0.99))],
    }


def _bare_list() -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, number, title, stage, next_due FROM matters_matter ORDER BY id DESC LIMIT 50")
        rows: list[Any] = cursor.fetchall()
    return rows


def _acts(people: dict[str, Any], at: datetime, seconds: float) -> dict[str, float]:
    """Acts on copies that are only registered: by one person one by one, then in bulk."""
    from qingtian.office.ledger.api import append
    from qingtian.office.matters import api
    from qingtian.office.matters.models import Matter

    keys = iter(Matter.objects.filter(stage="received").order_by("pk").values_list("pk", flat=True))
    words: dict[str, Any] = {"acting_user": people["desk"], "act": "accept", "people": {"handler": ["officer"]}}
    later = at + timedelta(minutes=1)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds and (key := next(keys, None)) is not None:
        api.do_act(matter_id=key, revision=None, at=later, **words)
        done += 1
    singly = done / (time.perf_counter() - begun)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        part = {key: None for _, key in zip(range(200), keys, strict=False)}
        if not part:
            break
        done += len(api.do_acts(matters=part, at=later, **words).done)
    in_bulk = done / (time.perf_counter() - begun)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        _one_entry(append, people["desk"], done, later)
        done += 1
    bare = done / (time.perf_counter() - begun)
    return {
        "acts_per_s": singly,
        "bulk_acts_per_s": in_bulk,
        "bare_acts_per_s": bare,
        "acts_ratio": singly / bare,
    }


def _one_entry(append: Callable[..., Any], user: Any, n: int, at: datetime) -> None:
    from django.db import transaction

    with transaction.atomic():
        append(chain=f"bench:{n}", acting_user=user, act="bench", at=at, content={"n": n})


def _verified() -> dict[str, float]:
    from qingtian.office.ledger.api import verify
    from qingtian.office.ledger.models import Entry

    begun = time.perf_counter()
    proof = verify()
    took = time.perf_counter() - begun
    if not proof.holds:
        raise AssertionError(proof.broken[0].sentence("en"))
    text = "".join(Entry.objects.order_by("pk").values_list("content", flat=True)[:1]).ljust(400).encode()
    begun = time.perf_counter()
    for _ in range(200_000):
        hashlib.sha256(text).hexdigest()
    hashes = 200_000 / (time.perf_counter() - begun)
    rate = proof.entries / took
    return {"verified_per_s": rate, "hashes_per_s": hashes, "verify_ratio": rate / hashes}
