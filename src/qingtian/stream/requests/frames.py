"""A request as it goes on the wire, and as it may be kept: passwords and keys are never shown again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from qingtian.base import times
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import write_frame
from qingtian.stream.requests import parameters
from qingtian.stream.requests.parameters import Items

MASK = "******"


def frame(*, cn: int, items: Items, qn: str, mn: str, pw: str, system: str, edition: Edition, at: datetime) -> bytes:
    """Return the frame of a request; ``at`` is the time of sending, ``system`` the ST of the device.

    :raises QingtianError: if a body of this edition cannot say it (`parameters.message`).
    """
    head = Head(qn=qn, st=system, cn=cn, pw=pw, mn=mn, flag=flag_of(edition, asks=True))
    given = parameters.with_clock(cn, items, clock=times.stamp(at))
    return write_frame(parameters.message(head, given, edition=edition))


def masked(raw: bytes) -> str:
    """Return a frame as text, without line end, every password and key as ``******``."""
    names = "|".join(sorted(parameters.secrets() | {"PW"}))
    return re.sub(rf"(?<![A-Za-z0-9_])({names})=[^;,&]*", rf"\1={MASK}", raw.decode("utf-8", "replace").rstrip("\r\n"))


def masked_items(items: Iterable[Mapping[str, str]]) -> tuple[dict[str, str], ...]:
    """Return items of CP with every password and key as ``******``."""
    secret = parameters.secrets()
    return tuple({name: MASK if name in secret else text for name, text in item.items()} for item in items)
