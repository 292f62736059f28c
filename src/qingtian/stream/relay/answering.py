"""What the relay answers to a target that commands a device: 9011, data, 9012, as the device would (HJ 212-2017 §6.5).

Pure: messages in, frames out. In HJ/T 212-2005 the QN of an answer stands in CP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qingtian.bus.answers import Answer, Item, State
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import Contents, Message, contents, typed, write_frame
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, READY
from qingtian.stream.relay import patience
from qingtian.stream.relay.conversion import in_edition
from qingtian.stream.relay.targets import Leg, Target

INTERACTION = "91"
REFUSED, WRONG_PW, WRONG_MN, UNKNOWN_ERROR = 2, 3, 4, 100
TIMED_OUT = 4
PASSWORDS = re.compile(rb"PW=[^;,&]*")
MEASURED = range(2000, 3000)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a command goes to the device: ``leg`` of it, else ``qn_rtn`` says why not to the target."""

    reason: str
    leg: Leg | None = None
    qn_rtn: int = READY


def judge(request: Message, target: Target) -> Verdict:
    """Decide on a request of a target."""
    head = request.head
    leg = target.back.get(head.mn or "")
    if leg is None:
        return Verdict(reason="command_unknown", qn_rtn=WRONG_MN)
    if head.pw != leg.pw:
        return Verdict(reason="command_password", qn_rtn=WRONG_PW)
    if not target.allow_commands:
        return Verdict(reason="command_not_allowed", qn_rtn=REFUSED)
    if head.cn in patience.never_returned():
        return Verdict(reason="command_never", qn_rtn=REFUSED)
    return Verdict(reason="command_passed", leg=leg)


def parameters(request: Message) -> list[dict[str, str]]:
    """Return the items of CP as `bus.commands` has them, factors under their codes of 2017."""
    said = contents(request)
    if request.head.edition is Edition.HJ2005:
        said = in_edition(said, Edition.HJ2017).contents
    single = [{name: value} for name, text in said.cp.items() for value in _values(name, text)]
    return [*single, *({f"{code}-{tag}": text for tag, text in tags.items()} for code, tags in said.factors.items())]


def _values(name: str, text: str) -> list[str]:
    # several PolId of one request are several items; a text may hold a comma
    return text.split(",") if name in ("PolId", "CTime") else [text]


def request_answer(request: Message, qn_rtn: int) -> bytes:
    """Return the 9011."""
    return _interaction(request, 9011, {"QnRtn": str(qn_rtn)})


def execution_result(request: Message, exe_rtn: int) -> bytes:
    """Return the 9012."""
    return _interaction(request, 9012, {"ExeRtn": str(exe_rtn)})


def _interaction(request: Message, cn: int, cp: Mapping[str, str]) -> bytes:
    head, edition = request.head, request.head.edition
    old = edition is Edition.HJ2005
    made = Head(qn=None if old else head.qn, st=INTERACTION, cn=cn, pw=head.pw, mn=head.mn, flag=flag_of(edition))
    return write_frame(typed(made, Contents(cp={"QN": head.qn or "", **cp} if old else cp), way=Way.UP))


def data(request: Message, item: Item) -> bytes:
    """Return what the device answered as the target reads it, under the QN of its request."""
    head, edition = request.head, request.head.edition
    said = Contents(cp=item.cp, factors=item.factors)
    made = Head(qn=head.qn, st=head.st, cn=item.cn, pw=head.pw, mn=head.mn, flag=flag_of(edition))
    return write_frame(typed(made, in_edition(said, edition).contents, way=Way.UP))


def frames(request: Message, answer: Answer, *, accepted: bool) -> list[bytes]:
    """Return what the target is told of a state its command took. ``accepted``: it was told 9011 with 1 before.

    Measured values go to it like all others of the device, so they are not among these.
    """
    told: list[bytes] = []
    state = answer.state
    if state in (State.ACCEPTED, State.EXECUTING, State.DONE) and not accepted:
        told.append(request_answer(request, READY))
        accepted = True
    told += [data(request, item) for item in answer.items if item.cn not in MEASURED]
    if state is State.DONE:
        told.append(execution_result(request, answer.exe_rtn or READY))
    elif state.ended and not accepted:
        returned = answer.qn_rtn if state is State.REFUSED and answer.qn_rtn else UNKNOWN_ERROR
        told.append(request_answer(request, returned))
    elif state.ended:
        told.append(execution_result(request, answer.exe_rtn if answer.exe_rtn in EXE_RETURNS else TIMED_OUT))
    return told


def hidden(frame: bytes) -> str:
    """Return a frame for the record: passwords as ``******``."""
    return PASSWORDS.sub(b"PW=******", frame).decode("utf-8", "replace").strip()
