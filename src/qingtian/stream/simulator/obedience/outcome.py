"""What comes of a request, before it is put into messages; and what a handler of requests is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qingtian.stream.hj212 import Message
from qingtian.stream.hj212.messages.bodies import Body
from qingtian.stream.hj212.messages.returns import DONE
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.names import old_name
from qingtian.stream.simulator.obedience.standing import Standing

FAILED, CONDITION, BUSY, NO_DATA = 2, 3, 5, 100
"""ExeRtn (HJ 212-2017 table 8)."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Data to be sent. ``own``: an exchange of its own, with a new QN, as history is; else it bears the request's."""

    cn: int
    body: Body
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``standing`` from now on; ``data`` to send; ``result`` (ExeRtn), ``seconds`` after the request was taken."""

    standing: Standing
    data: tuple[Upload, ...] = ()
    result: int = DONE
    seconds: float = 0.0


Archive = Callable[[int, float, float, Standing], Sequence[Body]]
"""(CN, first and last DataTime in seconds, standing) → the records of a device's memory, in order of time."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a request arrives: the device, its memory, its ``clock`` (true seconds → its own)."""

    device: SimulatedDevice
    archive: Archive
    clock: Callable[[Standing, float], float]

    def analyser(self, pol_id: str) -> str | None:
        """Return the code under which an analyser is known here; None if there is none of that name."""
        return next((f.code for f in self.device.factors if pol_id in (f.code, old_name(f.code))), None)


Handler = Callable[[Site, Standing, Message, float], Outcome]
