"""What must be known of a device to write to it: its PW and system from the plan, its edition from its packets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qingtian.base.errors import QingtianError
from qingtian.bus.commands import Command
from qingtian.bus.plans import PlanDevice, PlanSetting, PlanSnapshot
from qingtian.stream.gateway.commanding.steps import Write
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.requests import frames

SYSTEMS = {"water": "32", "gas": "31"}
"""ST 系统编码 by medium of the outlet, of a device that has not said its own (HJ 212-2017 table 4)."""

INTERACTION = "91"


class DeviceNotInPlan(QingtianError):
    code = "commanding.device_not_in_plan"
    zh = "设备 {mn} 不在第 {plan} 号监测方案中，命令未发送。请先登记该设备。"
    en = "Device {mn} is not in plan {plan}; the command was not sent. Register the device first."


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Of the plan."""

    pw: str
    system: str
    on_connect: tuple[PlanSetting, ...] = ()


class Devices:
    """All devices of the newest plan, with what they have shown of themselves since."""

    def __init__(self) -> None:
        self._plan = 0
        self._facts: dict[str, Facts] = {}
        self._editions: dict[str, Edition] = {}
        self._systems: dict[str, str] = {}

    def know(self, plan: PlanSnapshot) -> None:
        self._plan = plan["number"]
        self._facts = {
            device["mn"]: _facts(device, medium=outlet["medium"])
            for outlet in plan["outlets"]
            for device in outlet["devices"]
        }

    def speaks(self, mn: str, edition: Edition) -> None:
        self._editions[mn] = edition

    def met(self, mn: str) -> bool:
        """Whether a packet of the device was seen, so that its system is known."""
        return mn in self._systems

    def seen(self, mn: str, system: str | None) -> None:
        """Remember the system of a packet; answers come with the system 91, which is nobody's."""
        if system and system != INTERACTION:
            self._systems[mn] = system
        elif mn in self._facts:
            self._systems.setdefault(mn, self._facts[mn].system)

    def edition(self, mn: str) -> Edition:
        return self._editions.get(mn, Edition.HJ2017)

    def on_connect(self, mn: str) -> tuple[PlanSetting, ...]:
        facts = self._facts.get(mn)
        return facts.on_connect if facts else ()

    def writer(self, mn: str) -> Callable[[Command], Write]:
        """Return how commands are written for this device, as it is known when they are sent."""

        def make(command: Command) -> Write:
            return lambda at: self._frame(command, at)

        return make

    def _frame(self, command: Command, at: datetime) -> bytes:
        facts = self._facts.get(command.mn)
        if facts is None:
            raise DeviceNotInPlan(mn=command.mn, plan=self._plan)
        return frames.frame(
            cn=command.cn,
            items=command.parameters,
            qn=command.qn,
            mn=command.mn,
            pw=facts.pw,
            system=self._systems.get(command.mn, facts.system),
            edition=self.edition(command.mn),
            at=at,
        )


def _facts(device: PlanDevice, *, medium: str) -> Facts:
    return Facts(
        pw=device["pw"], system=SYSTEMS.get(medium, SYSTEMS["water"]), on_connect=tuple(device.get("on_connect") or ())
    )
