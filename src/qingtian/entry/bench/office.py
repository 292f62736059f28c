"""How fast the office is with many matters: inbox, lists, search, acts, verification; limits measured beside them."""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.entry import room
from qingtian.entry.load import tables
from qingtian.entry.progress import Progress

SUMMARY = "inbox, lists, search, acts and verification with many matters"
TABLE = """\
{matters:,} matters, {entries:,} ledger entries, {stored_gb:.1f} GB (made in {made_s:.0f} s)
whole pages, as the server makes them:
inbox, whole city       {inbox_p50_ms:>8.1f} ms P50 {inbox_p99_ms:>8.1f} ms P99 {inbox_cpu_ms:>6.1f} ms CPU
inbox, one district     {local_p50_ms:>8.1f} ms P50 {local_p99_ms:>8.1f} ms P99 {local_cpu_ms:>6.1f} ms CPU
list, newest            {list_p50_ms:>8.1f} ms P50 {list_p99_ms:>8.1f} ms P99 {list_cpu_ms:>6.1f} ms CPU
list, by due day        {due_p50_ms:>8.1f} ms P50 {due_p99_ms:>8.1f} ms P99 {due_cpu_ms:>6.1f} ms CPU
list, far down          {far_p50_ms:>8.1f} ms P50 {far_p99_ms:>8.1f} ms P99 {far_cpu_ms:>6.1f} ms CPU
search, a number        {rare_p50_ms:>8.1f} ms P50 {rare_p99_ms:>8.1f} ms P99 {rare_cpu_ms:>6.1f} ms CPU
search, two words       {search_p50_ms:>8.1f} ms P50 {search_p99_ms:>8.1f} ms P99 {search_cpu_ms:>6.1f} ms CPU
search, a common word   {common_p50_ms:>8.1f} ms P50 {common_p99_ms:>8.1f} ms P99 {common_cpu_ms:>6.1f} ms CPU
a matter                {matter_p50_ms:>8.1f} ms P50 {matter_p99_ms:>8.1f} ms P99 {matter_cpu_ms:>6.1f} ms CPU
bare query of 50 rows   {bare_p50_ms:>8.1f} ms P50   (the list is {list_ratio:.1f} times that)
acts, one person        {single_per_s:>8,.0f} /s  {single_cpu_ms:.1f} ms CPU  \
({one_commit_per_s:,.0f} bare commits/s: {single_ratio:.2f})
acts, {connections:>2} at once       {many_per_s:>8,.0f} /s  {many_cpu_ms:.1f} ms CPU  \
({commits_per_s:,.0f} bare commits/s: {many_ratio:.2f})
acts in bulk            {bulk_per_s:>8,.0f} /s  {bulk_cpu_ms:.1f} ms CPU  \
({at_once} a transaction, {processes} processes)
verification            {verified_per_s:>8,.0f} /s  {verified_cpu_us:.1f} µs CPU  \
({limit_per_s:,.0f} entries/s copied and hashed, no more: {verify_ratio:.2f})"""
PROCESSES = 2
THREADS = 8
AT_ONCE = 200
BYTES_PER_MATTER = 6_000
BYTES_PER_ENTRY = 900
"""With their indexes and the log of what is written, roughly; measured."""


class NoRoomForMatters(QingtianError):
    code = "bench.no_room_for_matters"
    zh = (
        "{folder} 所在磁盘只剩 {free:.1f} GB，{matters} 个事项约需 {needed:.1f} GB。"
        "请减少 --matters，或用 TMPDIR 换一个目录。"
    )
    en = (
        "The disk of {folder} has {free:.1f} GB left; {matters} matters need about {needed:.1f} GB. "
        "Ask for fewer --matters, or name another folder with TMPDIR."
    )


