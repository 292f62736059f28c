"""Which database, as which role: the restricted one by default, the owner of the tables for migrations only."""

from __future__ import annotations

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from qingtian.base.settings import EngineNotFound, Settings

OWNER = "owner"
APPLICATION_ROLE = "qingtian_app"
POOL = {"min_size": 1, "max_size": 12, "timeout": 10, "max_idle": 300}


def _url(settings: Settings) -> str | None:
    as_owner = os.environ.get("QINGTIAN_DATABASE_ROLE") == OWNER
    try:
        return settings.require_database_owner_url() if as_owner else settings.require_database_url()
    except EngineNotFound:
        # a type checker or `--help` has no engine; whoever needs one calls `office.start`, which says so
        return None


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Django's ``DATABASES["default"]``. A pool, so that a page never waits for a new connection.

    The statements of `office.statements` are planned once, without looking at values, as long as a connection lives.
    """
    known = conninfo_to_dict(_url(settings) or "")
    options = {key: value for key, value in known.items() if key not in _NAMED}
    options["options"] = f"{known.get('options') or ''} -c plan_cache_mode=force_generic_plan".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        # a connection that died with the server is replaced before anybody gets it
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": dict(POOL), "prepare_threshold": 5},
        **{django: str(known.get(libpq) or "") for libpq, django in _NAMED.items()},
    }


_NAMED = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
