"""A commander, its devices and its log for tests: no socket, no server, a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.bus.answers import Answer
from qingtian.bus.commands import Command
from qingtian.bus.plans import PlanDevice, PlanSnapshot
from qingtian.stream.gateway.answers import Heard
from qingtian.stream.gateway.commanding.automatic import Automatic
from qingtian.stream.gateway.commanding.commander import Commander
from qingtian.stream.gateway.commanding.exchange import Progress
from qingtian.stream.gateway.commanding.recovery import advanced
from qingtian.stream.gateway.deliveries import FIRST_ANSWER, LAST_ANSWER
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.message import Message, read_message

START = datetime(2026, 1, 1, 8, tzinfo=BEIJING)
MN, PW = "010000A8900016F000169DC0", "123456"


@dataclass(eq=False)
class FakeLine:
    """A line that remembers what was written."""

    written: list[bytes] = field(default_factory=list)
    address: str = "192.0.2.1"
    gone: bool = False

    def send(self, frame: bytes) -> bool:
        if not self.gone:
            self.written.append(frame)
        return not self.gone

    def requests(self) -> list[Message]:
        return [read_message(raw[6:].rstrip(b"\r\n")[:-4], way=Way.DOWN) for raw in self.written]


@dataclass
class World:
    """``told``: what stands on ANSWERS; ``asked``: what stands on COMMANDS."""

    devices: Sequence[PlanDevice] = ({"mn": MN, "pw": PW},)
    now: datetime = START
    told: list[Answer] = field(default_factory=list)
    asked: list[Command] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    counted: int = 0

    def __post_init__(self) -> None:
        self.commander = self._commander()

    def _commander(self) -> Commander:
        automatic = Automatic(settle=self.settled.append)
        commander = Commander(tell=self.told.append, clock=lambda: self.now, automatic=automatic)
        commander.know(plan_of(self.devices))
        return commander

    def restart(self) -> None:
        """Let the gateway die, and another one find what the log has."""
        self.commander = self._commander()
        self.commander.settled(set(self.settled))
        progress: dict[str, Progress] = {}
        for answer in self.told:
            progress[answer.command] = advanced(progress.get(answer.command, Progress()), answer)
        for command in self.asked:
            known = progress.get(command.id)
            if known is None or not known.ended:
                self.commander.ask(command, progress=known)

    def ask(self, cn: int = 1061, *, mn: str = MN, retries: int = 1, expires: float = 600, **items: str) -> Command:
        self.counted += 1
        command = Command(
            id=f"{self.counted:032d}",
            mn=mn,
            qn=times.stamp_milliseconds(self.now + timedelta(milliseconds=self.counted)),
            cn=cn,
            parameters=[{name: text} for name, text in items.items()],
            created=self.now,
            expires=self.now + timedelta(seconds=expires),
            answer_s=10,
            execute_s=60,
            retries=retries,
        )
        self.asked.append(command)
        self.commander.ask(command)
        return command

    def connect(self, mn: str = MN, *, edition: Edition = Edition.HJ2017, st: str = "32") -> FakeLine:
        """Let a device speak on a new line: it sends a packet, and the log has it a moment later."""
        line = FakeLine()
        self.commander.speaks(mn, line, edition=edition)
        self.say(line, 2011, "DataTime=20260101075900;w01018-Rtd=1", qn="20260101075900000", mn=mn, st=st)
        return line

    def leave(self, line: FakeLine, mn: str = MN) -> None:
        line.gone = True
        self.commander.left(mn, line)

    def say(self, line: FakeLine, cn: int, cp: str = "", *, qn: str, mn: str = MN, st: str = "91") -> None:
        raw = f"QN={qn};ST={st};CN={cn};PW={PW};MN={mn};Flag=4;CP=&&{cp}&&".encode()
        self._hand_over(Heard(mn=mn, cn=cn, qn=qn, flag=4, segment=raw, arrived_us=0), line)

    def say_2005(self, line: FakeLine, cn: int, cp: str, *, qn: str, mn: str = MN) -> None:
        raw = f"ST=91;CN={cn};PW={PW};MN={mn};Flag=0;CP=&&QN={qn};{cp}&&".encode()
        self._hand_over(Heard(mn=mn, cn=cn, qn=qn, flag=0, segment=raw, arrived_us=0), line)

    def _hand_over(self, packet: Heard, line: FakeLine) -> None:
        """As the gateway does: each answer, and the uploads that the commander wants."""
        if FIRST_ANSWER <= packet.cn <= LAST_ANSWER or self.commander.concerns(packet.mn, packet.cn):
            self.commander.heard(packet, line)

    def wait(self, seconds: float) -> None:
        """Let time pass in steps of a second."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self.now = min(self.now + timedelta(seconds=1), until)
            self.commander.tick()

    def states(self, command: Command | None = None) -> list[str]:
        return [each.state.value for each in self.told if command is None or each.command == command.id]


def plan_of(devices: Sequence[PlanDevice]) -> PlanSnapshot:
    return {
        "number": 1,
        "made_at": START.isoformat(),
        "outlets": [
            {
                "code": "SZ-W-0001",
                "name": "测试排口",
                "medium": "water",
                "enterprise": "E0001",
                "district": "440306",
                "grid": "440306-01",
                "devices": list(devices),
                "limits": [],
            }
        ],
    }
