"""What became of a frame. The names are the error codes of `qingtian decode` and the reasons of dead letters."""

from __future__ import annotations

OK = 0
BAD_CHECKSUM = 1
BAD_LENGTH = 2
GARBAGE = 3
OVERSIZE = 4
BROKEN_SEGMENT = 5
UNKNOWN_MN = 6

WAITING = -1
"""Not a status of a frame: the bytes so far do not decide."""

NAMES = ("ok", "bad_checksum", "bad_length", "garbage", "oversize", "broken_segment", "unknown_mn")
