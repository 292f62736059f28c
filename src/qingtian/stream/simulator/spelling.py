"""What a device says, put into frames: the header of its edition, parts where it is long, the cipher of 2025."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from qingtian.stream.hj212 import Contents, Edition, Head, Message, flag_of, split, write_message
from qingtian.stream.hj212.encryption import covers
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.simulator import quirks
from qingtian.stream.simulator.device import SimulatedDevice
from qingtian.stream.simulator.obedience.obey import Saying
from qingtian.stream.simulator.obedience.standing import Standing

INTERACTION = "91"
LONGEST, LONGEST_BROKEN = 1024, 4000
"""Bytes of a segment (HJ 212-2017 §6.3.1), and of a device that does not keep to it."""

NextQn = Callable[[], str]


def answer(device: SimulatedDevice, standing: Standing, saying: Saying) -> Message:
    """Return the answer to a request or notice, 9011 to 9013: the QN in the header, of 2005 in CP."""
    old = device.edition is Edition.HJ2005
    body = replace(saying.body, qn=saying.qn) if old else saying.body  # type: ignore[call-arg]
    head = Head(
        qn=None if old else saying.qn,
        st=INTERACTION,
        cn=saying.cn,
        pw=saying.pw,
        mn=standing.mn,
        flag=flag_of(device.edition),
    )
    return Message(head=head, body=body)


def upload(device: SimulatedDevice, standing: Standing, saying: Saying, *, qn: str, resent: bool = False) -> Message:
    """Return an upload: in answer to a request (then it asks for nothing), or of its own with ``qn``."""
    own = saying.qn is None
    old = device.edition is Edition.HJ2005
    asks = own and device.uploads_ask
    # 2005 sends no QN, unless it wants an answer that names one
    in_head = None if old and not asks else (saying.qn or qn)
    head = Head(
        qn=in_head,
        st=device.st,
        cn=saying.cn,
        pw=saying.pw if saying.pw is not None else standing.pw,
        mn=standing.mn,
        flag=flag_of(device.edition, asks=asks),
        resent=resent and device.edition is Edition.HJ2025,
    )
    rest = Contents(cp={"QN": saying.qn}) if old and saying.qn is not None else Contents()
    return Message(head=head, body=saying.body, rest=rest)


def frames(
    device: SimulatedDevice,
    standing: Standing,
    saying: Saying,
    *,
    next_qn: NextQn,
    resent: bool = False,
    deviations: Collection[str] = (),
) -> list[bytes]:
    """Return the frames of what is said, in order."""
    if saying.cn in ANSWERS:
        parts = [answer(device, standing, saying)]
    else:
        parts = _parts(device, upload(device, standing, saying, qn=next_qn(), resent=resent), next_qn, deviations)
    key = standing.key if device.edition is Edition.HJ2025 and covers(saying.cn) else None
    wanted = () if saying.cn in ANSWERS else deviations
    return [quirks.dressed(write_message(part), quirks=wanted, key=key) for part in parts]


def _parts(device: SimulatedDevice, whole: Message, next_qn: NextQn, deviations: Collection[str]) -> list[Message]:
    limit = LONGEST_BROKEN if quirks.OVERSIZE in deviations else LONGEST
    if device.edition is Edition.HJ2005:
        return split(whole, limit=limit)
    first = whole.head.qn or ""
    return split(whole, limit=limit, qn_of=lambda number: first if number == 1 else next_qn())
