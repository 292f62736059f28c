"""``qingtian web``: the pages, served by Granian."""

from __future__ import annotations

import argparse
import logging
import os
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from qingtian.base import settings as base_settings
from qingtian.entry.process import log_to_stderr

SUMMARY = "serve the pages (command, officer, enterprise) and their live events"
EXAMPLES = """\
  qingtian web                                   on 127.0.0.1:8000, engines of the running `qingtian up`
  qingtian web --host 0.0.0.0 --port 80 --workers 4
  QINGTIAN_DATABASE_URL=postgresql://… QINGTIAN_NATS_URL=nats://… qingtian web
"""

LOGGING: dict[str, Any] = {
    "formatters": {"line": {"()": "qingtian.entry.process.OneLine", "process": "web"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "loggers": {
        "_granian": {"handlers": ["console"], "propagate": False},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # a page refused is no fault
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
"""The workers are processes of their own and set up their log lines by this."""
PATIENCE = 3
"""Seconds that open pages get to end when the process is asked to stop; live streams never end by themselves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (QINGTIAN_WEB_HOST, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (QINGTIAN_WEB_PORT, 8000)")
    parser.add_argument("--workers", type=int, help="processes that serve pages (QINGTIAN_WEB_WORKERS, 1)")


def run(args: argparse.Namespace) -> int:
    for name, value in (("HOST", args.host), ("PORT", args.port), ("WORKERS", args.workers)):
        if value:
            os.environ[f"QINGTIAN_WEB_{name}"] = str(value)
    log_to_stderr("web", level=logging.WARNING)
    settings = base_settings.from_environment()
    # say here, once, what is missing; each worker would only die of it
    settings.require_database_url()
    server = Granian(
        "qingtian.portals.asgi:application",
        address=settings.web_host,
        port=settings.web_port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        workers_kill_timeout=PATIENCE,
        respawn_failed_workers=True,
        log_dictconfig=LOGGING,
        websockets=False,
    )
    server.serve()
    return 0
