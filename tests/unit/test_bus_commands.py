"""Commands and answers as they stand on the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest

from qingtian.base.times import BEIJING
from qingtian.bus import answers, commands
from qingtian.bus.streams import partition_of

AT = datetime(2026, 1, 1, 8, 0, 0, 123000, tzinfo=BEIJING)
COMMAND = commands.Command(
    id="0" * 32,
    mn="010000A8900016F000169DC0",
    qn="20260101080000123",
    cn=2051,
    parameters=({"BeginTime": "20260101070000"}, {"EndTime": "20260101075000"}),
    created=AT,
    expires=AT + timedelta(hours=1),
    answer_s=10.0,
    execute_s=60.0,
    retries=3,
)
ANSWER = answers.Answer(
    command=COMMAND.id,
    mn=COMMAND.mn,
    qn=COMMAND.qn,
    cn=COMMAND.cn,
    parameters=COMMAND.parameters,
    state=answers.State.EXECUTING,
    number=2,
    at=AT,
    attempt=1,
    items=(answers.Item(cn=2051, qn=None, cp={"DataTime": "20260101070000"}, factors={"w01018": {}}),),
    parts=3,
)


def test_a_command_is_read_as_it_was_written() -> None:
    assert commands.read(COMMAND.message()) == COMMAND


def test_a_command_of_another_platform_says_so_and_one_that_says_nothing_is_the_offices() -> None:
    passed_on = replace(COMMAND, actor=answers.RELAY, why="province")
    assert commands.read(passed_on.message()) == passed_on
    bare = orjson.loads(COMMAND.message())
    del bare["actor"], bare["why"]
    assert commands.read(orjson.dumps(bare)) == COMMAND


def test_an_answer_is_read_as_it_was_written() -> None:
    assert answers.read(ANSWER.message()) == ANSWER


def test_the_same_state_has_the_same_id_and_another_report_another() -> None:
    assert replace(ANSWER, at=AT + timedelta(days=1), parts=9).id == ANSWER.id
    assert replace(ANSWER, number=3).id != ANSWER.id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("qn", "20261301080000123"),
        ("qn", "1"),
        ("created", "2026-01-01T08:00:00"),
        ("retries", None),
        ("parameters", ["PolId"]),
        ("cn", "x"),
    ],
)
def test_a_command_that_is_none_is_told_so(field: str, value: object) -> None:
    with pytest.raises(commands.BrokenCommand):
        commands.read(orjson.dumps({**orjson.loads(COMMAND.message()), field: value}))


def test_an_answer_without_a_known_state_is_told_so() -> None:
    with pytest.raises(answers.BrokenAnswer):
        answers.read(orjson.dumps({**orjson.loads(ANSWER.message()), "state": "perhaps"}))


def test_a_device_keeps_its_partition() -> None:
    # crc32("123456789") is CBF43926: the figure must never change, or a command would wait where nobody reads it
    assert partition_of("123456789", 4) == 0xCBF43926 % 4
    assert partition_of("123456789") == 0
