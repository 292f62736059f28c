"""Names and units of factors; the command table; measures."""

from __future__ import annotations

from tests.hj212_shared import lines

from qingtian.office.sites.factors import factor as shown_factor
from qingtian.stream.hj212.commands import COMMANDS, Kind, command
from qingtian.stream.hj212.factors import factor, factors
from qingtian.stream.hj212.replies import ANSWERS, NOTICES, NOTICES_2025


def test_it_knows_a_factor_by_its_code_of_2017() -> None:
    cod = factor("w01018")
    assert cod is not None
    assert (cod.zh, cod.unit, cod.unit_total, cod.decimals, cod.medium) == ("化学需氧量", "mg/L", "kg", 1, "water")
    assert cod.name("en").startswith("Chemical oxygen demand")


def test_it_maps_a_code_of_2005_to_that_of_2017() -> None:
    old, sewage = factor("011"), factor("B01")
    assert old is not None
    assert old.code == "w01018"
    assert sewage is not None
    assert sewage.code == "w00000"


def test_it_knows_a_process_condition_by_its_series() -> None:
    third, series = factor("e10103"), factor("e101xx")
    assert third is not None
    assert third == series
    assert factor("e99999") is None


def test_a_code_that_the_standard_prints_twice_is_that_which_is_used() -> None:
    names = {code: found.zh for code in ("e70101", "e71101", "g11901", "g20001") if (found := factor(code))}
    assert names == {"e70101": "污水提升泵", "e71101": "加药量", "g11901": "入口二氧化硫SO2", "g20001": "脱硫率"}
    assert len(factors()) == len({row.code for row in factors().values()})


def test_what_has_no_english_name_keeps_its_own() -> None:
    assert all(row.en and row.zh for row in factors().values())


def test_pages_name_factors_as_the_codec_does() -> None:
    for code, row in factors().items():
        shown = shown_factor(code)
        assert (shown.code, shown.zh, shown.en, shown.decimals) == (row.code, row.zh, row.en, row.decimals)
    assert (shown_factor("w01001").unit, shown_factor("e10103").name("zh")) == ("", factors()["e101xx"].zh)
    # under a code of 2005 a value has another unit
    assert (shown_factor("011").zh, shown_factor("p10101").name("en")) == ("011", "p10101")


def test_it_owns_up_to_unknown_codes() -> None:
    assert factor("PM25") is None
    assert factor("None") is None
    assert command(8013) is None


def test_a_command_has_its_direction_and_names() -> None:
    hourly = command(2061)
    assert hourly is not None
    assert (hourly.name("zh"), hourly.name("en"), hourly.kind) == ("污染物小时数据", "Hourly values", Kind.UPLOAD)
    assert hourly.up
    assert hourly.down


def test_the_table_and_the_answers_agree() -> None:
    assert {cn for cn, row in COMMANDS.items() if row.kind is Kind.ANSWER} == ANSWERS
    assert all(COMMANDS[cn].up for cn in NOTICES | NOTICES_2025)
    assert all(COMMANDS[cn].kind is Kind.NOTICE for cn in NOTICES)


def test_it_knows_every_command_of_the_standards_examples() -> None:
    for example in lines("hj212_standard_segments.jsonl"):
        found = command(int(example["cn"]))
        assert found is not None
        assert example["version"] in found.versions
