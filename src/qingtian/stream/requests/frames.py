"""A request as it goes on the wire."""

from __future__ import annotations

from datetime import datetime

from qingtian.base import times
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import write_frame
from qingtian.stream.requests import parameters
from qingtian.stream.requests.parameters import Items


def frame(*, cn: int, items: Items, qn: str, mn: str, pw: str, system: str, edition: Edition, at: datetime) -> bytes:
    """Return the frame of a request; ``at`` is the time of sending, ``system`` the ST of the device.

    :raises QingtianError: if a body of this edition cannot say it (`parameters.message`).
    """
    head = Head(qn=qn, st=system, cn=cn, pw=pw, mn=mn, flag=flag_of(edition, asks=True))
    given = parameters.with_clock(cn, items, clock=times.stamp(at))
    return write_frame(parameters.message(head, given, edition=edition))
