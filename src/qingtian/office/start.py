"""Set Django up for a program that is not the web server: the dispatcher, the worker, a command, a test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import django

from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError

SETTINGS_MODULE = "qingtian.office.settings"


def start(*, as_owner: bool = False) -> None:
    """Load the apps with the restricted role, or with the owner of the tables (migrations, tampering tests).

    :raises EngineNotFound: if no PostgreSQL is known.
    """
    settings = base_settings.from_environment()
    if as_owner:
        os.environ["QINGTIAN_DATABASE_ROLE"] = "owner"
        settings.require_database_owner_url()
    else:
        settings.require_database_url()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()


def program(work: Callable[[], None], *, as_owner: bool = False) -> int:
    """Start, work, and return the exit code of a step of set-up: 1, with a sentence, if no PostgreSQL is known."""
    try:
        start(as_owner=as_owner)
    except QingtianError as error:
        sys.stderr.write(error.sentence(base_settings.from_environment().language) + "\n")
        return 1
    work()
    return 0
