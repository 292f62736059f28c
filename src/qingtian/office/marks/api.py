"""The face of marks: file, correct, withdraw and review them; the register, the hours used; what the log is told."""

from __future__ import annotations

from qingtian.office.marks.access import (
    YearUse,
    hours_used,
    mark,
    marks,
    marks_before,
    may,
    may_file,
    standing_between,
    timeline,
)
from qingtian.office.marks.actions import (
    MarkNotLive,
    MarkRefused,
    Words,
    correct_mark,
    file_mark,
    review_mark,
    withdraw_mark,
)
from qingtian.office.marks.labels import NoSuchLabel, due, labels, suspicion_words
from qingtian.office.marks.models import Kind, Mark, State
from qingtian.office.marks.telling import mark_published, out_of_control, settle_quality, standing, unpublished

__all__ = [
    "Kind",
    "Mark",
    "MarkNotLive",
    "MarkRefused",
    "NoSuchLabel",
    "State",
    "Words",
    "YearUse",
    "correct_mark",
    "due",
    "file_mark",
    "hours_used",
    "labels",
    "mark",
    "mark_published",
    "marks",
    "marks_before",
    "may",
    "may_file",
    "out_of_control",
    "review_mark",
    "settle_quality",
    "standing",
    "standing_between",
    "suspicion_words",
    "timeline",
    "unpublished",
    "withdraw_mark",
]
