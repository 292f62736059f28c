"""All checks of a server, in the order of the report."""

from __future__ import annotations

from qingtian.stream.conformance.as_device import framing, notices, replies, requests, sessions
from qingtian.stream.conformance.as_device.bench import DeviceBench
from qingtian.stream.conformance.checks import Check

SUBJECTS = (framing.framing, replies.replies, requests.requests, notices.notices, sessions.sessions)
CHECKS: tuple[Check[DeviceBench], ...] = tuple(check for book in SUBJECTS for check in book.checks)
