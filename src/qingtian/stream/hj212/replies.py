"""Answers of the platform 上位机 to a segment, in plain Python (HJ 212-2017 §6.5). `kernel_replies` does the same."""

from __future__ import annotations

from qingtian.stream.hj212.segment import Segment, encode_frame

ASKS = 1
"""Bit A of the Flag: the receiver must answer."""

VERSION_BITS = 0xFC
VERSION_2025 = 8

INTERACTION = "91"
NOTICES = frozenset({1013, 2072})
NOTICES_2025 = frozenset({1001, 9015})
ANSWERS = frozenset({9011, 9012, 9013, 9014})


def answer_command(cn: int, flag: int) -> str | None:
    """Return 9014 for data, 9013 for a notice, None for an answer: an answer is never answered."""
    if cn in ANSWERS:
        return None
    notice = cn in NOTICES or (flag >= VERSION_2025 and cn in NOTICES_2025)
    return "9013" if notice else "9014"


def reply(segment: Segment) -> bytes | None:
    """Return the frame that answers ``segment``, or None if it asks for none or has no QN to answer to.

    HJ/T 212-2005 (Flag version 0) carries the QN of the exchange inside CP, and with 9014 the command answered to.
    """
    flag, cn = _number(segment.flag), _number(segment.cn)
    if not segment.qn or cn > 9999 or flag > 255 or flag & ASKS == 0:
        return None
    command = answer_command(cn, flag)
    if command is None:
        return None
    version = flag & VERSION_BITS
    cp = {} if version else {"QN": segment.qn}
    if not version and command == "9014":
        cp["CN"] = f"{cn:04d}"
    return encode_frame(
        Segment(
            qn=segment.qn if version else None,
            st=INTERACTION,
            cn=command,
            pw=segment.pw,
            mn=segment.mn or "",
            flag=str(version),
            cp=cp,
        )
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else 0
