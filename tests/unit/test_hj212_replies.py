"""Answers to uploads, byte by byte."""

from __future__ import annotations

import numpy as np
import pytest

from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.segment import encode_frame

MN = "010000A8900016F000169DC0"
DEVICES = DeviceTable.build([MN])
UPLOAD = "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN={mn};Flag={flag};CP=&&w01018-Rtd=1&&"


def answers(*segments: str) -> list[bytes]:
    data = b"".join(encode_frame(segment.encode()) for segment in segments)
    frames = kernels.frame_chunks(data, np.array([0, len(data)]), DEVICES)
    replies = kernels.write_replies(data, frames)
    return [replies.raw[start:end].tobytes() for start, end in zip(replies.offsets, replies.offsets[1:], strict=False)]


def test_it_writes_the_printed_answer() -> None:
    (answer,) = answers(UPLOAD.format(mn=MN, flag=5))
    segment = f"QN=20160801085857223;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"
    assert answer == f"##0087{segment}3240\r\n".encode()


def test_it_answers_in_the_dialect_of_the_frame() -> None:
    of_2005, of_2025 = answers(UPLOAD.format(mn=MN, flag=1), UPLOAD.format(mn=MN, flag=9))
    assert b"ST=91;CN=9014;PW=123456" in of_2005
    assert b";Flag=0;CP=&&QN=20160801085857223;CN=2011&&" in of_2005
    assert b";Flag=8;CP=&&&&" in of_2025


@pytest.mark.parametrize(
    "segment",
    [
        UPLOAD.format(mn=MN, flag=4),
        UPLOAD.format(mn="0000000000000000000000FF", flag=5),
        UPLOAD.format(mn=MN, flag=5).replace("CN=2011", "CN=9014"),
        UPLOAD.format(mn=MN, flag=5).removeprefix("QN=20160801085857223;"),
        UPLOAD.format(mn=MN, flag=5).replace(";Flag=5", ""),
    ],
)
def test_it_keeps_silent(segment: str) -> None:
    assert answers(segment) == [b""]


def test_a_notice_is_answered_as_a_notice() -> None:
    (answer,) = answers(UPLOAD.format(mn=MN, flag=5).replace("CN=2011", "CN=1013"))
    assert b"CN=9013" in answer


def test_answers_keep_the_order_of_the_frames() -> None:
    first, second, third = answers(
        UPLOAD.format(mn=MN, flag=5),
        UPLOAD.format(mn=MN, flag=4),
        UPLOAD.format(mn=MN, flag=5).replace("223;", "224;"),
    )
    assert b"QN=20160801085857223" in first
    assert second == b""
    assert b"QN=20160801085857224" in third
