"""One request's life: sent, accepted, executing, and each of its ends; no socket, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from qingtian.base.times import BEIJING
from qingtian.bus.answers import Answer, State
from qingtian.bus.commands import Command
from qingtian.stream.gateway.commanding.exchange import Exchange, Phase, Progress
from qingtian.stream.gateway.commanding.steps import SendFrame, Step
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.message import Message, read_message
from qingtian.stream.requests import frames

MN, PW, QN = "010000A8900016F000169DC0", "123456", "20260101080000000"
START = datetime(2026, 1, 1, 8, tzinfo=BEIJING)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def command(cn: int = 1061, *, retries: int = 1, **parameters: str) -> Command:
    return Command(
        id="c" * 32,
        mn=MN,
        qn=QN,
        cn=cn,
        parameters=[{name: text} for name, text in parameters.items()],
        created=START,
        expires=at(600),
        answer_s=10,
        execute_s=60,
        retries=retries,
    )


def write_of(given: Command, edition: Edition = Edition.HJ2017):
    return lambda moment: frames.frame(
        cn=given.cn,
        items=given.parameters,
        qn=given.qn,
        mn=given.mn,
        pw=PW,
        system="32",
        edition=edition,
        at=moment,
    )


def says(cn: int, cp: str = "", *, qn: str | None = QN, parts: str = "", edition: int = 2017) -> Message:
    flag = {2005: 0, 2017: 4, 2025: 8}[edition] | (2 if parts else 0)
    head = f"QN={qn};" if qn else ""
    raw = f"{head}ST=91;CN={cn};PW={PW};MN={MN};Flag={flag};{parts}CP=&&{cp}&&".encode()
    return read_message(raw, way=Way.UP, edition=Edition(edition))


def states(steps: list[Step]) -> list[str]:
    return [step.state.value for step in steps if isinstance(step, Answer)]


def sent(steps: list[Step]) -> list[bytes]:
    return [step.frame for step in steps if isinstance(step, SendFrame)]


def begun(given: Command | None = None, *, edition: Edition = Edition.HJ2017) -> Exchange:
    exchange = Exchange(command=given or command())
    steps = exchange.send(write_of(exchange.command, edition), now=START)
    assert states(steps) == ["sent"]
    return exchange


def test_a_request_that_only_reads_goes_through_its_four_steps() -> None:
    exchange = begun()
    assert states(exchange.take(says(9011, "QnRtn=1"), now=at(1))) == ["accepted"]
    (told,) = exchange.take(says(1061, "RtdInterval=30"), now=at(2))
    assert isinstance(told, Answer)
    assert (told.state, told.items[0].cp, told.qn_rtn) == (State.EXECUTING, {"RtdInterval": "30"}, 1)
    (done,) = exchange.take(says(9012, "ExeRtn=1"), now=at(3))
    assert isinstance(done, Answer)
    assert (done.state, done.exe_rtn, done.parts, done.items) == (State.DONE, 1, 1, ())
    assert exchange.phase is Phase.ENDED
    assert exchange.deadline is None


def test_the_frame_is_told_without_its_password() -> None:
    exchange = Exchange(command=command())
    frame, told = exchange.send(write_of(exchange.command), now=START)
    assert isinstance(frame, SendFrame)
    assert isinstance(told, Answer)
    assert f"PW={PW}".encode() in frame.frame
    assert told.frame is not None
    assert PW not in told.frame


def test_without_an_answer_the_same_frame_is_sent_again_and_then_given_up() -> None:
    exchange = Exchange(command=command(retries=2))
    first = sent(exchange.send(write_of(exchange.command), now=START))
    assert exchange.tick(now=at(9.9)) == []
    assert sent(exchange.tick(now=at(10))) == first
    assert sent(exchange.tick(now=at(20))) == first
    (told,) = exchange.tick(now=at(30))
    assert isinstance(told, Answer)
    assert (told.state, told.attempt) == (State.TIMED_OUT, 3)


def test_each_attempt_and_each_report_has_an_id_of_its_own() -> None:
    exchange = begun(command(retries=3))
    told = [*exchange.tick(now=at(10)), *exchange.tick(now=at(20))]
    told += exchange.take(says(1061, "RtdInterval=30"), now=at(21))
    told += exchange.take(says(1061, "RtdInterval=31"), now=at(21.5))
    told += exchange.tick(now=at(22))
    ids = [step.id for step in told if isinstance(step, Answer)]
    assert len(ids) == len(set(ids)) == 4


def test_a_refusal_ends_it_with_its_reason() -> None:
    (told,) = begun().take(says(9011, "QnRtn=3"), now=at(1))
    assert isinstance(told, Answer)
    assert (told.state, told.qn_rtn) == (State.REFUSED, 3)


@pytest.mark.parametrize(("returned", "state"), [(1, "done"), (100, "done"), (2, "refused"), (5, "refused")])
def test_the_result_of_execution_decides_the_end(returned: int, state: str) -> None:
    exchange = begun()
    exchange.take(says(9011, "QnRtn=1"), now=at(1))
    assert states(exchange.take(says(9012, f"ExeRtn={returned}"), now=at(2))) == [state]


def test_an_accepted_request_times_out_by_silence_and_is_not_sent_again() -> None:
    exchange = begun(command(retries=3))
    exchange.take(says(9011, "QnRtn=1"), now=at(5))
    exchange.take(says(1061, "RtdInterval=30"), now=at(50))
    assert sent(exchange.tick(now=at(65))) == []
    assert states(exchange.tick(now=at(109))) == []
    steps = exchange.tick(now=at(110))
    assert (states(steps), sent(steps)) == (["timed_out"], [])


def test_answers_may_come_twice_late_or_in_the_wrong_order() -> None:
    exchange = begun()
    assert states(exchange.take(says(1061, "RtdInterval=30"), now=at(1))) == ["executing"]
    assert exchange.take(says(9011, "QnRtn=1"), now=at(1.1)) == []
    assert exchange.take(says(9011, "QnRtn=5"), now=at(1.2)) == []
    assert states(exchange.take(says(9012, "ExeRtn=1"), now=at(1.3))) == ["done"]
    assert exchange.take(says(9012, "ExeRtn=2"), now=at(1.4)) == []
    assert exchange.take(says(9011, "QnRtn=2"), now=at(1.5)) == []


def test_answers_to_another_request_do_not_count() -> None:
    exchange = begun()
    other = "20260101075959999"
    assert exchange.take(says(9011, "QnRtn=2", qn=other), now=at(1)) == []
    assert exchange.take(says(9012, "ExeRtn=2", qn=other), now=at(1)) == []
    assert exchange.take(says(1063, "MinInterval=10"), now=at(1)) == []
    assert exchange.take(says(9011), now=at(1)) == []
    assert exchange.phase is Phase.SENT


def test_a_notice_is_done_when_it_is_noticed() -> None:
    assert states(begun(command(2012)).take(says(9013), now=at(1))) == ["done"]
    assert begun(command(1061)).take(says(9013), now=at(1)) == []


def test_a_logger_of_2005_answers_with_the_qn_inside_cp() -> None:
    exchange = begun(command(1061), edition=Edition.HJ2005)
    assert states(exchange.take(says(9011, f"QN={QN};QnRtn=1", qn=None, edition=2005), now=at(1))) == ["accepted"]
    steps = exchange.take(says(1061, f"QN={QN};RtdInterval=30", qn=None, edition=2005), now=at(2))
    assert states(steps) == ["executing"]
    assert states(exchange.take(says(9012, f"QN={QN};ExeRtn=1", qn=None, edition=2005), now=at(3))) == ["done"]


def test_history_is_known_by_its_time_and_told_without_values() -> None:
    exchange = begun(command(2051, BeginTime="20260101060000", EndTime="20260101065000"))
    exchange.take(says(9011, "QnRtn=1"), now=at(1))
    live = says(2051, "DataTime=20260101075000;w01018-Avg=1,w01018-Flag=N", qn="20260101080001000")
    assert exchange.take(live, now=at(2)) == []
    asked = says(2051, "DataTime=20260101060000;w01018-Avg=1,w01018-Flag=N", qn="20260101080001001")
    (told,) = exchange.take(asked, now=at(2))
    assert isinstance(told, Answer)
    assert told.items[0].factors == {"w01018": {}}
    assert told.items[0].cp == {"DataTime": "20260101060000"}


def test_before_it_is_accepted_only_its_own_number_answers() -> None:
    exchange = begun(command(3020, PolId="w01018", InfoId="i12001"))
    unasked = says(3020, "DataTime=20260101080000;PolId=w01018;i12001-Info=1", qn="20260101080000500")
    assert exchange.take(unasked, now=at(1)) == []
    assert len(sent(exchange.tick(now=at(10)))) == 1
    exchange.take(says(9011, "QnRtn=1"), now=at(11))
    assert states(exchange.take(unasked, now=at(12))) == ["executing"]


def test_live_data_is_no_answer_to_the_wish_for_it() -> None:
    exchange = begun(command(2011))
    assert exchange.take(says(2011, "DataTime=20260101080000;w01018-Rtd=1", qn="20260101080000500"), now=at(1)) == []
    assert exchange.phase is Phase.SENT


def test_much_data_is_told_once_a_second_and_all_of_it() -> None:
    exchange = begun(command(2051, BeginTime="20260101000000", EndTime="20260101235900"))
    exchange.take(says(9011, "QnRtn=1"), now=at(1))
    told: list[Step] = []
    for minute in range(60):
        part = says(2051, f"DataTime=2026010106{minute:02d}00;w01018-Avg=1", qn=f"202601010800010{minute:02d}")
        told += [*exchange.take(part, now=at(1 + minute / 20)), *exchange.tick(now=at(1 + minute / 20))]
    told += exchange.take(says(9012, "ExeRtn=1"), now=at(4))
    answers = [step for step in told if isinstance(step, Answer)]
    assert len(answers) == 4
    assert sum(len(answer.items) for answer in answers) == 60
    assert answers[-1].parts == 60


def test_parts_of_one_message_are_put_together() -> None:
    exchange = begun(command(3020, PolId="w01018", InfoId="i11001"))
    exchange.take(says(9011, "QnRtn=1"), now=at(1))
    cp = "DataTime=20260101070000;PolId=w01018;i11001-Info=//{}//"
    steps = exchange.take(says(3020, cp.format("清洗"), parts="PNUM=2;PNO=1;"), now=at(2))
    steps += exchange.take(says(3020, cp.format("管路"), parts="PNUM=2;PNO=2;"), now=at(3))
    steps += exchange.take(says(9012, "ExeRtn=1"), now=at(4))
    items = [item for step in steps if isinstance(step, Answer) for item in step.items]
    assert [item.factors for item in items] == [{"i11001": {"Info": "//清洗//,//管路//"}}]


def test_long_logs_are_told_in_messages_that_fit_the_log() -> None:
    exchange = begun(command(3020, PolId="w01018", InfoId="i11001"))
    told: list[Step] = []
    for number in range(1000):
        text = "清洗管路" * 70
        part = says(3020, f"DataTime=20260101070000;PolId=w01018;i11001-Info=//{number}{text}//")
        told += exchange.take(part, now=at(1))
    told += exchange.take(says(9012, "ExeRtn=1"), now=at(2))
    messages = [step.message() for step in told if isinstance(step, Answer)]
    assert sum(len(step.items) for step in told if isinstance(step, Answer)) == 1000
    assert max(map(len, messages)) < 200_000


def test_a_part_that_never_came_does_not_hide_the_others() -> None:
    exchange = begun(command(3020, PolId="w01018", InfoId="i11001"))
    cp = "DataTime=20260101070000;PolId=w01018;i11001-Info=//清洗//"
    exchange.take(says(3020, cp, parts="PNUM=2;PNO=1;"), now=at(2))
    (done,) = exchange.take(says(9012, "ExeRtn=1"), now=at(4))
    assert isinstance(done, Answer)
    assert done.items[0].factors == {"i11001": {"Info": "//清洗//"}}


def test_a_lost_line_puts_back_what_was_not_accepted() -> None:
    exchange = begun()
    exchange.line_lost()
    assert exchange.phase is Phase.WAITING
    assert exchange.tick(now=at(100)) == []
    steps = exchange.send(write_of(exchange.command), now=at(100))
    assert states(steps) == ["sent"]
    assert QN.encode() in sent(steps)[0]


def test_a_lost_line_changes_nothing_of_what_was_accepted() -> None:
    exchange = begun()
    exchange.take(says(9011, "QnRtn=1"), now=at(1))
    exchange.line_lost()
    assert exchange.phase is Phase.ACCEPTED
    assert states(exchange.take(says(9012, "ExeRtn=1"), now=at(30))) == ["done"]


def test_what_was_never_sent_expires_and_what_was_times_out() -> None:
    waiting = Exchange(command=command())
    assert waiting.expire(now=at(599)) == []
    assert states(waiting.expire(now=at(600))) == ["expired"]
    lost = begun()
    lost.line_lost()
    assert states(lost.expire(now=at(600))) == ["timed_out"]


def test_what_the_device_could_not_understand_is_refused_by_us() -> None:
    given = command(1062, RtdInterval="1")
    exchange = Exchange(command=given)
    (told,) = exchange.send(write_of(given), now=START)
    assert isinstance(told, Answer)
    assert told.state is State.REFUSED
    assert told.error is not None
    assert told.error["code"] == "requests.parameter_beyond"
    assert told.attempt == 0


def test_the_clock_is_set_to_the_time_of_each_sending() -> None:
    exchange = Exchange(command=command(1012))
    assert b"SystemTime=20260101080000" in sent(exchange.send(write_of(exchange.command), now=START))[0]
    assert b"SystemTime=20260101080010" in sent(exchange.tick(now=at(10)))[0]


def test_an_accepted_request_of_an_earlier_gateway_waits_on() -> None:
    exchange = Exchange.resumed(command(), Progress(attempt=1, reports=2, parts=5, qn_rtn=1, alive_at=at(0)))
    assert exchange.phase is Phase.ACCEPTED
    (told,) = exchange.take(says(1061, "RtdInterval=30"), now=at(30))
    assert isinstance(told, Answer)
    assert (told.number, told.parts, told.qn_rtn) == (3, 6, 1)
    assert states(exchange.tick(now=at(90))) == ["timed_out"]


def test_a_sent_request_of_an_earlier_gateway_counts_on() -> None:
    exchange = Exchange.resumed(command(retries=1), Progress(attempt=1))
    (told,) = (step for step in exchange.send(write_of(exchange.command), now=at(60)) if isinstance(step, Answer))
    assert told.number == 2
    assert states(exchange.tick(now=at(70))) == ["timed_out"]
