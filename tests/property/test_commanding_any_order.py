"""Whatever devices answer, in any order, twice or never, and however lines and gateways come and go."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.commanding_world import MN, PW, FakeLine, World

from qingtian.bus.answers import ENDS, State
from qingtian.bus.commands import Command

OTHER = "88888880000001"
READS, ACTS, NOTICES = 1061, 3011, 2012
ITEMS = {READS: {}, ACTS: {"PolId": "w01018"}, NOTICES: {}}
ANSWERS = [
    *[(9011, "QnRtn=1")] * 3,
    (9011, "QnRtn=5"),
    (9011, ""),
    (9012, "ExeRtn=1"),
    (9012, "ExeRtn=2"),
    (9013, ""),
    (READS, "RtdInterval=30"),
]
EVENTS = ["ask"] * 3 + ["connect"] * 3 + ["answer"] * 8 + ["wait"] * 3 + ["leave", "close_old", "restart"]
"""What happens, as often as it should: rules of their own would be switched off together in most runs."""


class Commanding(RuleBasedStateMachine):
    """``line``: where each device is now. Old lines may close late, as they do."""

    @initialize()
    def begin(self) -> None:
        self.world = World(devices=({"mn": MN, "pw": PW}, {"mn": OTHER, "pw": PW}))
        self.line: dict[str, FakeLine] = {}
        self.old: list[tuple[str, FakeLine]] = []
        self.frames: list[tuple[str, bytes]] = []

    def hear(self, mn: str) -> None:
        """Take what a device has been sent since it was last looked at."""
        line = self.line[mn]
        self.frames += [(mn, raw) for raw in line.written]
        line.written.clear()

    @rule(data=st.data(), event=st.sampled_from(EVENTS), mn=st.sampled_from([MN, MN, OTHER]))
    def happens(self, data: st.DataObject, event: str, mn: str) -> None:
        getattr(self, event)(data, mn)

    def ask(self, data: st.DataObject, mn: str) -> None:
        cn = data.draw(st.sampled_from(sorted(ITEMS)))
        retries, expires = data.draw(st.integers(0, 2)), data.draw(st.sampled_from([1, 30, 200]))
        self.world.ask(cn, mn=mn, retries=retries, expires=expires, **ITEMS[cn])

    def connect(self, data: st.DataObject, mn: str) -> None:
        if mn in self.line:
            self.hear(mn)
            self.old.append((mn, self.line[mn]))
        self.line[mn] = self.world.connect(mn)

    def leave(self, data: st.DataObject, mn: str) -> None:
        if mn in self.line:
            self.hear(mn)
            self.world.leave(self.line.pop(mn), mn)

    def close_old(self, data: st.DataObject, mn: str) -> None:
        if self.old:
            self.world.leave(*reversed(self.old.pop()))

    def answer(self, data: st.DataObject, mn: str) -> None:
        """A device answers any request it ever got, rightly or not, once or twice."""
        if mn not in self.line:
            return
        self.hear(mn)
        got = [each for each in self.world.asked if each.mn == mn and self.sendings(each)]
        if not got:
            return
        # mostly the last: an older one has ended
        command = data.draw(st.sampled_from([*got, got[-1], got[-1]]))
        cn, cp = data.draw(st.sampled_from(ANSWERS))
        for _ in range(data.draw(st.integers(1, 2))):
            self.world.say(self.line[mn], cn, cp, qn=command.qn, mn=mn)

    def wait(self, data: st.DataObject, mn: str) -> None:
        self.world.wait(data.draw(st.sampled_from([1, 5, 11, 61, 200])))

    def restart(self, data: st.DataObject, mn: str) -> None:
        for mn in self.line:
            self.hear(mn)
        self.line.clear()
        self.old.clear()
        self.world.restart()

    def sendings(self, command: Command) -> list[bytes]:
        waiting = [(mn, raw) for mn, line in self.line.items() for raw in line.written]
        of_request = f"QN={command.qn};ST=32;".encode()
        return [raw for mn, raw in [*self.frames, *waiting] if mn == command.mn and of_request in raw]

    @invariant()
    def each_command_is_sent_as_often_as_told_and_always_the_same(self) -> None:
        for command in self.world.asked:
            sendings = self.sendings(command)
            assert len(set(sendings)) <= 1
            assert len(sendings) == self.world.states(command).count("sent") <= command.retries + 1

    @invariant()
    def states_go_one_way_and_end_once(self) -> None:
        for command in self.world.asked:
            states = [State(each) for each in self.world.states(command)]
            ends = [place for place, state in enumerate(states) if state in ENDS]
            assert ends in ([], [len(states) - 1])
            begun = [place for place, state in enumerate(states) if state in (State.ACCEPTED, State.EXECUTING)]
            sent = [place for place, state in enumerate(states) if state is State.SENT]
            assert not begun or not sent or max(sent) < min(begun)
            assert State.EXPIRED not in states or not sent

    @invariant()
    def each_state_has_an_id_of_its_own(self) -> None:
        assert max(Counter(answer.id for answer in self.world.told).values(), default=1) == 1

    @invariant()
    def a_device_has_one_request_at_a_time_in_order(self) -> None:
        for mn in (MN, OTHER):
            told = [answer for answer in self.world.told if answer.mn == mn]
            first_sent = [answer.command for answer in told if answer.state is State.SENT and answer.number == 1]
            for before, after in pairwise(first_sent):
                ended = next(place for place, each in enumerate(told) if each.command == before and each.state.ended)
                sent = next(place for place, each in enumerate(told) if each.command == after)
                assert ended < sent
                assert before < after

    @invariant()
    def a_request_is_awaited_as_long_as_it_is_under_way(self) -> None:
        for mn in (MN, OTHER):
            last = {answer.command: answer.state for answer in self.world.told if answer.mn == mn}
            under_way = any(not state.ended for state in last.values())
            assert (mn in self.world.commander.awaiting) == under_way

    def teardown(self) -> None:
        """In the end every command has ended, though no device says another word."""
        if hasattr(self, "world"):
            self.world.wait(2000)
            assert self.world.commander.waiting == 0
            assert all(State(self.world.states(command)[-1]) in ENDS for command in self.world.asked)


TestCommanding = Commanding.TestCase
TestCommanding.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
