"""All checks of a device, in the order of the report; what changes the device last."""

from __future__ import annotations

from qingtian.stream.conformance.as_server import (
    answers,
    control,
    history,
    information,
    parameters,
    streams,
    uploads,
)
from qingtian.stream.conformance.as_server.bench import ServerBench
from qingtian.stream.conformance.checks import Check

SUBJECTS = (
    uploads.uploads,
    answers.answers,
    streams.streams,
    history.history,
    control.control,
    information.information,
    parameters.parameters,
)
CHECKS: tuple[Check[ServerBench], ...] = tuple(check for book in SUBJECTS for check in book.checks)
