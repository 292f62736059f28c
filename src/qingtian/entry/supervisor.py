"""The supervisor: starts engines and processes in order, keeps them alive, stops them in reverse order.

One thread, one loop: every tenth of a second it looks after each member. It needs no engine itself, so nothing that
dies takes it along.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import orjson

from qingtian.base import children, times
from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.entry import engines, leftovers, lock, postgres, probes, room
from qingtian.entry.members import Member, State, Wave
from qingtian.entry.narrator import Narrator

TICK = 0.1
STOP_PATIENCE = 8.0
SLOW = 15.0
FIRST_PROCESSES = ("gateway", "judge")
"""They need only the log, so they start while the database migrates."""
LATER_PROCESSES = ("confirmer", "relay", "dispatcher", "worker", "web")
WORDS = {"relay": ("run",)}
"""What a command is told so that it is the process of its name."""


class StepFailed(QingtianError):
    code = "entry.step_failed"
    zh = "启动步骤“{name}”失败：{why}。日志：{log}"
    en = "The step `{name}` of the start failed: {why}. Its log: {log}"


class Asked(Exception):
    """A signal asked the supervisor to stop; it is on its way out."""


@dataclass(kw_only=True)
class Supervisor:
    """``steps`` are modules run to their end after the migrations, ``later`` ones when everything is up; ``simulate``
    are words for `qingtian simulate`."""

    settings: Settings
    steps: Sequence[str] = ()
    later: Sequence[str] = ()
    simulate: Sequence[str] | None = None
    members: list[Member] = field(default_factory=list)
    phase: str = "starting"
    asked: int = 0
    narrator: Narrator = field(init=False)
    disk: room.DiskWatch = field(init=False)
    probes: probes.Probes = field(init=False)
    since: str = field(default_factory=lambda: times.now().isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        self.narrator = Narrator(language=self.settings.language)
        self.disk = room.DiskWatch(free=lambda: room.free_bytes(self.settings.data))

    def run(self, *, when_up: Callable[[], None] | None = None) -> int:
        """Start everything, call ``when_up``, look after it until a signal asks to stop. Return the exit code.

        :raises DataFolderInUse, PortTaken, DiskFull, StepFailed: if the start is refused or fails.
        """
        # here somebody narrates; the processes have logs of their own
        logging.getLogger("qingtian").addHandler(logging.NullHandler())
        with lock.holding(self.settings.data), self._signals():
            self._clear()
            room.check(self.settings)
            try:
                self._start()
                if when_up:
                    when_up()
                for step in self.later:
                    self._step_behind(step)
                self._until(lambda: False)
            except Asked:
                pass
            finally:
                self._stop()
        return 0

    # --- start ---------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self.narrator.say("data", data=self.settings.data)
        if pids := leftovers.stop(self.settings.data):
            self.narrator.say("left_overs", pids=", ".join(map(str, pids)))

    def _start(self) -> None:
        prepared = engines.prepare(self.settings)
        self.settings = prepared.settings
        self.probes = probes.Probes(settings=self.settings)
        for server in engines.servers(prepared):
            self._add_engine(server)
        if prepared.nats:
            self._wait_for("nats")
        for name in FIRST_PROCESSES:
            self._add_process(name)
        if prepared.postgres:
            self._wait_for("postgres")
            postgres.ensure_database(prepared.postgres)
        self._write_engines()
        self._step("qingtian.entry.migrate")
        for name in LATER_PROCESSES:
            self._add_process(name)
        for step in self.steps:
            self._step(step)
        self._wait_for(*FIRST_PROCESSES, *LATER_PROCESSES)
        if self.simulate is not None:
            self._add_process("simulate", *self.simulate, wave=Wave.SIMULATOR)
        self.phase = "up"
        self._write_state()
        gateway = f"{self.settings.gateway_host}:{self.settings.gateway_port}"
        self.narrator.say("all_up", url=self.url, gateway=gateway)

    @property
    def url(self) -> str:
        return f"http://{self.settings.web_host}:{self.settings.web_port}"

    def _environment(self) -> dict[str, str]:
        """Return where everything is. The owner of the tables is not in it: the steps find it in engines.json."""
        one = self.settings
        known = engines.urls(one)
        if self.settings.engines_file.exists():
            del known["QINGTIAN_DATABASE_OWNER_URL"]
        return {
            **known,
            leftovers.MARK: str(one.data),
            "QINGTIAN_GATEWAY_HOST": one.gateway_host,
            "QINGTIAN_GATEWAY_PORT": str(one.gateway_port),
            "QINGTIAN_WEB_HOST": one.web_host,
            "QINGTIAN_WEB_PORT": str(one.web_port),
            "PYTHONUNBUFFERED": "1",
        }

    def _program(self, name: str, command: Sequence[str]) -> children.Program:
        return children.Program(
            name=name,
            command=(sys.executable, *command),
            log=self.settings.data / "logs" / f"{name}.log",
            environment=self._environment(),
        )

    def _add_engine(self, server: engines.Server) -> None:
        marked = replace(server.program, environment={leftovers.MARK: str(self.settings.data)})
        self._add(
            Member(program=marked, wave=Wave.ENGINES, ready=lambda _pid: server.ready(), before=server.clear_left_overs)
        )

    def _add_process(self, name: str, *words: str, wave: Wave = Wave.PROCESSES) -> None:
        program = self._program(name, ("-m", "qingtian", name, *WORDS.get(name, ()), *words))
        self._add(Member(program=program, wave=wave, ready=self.probes.of(name)))

    def _add(self, member: Member) -> None:
        self.members.append(member)
        member.start()
        self._write_state()

    def _step(self, module: str) -> None:
        """Run a module to its end while looking after the members."""
        program = self._program(module.rpartition(".")[2], ("-m", module))
        process = children.spawn(program)
        try:
            self._until(lambda: process.poll() is not None)
        finally:
            children.stop(program, process)
        if process.returncode:
            raise StepFailed(name=program.name, why=children.last_words(program.log), log=program.log)
        self.narrator.say("step", name=program.name)

    def _step_behind(self, module: str) -> None:
        """Run a module when everything is up; if it fails, the rest goes on."""
        try:
            self._step(module)
        except QingtianError as error:
            self.narrator.say("step_failed", why=error.sentence(self.settings.language))

    # --- look after ----------------------------------------------------------------------------------

    def _wait_for(self, *names: str) -> None:
        waiting = [member for member in self.members if member.name in names]
        late = time.monotonic() + SLOW

        def all_up() -> bool:
            nonlocal late
            missing = [member.name for member in waiting if member.state is not State.UP]
            if missing and time.monotonic() > late:
                late += SLOW
                self.narrator.say("slow", names=", ".join(missing), logs=self.settings.data / "logs")
            return not missing

        self._until(all_up)

    def _until(self, condition: Callable[[], bool]) -> None:
        """Look after the members until the condition holds; leave at once when a signal asks to stop."""
        while not condition():
            if self.asked:
                raise Asked
            changed = [self._watch(member) for member in self.members]
            if any(changed):
                self._write_state()
            self._look_at_disk()
            time.sleep(TICK)

    def _watch(self, member: Member) -> bool:
        try:
            changed = member.watch()
        except QingtianError as error:
            self.narrator.say("not_started", name=member.name, why=error.sentence(self.settings.language))
            return False
        if changed is State.UP:
            self.narrator.say("up", name=member.name)
            self._write_engines()
        elif changed is State.WAITING:
            fields = {"exit": member.last_exit, "delay": member.delay, "log": member.program.log}
            self.narrator.say("ended", name=member.name, **fields)
        return changed is not None

    def _look_at_disk(self) -> None:
        turn = self.disk.look()
        if turn is room.Turn.FULL:
            self.narrator.say("disk_full", data=self.settings.data)
        elif turn is room.Turn.ROOM:
            self.narrator.say("disk_room")
            for member in self.members:
                if member.name == "nats" and member.process is not None:
                    children.ask_to_stop(member.program, member.process)

    # --- stop ----------------------------------------------------------------------------------------

    def _stop(self) -> None:
        self.narrator.say("stopping")
        self.phase = "stopping"
        self._write_state()
        for wave in reversed(Wave):
            self._stop_wave([member for member in self.members if member.wave is wave])
        self.settings.engines_file.unlink(missing_ok=True)
        self.phase = "stopped"
        self._write_state()
        self.narrator.say("stopped")

    def _stop_wave(self, wave: list[Member]) -> None:
        """Ask all of a wave, wait for the slowest, kill who does not listen; a second signal does not wait."""
        before, deadline = self.asked, time.monotonic() + STOP_PATIENCE
        for member in wave:
            member.ask_to_stop()
        while any(member.alive for member in wave) and time.monotonic() < deadline and self.asked == before:
            time.sleep(TICK / 4)
        for member in wave:
            member.end()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def on_signal(number: int, frame: object) -> None:
            self.asked += 1

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    # --- tell ----------------------------------------------------------------------------------------

    def _pids(self, wave: Wave) -> dict[str, int]:
        return {one.name: one.process.pid for one in self.members if one.wave is wave and one.process and one.alive}

    def _write_engines(self) -> None:
        if pids := self._pids(Wave.ENGINES):
            engines.write_file(self.settings, pids)

    def _write_state(self) -> None:
        content = {
            "pid": os.getpid(),
            "state": self.phase,
            "since": self.since,
            "web_url": self.url,
            "gateway": f"{self.settings.gateway_host}:{self.settings.gateway_port}",
            "members": [member.as_dict() for member in self.members],
        }
        self.settings.run_folder.mkdir(parents=True, exist_ok=True)
        path = self.settings.run_folder / "supervisor.json"
        engines.write_private(path, orjson.dumps(content, option=orjson.OPT_INDENT_2))
