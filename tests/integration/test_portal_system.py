"""The page of the system says in words what the log and the processes call by names of their own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from qingtian.base.settings import Settings
from qingtian.bus import health, streams
from qingtian.bus.client import connect, ensure_streams
from qingtian.stream.gateway.counters import GatewayCounters

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("office")]


def test_every_stream_and_every_process_has_a_word_and_says_what_it_is_for() -> None:
    from qingtian.portals import system_words

    assert {one.name for one in streams.STREAMS} == set(system_words.STREAMS)
    assert set(health.PROCESSES) | {"web"} == set(system_words.PROCESSES)
    assert all(str(one.does) for one in (*system_words.STREAMS.values(), *system_words.PROCESSES.values()))


def test_every_counter_of_the_gateway_has_a_word() -> None:
    from qingtian.portals import system_words

    told = GatewayCounters(why="no room", plan=3).as_dict() | {"refused": {"bad_checksum": 2}}
    shown = {one.raw: one for one in system_words.counters(told)}
    assert set(shown) == {*told, "refused.bad_checksum"} - {"refused"}
    assert not [raw for raw, one in shown.items() if str(one.word) == raw and raw not in ("packets", "connections")]
    assert shown["waiting_for_plan"].form == "no"
    assert shown["connections"].value == 0


def test_counters_are_read_as_what_they_are_and_an_unknown_one_keeps_its_name() -> None:
    from qingtian.portals import system_words

    told = {
        "closed_until": "2026-11-23T10:00:00+08:00",
        "took_s": 0.25,
        "FINDINGS": 7,
        "lake": "ok",
        "new_one": 5,
        "why": "",
    }
    shown = {one.raw: one for one in system_words.counters(told)}
    assert "why" not in shown
    assert shown["closed_until"].form == "moment"
    assert (shown["took_s"].value, shown["took_s"].unit) == (0.25, "s")
    assert str(system_words.STREAMS["FINDINGS"].word) in str(shown["FINDINGS"].word)
    assert shown["lake"].value != "ok"
    assert (shown["new_one"].word, shown["new_one"].value) == ("new_one", 5)


async def open_streams(settings: Settings) -> None:
    bus = await connect(settings.require_nats_url(), name="test")
    await ensure_streams(bus)
    await bus.close()


@pytest.mark.usefixtures("rolled_back")
def test_the_page_names_streams_in_words_with_the_raw_name_beside(office: Settings, as_person: Any) -> None:
    asyncio.run(open_streams(office))
    # the page gives the log two seconds; a busy machine is asked again
    for _ in range(30):
        page = as_person("admin").get("/system/").content.decode()
        if "PACKETS" in page:
            break
    for raw, word in (("PACKETS", "数据包"), ("MARKS", "标记")):
        assert f'<b>{word}</b><span class="sub mono">{raw}</span>' in page, raw
    assert "网关（gateway）" in page, "what is missing is named in words too"
