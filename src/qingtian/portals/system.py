"""Is everything up? ``/healthz`` for machines, the System page (系统) for the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import settings as base_settings
from qingtian.base.settings import EngineNotFound
from qingtian.bus import health
from qingtian.lake.tables import LakeUnreachable
from qingtian.office.jobs import api as jobs
from qingtian.office.ledger.keys import KeyUnreadable, signer
from qingtian.portals import system_words
from qingtian.portals.history import lake
from qingtian.portals.jobs import shown_counts
from qingtian.portals.page import ADMINISTRATORS, me, page, wants
from qingtian.portals.templatetags.parts import in_language


def _database() -> dict[str, object]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT version(), pg_database_size(current_database())")
            version, size = cursor.fetchone()
    except DatabaseError as error:
        return {"up": False, "why": str(error).strip()}
    return {"up": True, "why": None, "version": " ".join(str(version).split()[:2]), "bytes": size}


def _lake() -> dict[str, object]:
    try:
        return {"up": True, "why": None, **lake().counts()}
    except LakeUnreachable as error:
        return {"up": False, "why": error.sentence("en")}


def _key() -> dict[str, str]:
    """The public half of the key that signs checkpoints and evidence packages."""
    try:
        found = signer()
    except KeyUnreadable as error:
        return {"why": error.sentence("en")}
    return {"id": found.key_id, "public": found.public}


async def _log() -> dict[str, Any]:
    try:
        return await health.report(base_settings.from_environment().require_nats_url())
    except EngineNotFound as error:
        return {"ok": False, "log": {"up": False, "why": str(error)}, "processes": [], "missing": [], "streams": {}}


def _beats(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The heartbeats by process, in the order of the way of a packet, with names and counters in words."""
    beats = [
        {
            **beat,
            "named": system_words.process(beat["process"]),
            "started": datetime.fromisoformat(beat["started"]),
            "counters": system_words.counters(beat["counters"]),
        }
        for beat in report["processes"]
    ]
    return sorted(beats, key=lambda beat: (*system_words.place(beat["process"]), beat["pid"]))


def _streams(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The streams of the log in words, each with those who read it and what waits for them."""
    return [
        {
            **stream,
            "name": name,
            "named": system_words.stream(name),
            "waits": [(system_words.reader(reader), reader, lag) for reader, lag in stream["lag"].items()],
        }
        for name, stream in sorted(report["streams"].items(), key=lambda pair: system_words.place(pair[0]))
    ]


def _missing(report: Mapping[str, Any]) -> str:
    form = in_language("{}（{}）", "{} ({})")
    return ", ".join(form.format(system_words.process(name).word, name) for name in report["missing"])


@page(public=True)
@require_GET
async def healthz(request: HttpRequest) -> HttpResponse:
    """Tell a machine what is up: 200 if all of it is, else 503. Names no address and no person."""
    report = await _log()
    database = await sync_to_async(_database)()
    up = bool(report["ok"]) and bool(database["up"])
    body = {
        "ok": up,
        "log": report["log"]["up"],
        "database": database["up"],
        "processes": sorted({str(beat["process"]) for beat in report["processes"]}),
        "missing": report["missing"],
    }
    return JsonResponse(body, status=200 if up else 503)


@page(roles=ADMINISTRATORS)
@require_GET
def system(request: HttpRequest) -> HttpResponse:
    """Show processes, engines and streams with their lag."""
    report = async_to_sync(_log)()
    database, readings = _database(), _lake()
    counted = jobs.counts(me(request)) if database["up"] else {}
    if wants(request) == "json":
        return JsonResponse({**report, "database": database, "lake": readings, "jobs": counted, "key": _key()})
    context = {
        "report": report,
        "missing": _missing(report),
        "key": _key(),
        "processes": _beats(report),
        "streams": _streams(report),
        "database": database,
        "lake": readings,
        "jobs": shown_counts(counted),
    }
    return render(request, "system/system.html", context)
