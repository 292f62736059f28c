"""Settings come from the environment (``QINGTIAN_…``); the defaults are the embedded engines under ``./var``.

An engine whose URL is not set is looked up in ``<data>/run/engines.json``, which the supervisor writes when it
has started the embedded engines, so that ``qingtian judge`` run by hand finds the running demo.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qingtian.base.errors import QingtianError


class EngineNotFound(QingtianError):
    code = "settings.engine_not_found"
    zh = "找不到{engine}：环境变量 {variable} 没有设置，{file} 里也没有。请先运行 qingtian up，或设置该变量。"
    en = (
        "Cannot find {engine}: {variable} is not set and {file} does not name it. "
        "Start the engines with `qingtian up`, or set that variable."
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where everything is. Paths are absolute; URLs may be None until the embedded engines run."""

    data: Path
    nats_url: str | None
    database_url: str | None
    database_owner_url: str | None
    lake_url: str
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 9212
    gateway_vendor_login: str = "9014"
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    web_workers: int = 1
    log_keep_hours: int = 24
    language: str = "zh"

    @property
    def run_folder(self) -> Path:
        return self.data / "run"

    @property
    def engines_file(self) -> Path:
        return self.run_folder / "engines.json"

    def require_nats_url(self) -> str:
        """:raises EngineNotFound: if no NATS is known."""
        return self._require(self.nats_url, "nats_url", "NATS JetStream", "QINGTIAN_NATS_URL")

    def require_database_url(self) -> str:
        """Return the URL of the restricted role that may not touch the ledger's past.

        :raises EngineNotFound: if no PostgreSQL is known.
        """
        return self._require(self.database_url, "database_url", "PostgreSQL", "QINGTIAN_DATABASE_URL")

    def require_database_owner_url(self) -> str:
        """Return the URL of the role that owns the tables (migrations only); by default the same database.

        :raises EngineNotFound: if no PostgreSQL is known.
        """
        known = self.database_owner_url or self._running().get("database_owner_url")
        return known or self.require_database_url()

    def _running(self) -> Mapping[str, str]:
        if not self.engines_file.exists():
            return {}
        found: Mapping[str, str] = json.loads(self.engines_file.read_text())
        return found

    def _require(self, value: str | None, key: str, engine: str, variable: str) -> str:
        url = value or self._running().get(key)
        if not url:
            raise EngineNotFound(engine=engine, variable=variable, file=self.engines_file)
        return url


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; ``environment`` defaults to the process environment."""
    env = os.environ if environment is None else environment
    data = Path(env.get("QINGTIAN_DATA", "var")).expanduser().resolve()
    language = env.get("QINGTIAN_LANG") or env.get("LC_ALL") or env.get("LANG") or "zh"
    return Settings(
        data=data,
        nats_url=env.get("QINGTIAN_NATS_URL"),
        database_url=env.get("QINGTIAN_DATABASE_URL"),
        database_owner_url=env.get("QINGTIAN_DATABASE_OWNER_URL"),
        lake_url=env.get("QINGTIAN_LAKE_URL", str(data / "lake")),
        gateway_host=env.get("QINGTIAN_GATEWAY_HOST", "127.0.0.1"),
        gateway_port=int(env.get("QINGTIAN_GATEWAY_PORT", "9212")),
        gateway_vendor_login=env.get("QINGTIAN_GATEWAY_VENDOR_LOGIN", "9014"),
        web_host=env.get("QINGTIAN_WEB_HOST", "127.0.0.1"),
        web_port=int(env.get("QINGTIAN_WEB_PORT", "8000")),
        web_workers=int(env.get("QINGTIAN_WEB_WORKERS", "1")),
        log_keep_hours=int(env.get("QINGTIAN_LOG_KEEP_HOURS", "24")),
        language="zh" if language.lower().startswith("zh") else "en",
    )
