"""The sizes the codec accepts."""

MAX_SEGMENT = 4096
"""Longest data segment accepted, bytes. HJ 212-2017 §6.3 allows 1024; senders in the field go up to 1703."""

SCAN_LIMIT = 16384
"""Bytes without a frame, or of a frame of unknown length, after which the piece is closed as it is.

Longer than any four-digit length, so that even an oversize frame is kept whole for the dead letters.
"""

ANCHOR_LENGTH = 9
"""``##``, four digits, ``QN=``: the longest text by which the beginning of the next frame is recognised."""
