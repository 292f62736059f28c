"""``qingtian command``: an act with the rights and the ledger of the page, followed to its end on the terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.office_commands import answer, message, part
from tests.office_world import MONDAY, OUTLET

from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.bus.answers import RELAY, Answer, State
from qingtian.entry.commands import command as cli

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


@pytest.fixture
def mn(office: Settings) -> str:
    from qingtian.office.sites.models import Device

    return str(Device.objects.filter(outlet_id=OUTLET).order_by("mn").first().pk)


@pytest.fixture
def gateway_tells(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """``gateway_tells((state, more), …)``: each time the command line waits, the office takes the next of these."""
    from qingtian.office.reverse_control import api

    script: list[tuple[str, dict[str, Any]]] = []

    def instead_of_sleeping(seconds: float) -> None:
        state, more = script.pop(0)
        found = api.DeviceCommand.objects.get()
        at = found.created + timedelta(seconds=1)
        api.take_answer(message=answer(found, state, at=at, **more), at=at)

    monkeypatch.setattr(cli.time, "sleep", instead_of_sleeping)
    yield lambda *steps: script.extend(steps)
    assert script == []


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    return cli.run(parser.parse_args(words))


@pytest.mark.usefixtures("people")
def test_it_follows_a_command_to_its_end(
    mn: str, gateway_tells: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGTIAN_LANGUAGE", "en")
    gateway_tells(
        ("sent", {}),
        ("accepted", {"qn_rtn": 1}),
        ("executing", {"items": (part(1061, {"RtdInterval": "60"}),), "parts": 1}),
        ("done", {"exe_rtn": 1, "parts": 1}),
    )
    assert run(mn, "get-realtime-interval", "--as", "desk", "--wait") == 0
    said = [line.split("  ", 1)[1].strip() for line in capsys.readouterr().out.splitlines()]
    assert said[0].startswith("QN=")
    assert said[1:] == [
        "sent, attempt 1",
        "accepted  QnRtn=1 will execute",
        "executing",
        "CN=1061 RtdInterval=60",
        "done  ExeRtn=1 done",
        "1 messages of data in all",
    ]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("end", "more"), [("refused", {"qn_rtn": 3}), ("timed_out", {}), ("expired", {}), ("refused", {"exe_rtn": 5})]
)
def test_its_exit_code_tells_that_it_was_not_done(
    end: str, more: dict[str, int], mn: str, gateway_tells: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway_tells((end, more))
    assert run(mn, "get-time", "--as", "desk", "--wait", "--json") == 1
    queued, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (queued["state"], last["state"], last["qn_rtn"]) == ("queued", end, more.get("qn_rtn"))


@pytest.mark.usefixtures("people")
def test_it_writes_parameters_as_the_standard_has_them_and_the_reason_into_the_ledger(mn: str) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    words = ["--param", "PolId=w01018", "--param", "i13007-Info=1.5", "--reason", "校准后调整", "--as", "desk"]
    assert run(mn, "set-parameter", *words) == 0
    found = api.DeviceCommand.objects.get()
    assert found.parameters == [{"PolId": "w01018"}, {"InfoId": "i13007"}, {"i13007-Info": "1.5"}]
    (line,) = ledger.history(api.chain(found.pk))
    assert (line.actor, line.content["reason"]) == ("desk", "校准后调整")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("get-time", "--as", "officer2"), "sites.not_found_here"),
        (("set-realtime-interval", "--param", "RtdInterval=60", "--as", "desk"), "reverse_control.reason_missing"),
        (("get-time", "--as", "nobody"), "command.nobody"),
        (("get-everything", "--as", "desk"), "requests.unknown"),
        (("set-password", "--param", "NewPW=1", "--reason", "x", "--as", "desk"), "reverse_control.command_unsuited"),
    ],
)
def test_it_refuses_what_the_page_refuses(words: tuple[str, ...], code: str, mn: str) -> None:
    from qingtian.office.reverse_control import api

    with pytest.raises(QingtianError) as refused:
        run(mn, *words)
    assert refused.value.code == code
    assert not api.DeviceCommand.objects.exists()


def test_without_a_user_it_is_misused_and_the_list_needs_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("MN", "get-time") == 2
    assert run("--list") == 0
    assert "calibrate-zero" in capsys.readouterr().out


def test_a_command_of_another_platform_is_entered_as_such(mn: str) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    told = Answer(
        command="f" * 32,
        mn=mn,
        qn="20261123095959999",
        cn=1061,
        parameters=(),
        state=State.SENT,
        at=MONDAY,
        attempt=1,
        actor=RELAY,
        why="province",
    )
    found = api.take_answer(message=message(told), at=MONDAY)
    assert found is not None
    assert (found.actor, found.why, found.state) == ("system:relay", "province", "sent")
    assert ledger.history(api.chain(found.pk))[0].actor == "system:relay"
