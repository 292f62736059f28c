"""The conformance check both ways: of our gateway, with this side as the device; of our simulator, as the server."""

from __future__ import annotations

import argparse
import json

import pytest
from tests.integration.wire import MN, gateway, plan

from qingtian.bus import plans
from qingtian.bus.client import Bus
from qingtian.entry.commands import conform
from qingtian.stream.conformance import report
from qingtian.stream.conformance.checks import Verdict
from qingtian.stream.conformance.run import Line

pytestmark = pytest.mark.engines

OTHERS = [f"010000A8900016F000169DC{number}" for number in range(1, 4)]


def words(*more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    conform.add_arguments(parser)
    return parser.parse_args(more)


def failing(lines: list[Line]) -> list[str]:
    return [report.text_line(line, "en") for line in lines if line.verdict is Verdict.FAILS]


async def test_the_gateway_keeps_to_every_rule_of_every_edition(bus: Bus, capsys: pytest.CaptureFixture[str]) -> None:
    await plans.publish(bus, plan([MN, *OTHERS]))
    also = [word for mn in OTHERS for word in ("--also-mn", mn)]
    async with gateway(bus) as (_, port):
        # once more, with patience, before a busy machine is taken for a faulty gateway
        for patience in ("2", "20"):
            capsys.readouterr()
            asked = words(f"127.0.0.1:{port}", "--mn", MN, *also, "--patience", patience, "--json")
            if not failing(lines := await conform.check_server(asked, "en")):
                break
    assert failing(lines) == []
    unseen = {line.id for line in lines if line.verdict is Verdict.UNTESTABLE}
    # these need minutes, and a key that no device of the plan has
    assert unseen == {"requests.repeats", "replies.encrypted"}
    assert {int(line.edition) for line in lines} == {2005, 2017, 2025}
    told = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in told] == [line.id for line in lines]
