"""Each filter of each list takes what it offers, and refuses all else with words and a code: as page, JSON and CSV."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

LISTS = (
    *("/inbox/", "/matters/", "/kinds/", "/limits/", "/marks/", "/marks/hours/", "/effectiveness/", "/suspicions/"),
    *("/outlets/", "/facilities/", "/alerts/", "/silences/", "/tasks/", "/relays/", "/deadletters/", "/people/"),
    *("/people/posts/", "/people/certificates/", "/enterprises/", "/notices/", "/commands/", "/backfill/", "/devices/"),
    *("/packages/", "/tokens/", "/system/days/", "/quality/", "/quality/checks/", "/ranges/"),
)
FIELD = re.compile(
    r'<(?P<tag>select|input type="(?P<kind>\w+)") id="f-[\w-]+" name="(?P<name>\w+)"(?P<rest>.*?)(?:</p>)'
)
VALUE = re.compile(r'<option value="([^"]+)"')


def filters(client: Any, path: str) -> dict[str, list[str]]:
    """The filters that a list offers, with their values; of dates one."""
    form = client.get(path).content.decode().split('<form class="filters"')[-1].split("</form>")[0]
    fields = [found for found in FIELD.finditer(form) if found["kind"] != "text"]
    return {
        found["name"]: [unescape(each) for each in VALUE.findall(found["rest"])] or ["2026-12-01"] for found in fields
    }


@pytest.mark.parametrize("path", LISTS)
def test_a_filter_takes_what_it_offers_and_refuses_all_else(path: str, as_person: Any) -> None:
    client = as_person("admin")
    offered = filters(client, path)
    assert offered, "each list has a filter or an order"
    for name, values in offered.items():
        for value in values:
            assert client.get(f"{path}?{name}={quote(value)}").status_code == 200, (name, value)
        for form in ("html", "json", "csv"):
            refused = client.get(f"{path}?{name}=no-such-thing&format={form}")
            assert refused.status_code == 400, (name, form)
            said = refused.content.decode()
            assert "web.asked_unknown" in said
            assert f"{name}=no-such-thing" in said


@pytest.mark.parametrize("path", sorted({*LISTS} - {"/suspicions/"}))
def test_a_list_refuses_pages_orders_and_forms_that_there_are_not(path: str, as_person: Any) -> None:
    client = as_person("admin")
    for wrong in ("page=0", "page=x", "sort=no-such-thing", "format=exe"):
        refused = client.get(f"{path}?{wrong}")
        assert refused.status_code == 400, wrong
        assert wrong in refused.content.decode()


def test_a_refusal_repeats_nothing_that_a_browser_would_run(as_person: Any) -> None:
    said = as_person("desk").get("/alerts/?state=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in said
    assert "&lt;script&gt;" in said