class PageNotShown(QingtianError):
    code = "bench.page_not_shown"
    zh = "页面 {path} 返回 {status}，没有内容可测。请先看数据目录中的日志，再重跑。"
    en = (
        "The page {path} answered {status}, so there is nothing to measure. "
        "Look at the log in its data folder, then run it again."
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--matters", type=int, default=20_000, help="how many (20,000)")
    parser.add_argument("--entries", type=int, default=10, help="ledger entries of each (10)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Make the matters, measure, print the table, return the figures.

    :raises NoRoomForMatters: before anything is made.
    """
    _require_room(Path(tempfile.gettempdir()), args.matters, args.entries)
    with _office():
        figures = _measured(args.matters, args.entries, args.seconds)
    print(TABLE.format(**figures), flush=True)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}


@contextmanager
def _office() -> Iterator[None]:
    """A database of our own with the demo's people and some firms, gone afterwards."""
    with tables.made():
        from qingtian.demo import cast, city, registers

        registers.put_districts(city.districts())
        registers.put_people(cast.PEOPLE)
        registers.put_firms(city.firms()[:200])
        yield


def _require_room(folder: Path, matters: int, entries: int) -> None:
    needed, free = matters * (BYTES_PER_MATTER + entries * BYTES_PER_ENTRY), room.free_bytes(folder)
    if needed > free:
        raise NoRoomForMatters(folder=folder, free=free / 1e9, needed=needed / 1e9, matters=matters)


def _measured(matters: int, entries: int, seconds: float) -> dict[str, Any]:
    from qingtian.office.people.models import User

    people = {user.username: user for user in User.objects.all()}
    at = times.now()
    figures: dict[str, Any] = {"matters": matters, "entries": matters * entries}
    figures |= _made(people, matters, entries, at)
    for name, work in _looks(people).items():
        figures |= {f"{name}_{key}": value for key, value in _timed(work, seconds / 6).items()}
    figures["list_ratio"] = figures["list_p50_ms"] / figures["bare_p50_ms"]
    return figures | _acts(at + timedelta(minutes=1), seconds / 2) | _verified()


def _made(people: dict[str, Any], matters: int, entries: int, at: datetime) -> dict[str, float]:
    from qingtian.entry.load import register

    bar = Progress(matters, stream=sys.stderr, clock=time.monotonic, unit="matters", scale=1)
    begun = time.perf_counter()
    patterns = [register.pattern(each) for each in (_opened(people, at), _accepted(people, at), _ended(people, at))]
    owner_url = base_settings.from_environment().require_database_owner_url()
    register.fill(patterns, matters=matters, entries=entries, at=at, owner_url=owner_url, tell=bar.tell)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        # let the planner know the tables, as it would after a night; the application's role may not
        owner.execute("VACUUM ANALYZE")
        (stored,) = owner.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    return {"made_s": time.perf_counter() - begun, "stored_gb": stored / 1e9}


def _looks(people: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """The pages that people look at, by the name of their figures: all of what the server does for one."""
    from qingtian.entry.load.register import ABOUT, WHERE
    from qingtian.office.matters.models import Matter
    from qingtian.portals.ready import make_ready

    make_ready()
    desk, officer = _browser(people["desk"]), _browser(people["officer"])
    turn, newest = count(), Matter.objects.latest("pk").pk
    return {
        "inbox": lambda: desk("/inbox/"),
        "local": lambda: officer("/inbox/"),
        "list": lambda: desk("/matters/"),
        "due": lambda: desk("/matters/", kind="petition", state="live", sort="due"),
        # the server makes page 180 after it has passed over 8,950 rows
        "far": lambda: desk("/matters/", page=180),
        "rare": lambda: desk("/matters/", q=f"{next(turn):07d}"),
        "search": lambda: desk("/matters/", q=f"{WHERE[next(turn) % 10]} {ABOUT[next(turn) // 3 % 10]}"),
        "common": lambda: desk("/matters/", q=ABOUT[next(turn) % 10]),
        "matter": lambda: desk(f"/matters/{newest - next(turn) % 1000}/"),
        "bare": _bare_list,
    }


def _browser(person: Any) -> Callable[..., None]:
    """Return what asks for pages as this person, logged in, without a network between."""
    from django.test import Client

    client = Client()
    client.force_login(person)

    def look(path: str, **query: str | int) -> None:
        answer = client.get(path, query)
        if answer.status_code != HTTPStatus.OK:
            raise PageNotShown(path=path, status=answer.status_code)

    return look


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


def _acts(at: datetime, seconds: float) -> dict[str, float]:
    """Acts on copies that are only registered: by one person, by many at once, in bulk; and what PostgreSQL commits."""
    from qingtian.entry.load.actors import Plan, acted
    from qingtian.office.matters.models import Matter

    rows = Matter.objects.filter(code="petition", stage="received").order_by("-pk")
    keys = list(rows.values_list("pk", flat=True)[:60_000])
    shares = [keys[place::5] for place in range(5)]
    found = {
        "single": acted(shares[:1], Plan(threads=1, at_once=1, seconds=seconds, at=at)),
        "many": acted(shares[1:3], Plan(threads=THREADS, at_once=1, seconds=seconds, at=at)),
        "bulk": acted(shares[3:], Plan(threads=1, at_once=AT_ONCE, seconds=seconds, at=at)),
    }
    figures = {f"{name}_per_s": done.per_s for name, done in found.items()}
    figures |= {f"{name}_cpu_ms": done.cpu_ms for name, done in found.items()}
    connections = PROCESSES * THREADS
    figures |= {"one_commit_per_s": _commits(1, seconds), "commits_per_s": _commits(connections, seconds)}
    figures |= {"connections": connections, "processes": PROCESSES, "at_once": AT_ONCE}
    figures["single_ratio"] = figures["single_per_s"] / figures["one_commit_per_s"]
    figures["many_ratio"] = figures["many_per_s"] / figures["commits_per_s"]
    return figures


def _commits(connections: int, seconds: float) -> float:
    """Return how many rows of an act's size PostgreSQL commits a second, one a transaction, and nothing else."""
    url, done = base_settings.from_environment().require_database_owner_url(), [0] * connections
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, said text)")
    ends = time.perf_counter() + seconds
    threads = [threading.Thread(target=_commit, args=(url, ends, done, place)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _commit(url: str, ends: float, done: list[int], place: int) -> None:
    with psycopg.connect(url, autocommit=True) as mine:
        while time.perf_counter() < ends:
            mine.execute("INSERT INTO bench_bare (said) VALUES (%s)", ["x" * 3000], prepare=True)
            done[place] += 1


def _verified() -> dict[str, float]:
    from qingtian.office.ledger.verify import PROCESSES as READERS
    from qingtian.office.ledger.verify import verify

    limit = _copied_and_hashed() * READERS
    used, begun = _processor_time(), time.perf_counter()
    proof = verify()
    took, used = time.perf_counter() - begun, _processor_time() - used
    if not proof.holds:
        raise AssertionError(proof.broken[0].sentence("en"))
    rate = proof.entries / took
    cpu = used * 1e6 / proof.entries
    return {"verified_per_s": rate, "verified_cpu_us": cpu, "limit_per_s": limit, "verify_ratio": rate / limit}


def _processor_time() -> float:
    """Return the processor time of this process and its children, in seconds."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _copied_and_hashed() -> float:
    """Return how many entries one process copies out of the table and hashes a second, and nothing else."""
    from qingtian.office.ledger import copying, hashing

    url, rows = base_settings.from_environment().require_database_url(), 0
    begun = time.perf_counter()
    with psycopg.connect(url) as mine:
        for raw, some in copying.copied(mine, copying.entries(after=0, until=200_000)):
            hashing.of_pieces(raw, np.linspace(0, len(raw), some + 1, dtype=np.int64)[1:])
            rows += some
    return rows / (time.perf_counter() - begun)
