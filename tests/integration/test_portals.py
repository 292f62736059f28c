"""The pages, asked as each person of the cast: who may open what, what they see, how fast, in which form."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET, finding

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING
from qingtian.demo import cast

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

CITY = {"duty_desk", "leader", "administrator"}
OFFICE = CITY | {"officer", "grid_member", "reviewer"}
EVERYONE = OFFICE | {"enterprise"}
WHO = {
    "/": EVERYONE,
    "/logout/": EVERYONE,
    "/events/": EVERYONE,
    "/desk/": CITY | {"officer"},
    "/desk/map/": CITY | {"officer"},
    "/outlets/": OFFICE,
    "/outlets/<str:code>/": EVERYONE,
    "/outlets/<str:code>/readings/": EVERYONE,
    "/outlets/<str:code>/today/": EVERYONE,
    "/outlets/<str:code>/history/": EVERYONE,
    "/outlets/<str:code>/completeness/": EVERYONE,
    "/outlets/<str:code>/months/": EVERYONE,
    "/outlets/<str:code>/months/permitted/": OFFICE,
    "/outlets/<str:code>/facilities/": EVERYONE,
    "/outlets/<str:code>/facilities/<slug:name>/": OFFICE,
    "/facilities/": OFFICE,
    "/facilities/workbook/": OFFICE,
    "/facilities/import/": OFFICE,
    "/outlets/<str:code>/quality/": EVERYONE,
    "/outlets/<str:code>/quality/brief/": EVERYONE,
    "/outlets/<str:code>/quality/<slug:name>/": EVERYONE,
    "/quality/": EVERYONE,
    "/quality/checks/": EVERYONE,
    "/quality/workbook/": EVERYONE,
    "/quality/import/": EVERYONE,
    "/quality/files/<slug:sha256>/": EVERYONE,
    "/quality/<int:check_id>/": EVERYONE,
    "/quality/<int:check_id>/<slug:name>/": EVERYONE,
    "/outlets/<str:code>/ranges/": EVERYONE,
    "/outlets/<str:code>/ranges/<slug:name>/": EVERYONE,
    "/ranges/": OFFICE,
    "/ranges/workbook/": OFFICE,
    "/ranges/import/": OFFICE,
    "/outlets/<str:code>/limits/": EVERYONE,
    "/outlets/<str:code>/limits/<slug:name>/": OFFICE,
    "/compare/": EVERYONE,
    "/effectiveness/": EVERYONE,
    "/suspicions/": OFFICE,
    "/suspicions/<slug:finding>/<slug:name>/": OFFICE,
    "/rules/": OFFICE,
    "/rules/detectors/<slug:code>/": EVERYONE,
    "/rules/<path:name>/": OFFICE,
    "/kinds/": EVERYONE,
    "/kinds/<slug:code>/": EVERYONE,
    "/kinds/<slug:code>/settings/": OFFICE,
    "/limits/": OFFICE,
    "/limits/<str:table>/<int:number>/": OFFICE,
    "/limits/<str:table>/<int:number>/confirm/": OFFICE,
    "/alerts/": EVERYONE,
    "/alerts/<int:episode_id>/": EVERYONE,
    "/alerts/<int:episode_id>/<slug:name>/": EVERYONE,
    "/tasks/": OFFICE,
    "/tasks/<int:task_id>/": OFFICE,
    "/tasks/<int:task_id>/<slug:name>/": OFFICE,
    "/evidence/<slug:sha256>/": OFFICE,
    "/packages/": OFFICE,
    "/packages/of/<int:episode_id>/": OFFICE,
    "/packages/make/<int:episode_id>/": OFFICE - {"grid_member"},
    "/packages/<int:package_id>/": OFFICE,
    "/inbox/": EVERYONE,
    "/inbox/calendar/": EVERYONE,
    "/inbox/calendar/make/": EVERYONE,
    "/inbox/calendar/end/": EVERYONE,
    "/inbox/offers/<slug:offer>/drop/": OFFICE,
    "/matters/": EVERYONE,
    "/matters/new/": EVERYONE,
    "/matters/new/<slug:code>/": EVERYONE,
    "/matters/places/": OFFICE,
    "/matters/numbers/<slug:code>/<slug:name>/": OFFICE,
    "/matters/arisen/": OFFICE,
    "/matters/<int:matter_id>/": EVERYONE,
    "/matters/<int:matter_id>/file/": EVERYONE,
    "/matters/<int:matter_id>/file/away/": OFFICE,
    "/matters/<int:matter_id>/file/<slug:part>.<slug:form>": EVERYONE,
    "/matters/<int:matter_id>/drafts/": OFFICE,
    "/matters/<int:matter_id>/drafts/<slug:name>/": OFFICE,
    "/matters/<int:matter_id>/drafts/<slug:name>.<slug:form>": OFFICE,
    "/matters/papers/<int:paper_id>/": EVERYONE,
    "/matters/papers/<int:paper_id>/original/": EVERYONE,
    "/matters/papers/<int:paper_id>/files/<int:place>/": EVERYONE,
    "/matters/papers/<int:paper_id>.pdf": EVERYONE,
    "/matters/papers/<int:paper_id>.docx": EVERYONE,
    "/matters/<int:matter_id>/act/<slug:name>/": EVERYONE,
    "/matters/<int:matter_id>/change/<slug:name>/": OFFICE,
    "/matters/bulk/": OFFICE,
    "/matters/bulk/act/": OFFICE,
    "/matters/import/": OFFICE,
    "/matters/import/<slug:code>/": OFFICE,
    "/matters/import/<slug:code>/blank/": OFFICE,
    "/matters/import/<slug:code>/confirm/": OFFICE,
    "/matters/views/save/": EVERYONE,
    "/matters/views/drop/": EVERYONE,
    "/enterprise/": {"enterprise"},
    "/enterprises/": OFFICE,
    "/enterprises/<str:code>/": OFFICE,
    "/notices/": EVERYONE,
    "/notices/read/": EVERYONE,
    "/notices/bell/": EVERYONE,
    "/notices/quiet/": EVERYONE,
    "/marks/": EVERYONE,
    "/marks/hours/": EVERYONE,
    "/marks/file/": EVERYONE,
    "/marks/<int:mark_id>/": EVERYONE,
    "/marks/<int:mark_id>/<slug:name>/": EVERYONE,
    "/silences/": OFFICE,
    "/silences/make/": OFFICE,
    "/silences/<int:silence_id>/lift/": OFFICE,
    "/relays/": CITY,
    "/relays/new/": {"duty_desk", "administrator"},
    "/relays/<slug:code>/": CITY,
    "/relays/<slug:code>/edit/": {"duty_desk", "administrator"},
    "/relays/<slug:code>/records/": CITY,
    "/relays/<slug:code>/turn/<slug:name>/": {"duty_desk", "administrator"},
    "/commands/": CITY | {"officer"},
    "/commands/new/": CITY | {"officer"},
    "/commands/send/": CITY | {"officer"},
    "/commands/of/<str:code>/": CITY | {"officer"},
    "/commands/<slug:command_id>/": CITY | {"officer"},
    "/backfill/": CITY | {"officer"},
    "/backfill/act/<slug:name>/": CITY | {"officer"},
    "/backfill/<str:mn>/": CITY | {"officer"},
    "/deadletters/": CITY,
    "/deadletters/replay/": {"administrator"},
    "/devices/": OFFICE,
    "/devices/<str:mn>/": EVERYONE,
    "/devices/<str:mn>/profile/": {"administrator"},
    "/system/": {"administrator"},
    "/system/jobs/": {"administrator"},
    "/system/jobs/<int:job_id>/": {"administrator"},
    "/system/jobs/<int:job_id>/again/": {"administrator"},
    "/system/days/": {"administrator"},
    "/system/days/put/": {"administrator"},
    "/ledger/": {"leader", "administrator"},
    "/ledger/checkpoints/<int:size>/": {"leader", "administrator"},
    "/ledger/erase/": {"administrator"},
    "/ledger/erase/do/": {"administrator"},
    "/tokens/": EVERYONE,
    "/tokens/make/": EVERYONE,
    "/tokens/<int:token_id>/revoke/": EVERYONE,
    "/people/": {"administrator"},
    "/people/unlock/": {"administrator"},
    "/people/posts/": {"administrator"},
    "/people/certificates/": {"administrator"},
    "/people/<int:user_id>/": {"administrator"},
    "/people/<int:user_id>/<slug:name>/": {"administrator"},
    "/parts/": {"administrator"},
}
PUBLIC = {"/login/", "/preferences/", "/healthz", "/calendar/<str:token>.ics"}
LISTS = (
    "/ledger/",
    "/system/days/",
    "/system/jobs/",
    "/people/posts/",
    "/people/certificates/",
    "/inbox/",
    "/matters/",
    "/packages/",
    "/marks/",
    "/marks/hours/",
    "/quality/",
    "/quality/checks/",
    "/effectiveness/",
    "/kinds/",
    "/limits/",
    "/suspicions/",
    "/outlets/",
    "/alerts/",
    "/silences/",
    "/tasks/",
    "/relays/",
    "/deadletters/",
    "/people/",
    "/enterprises/",
    "/notices/",
    "/commands/",
    "/backfill/",
    "/devices/",
)
UNSEARCHED = {
    "/system/jobs/",
    "/people/",
    "/notices/",
    "/relays/",
    "/people/posts/",
    "/people/certificates/",
    "/ledger/",
}
FIRM, OTHER_FIRM = "E0001", "E0002"


@pytest.fixture
def alert(office: Settings) -> Iterator[Any]:
    """A live alert with its task, at the outlet of firm E0001 in Bao'an."""
    from qingtian.office.tasks import api as tasks

    tasks.take_finding(message=finding(value=150.0), at=MONDAY)
    from qingtian.office.alerts.models import Episode

    return Episode.objects.select_related("task").get()


def patterns() -> dict[str, Any]:
    from qingtian.portals.urls import urlpatterns

    found = {"/" + str(one.pattern): one.callback for one in urlpatterns}
    # the interface for programs asks for a token at each address itself: test_portal_rest.py
    return {path: view for path, view in found.items() if not path.startswith("/api/")}


def address(pattern: str, alert: Any) -> str:
    code = FIRM if pattern.startswith("/enterprises/") else OUTLET
    filled = pattern.replace("<str:code>", code).replace("<int:episode_id>", str(alert.pk))
    filled = filled.replace("<int:task_id>", str(alert.task.pk)).replace("<slug:name>", "nothing")
    filled = filled.replace("<slug:code>", "nosuch").replace("<slug:finding>", "0" * 32)
    filled = filled.replace("<path:name>", "marks/filing").replace("<str:table>", "gb_18485_2014")
    filled = filled.replace("<int:number>", "1").replace("<slug:offer>", "0" * 32)
    filled = filled.replace("<int:size>", "999999999").replace("<int:user_id>", "999999999")
    filled = filled.replace("<int:silence_id>", "1").replace("<int:mark_id>", "1")
    filled = filled.replace("<int:check_id>", "1").replace("<int:job_id>", "999999999")
    filled = filled.replace("<int:matter_id>", "1").replace("<int:paper_id>", "999999999")
    filled = filled.replace("<slug:part>", "main").replace("<slug:form>", "pdf").replace("<int:place>", "0")
    filled = filled.replace("<int:package_id>", "1").replace("<int:token_id>", "0")
    filled = filled.replace("<slug:command_id>", "0" * 32).replace("<str:mn>", "0" * 24)
    return filled.replace("<slug:sha256>", "0" * 64)


def test_it_knows_of_every_page_who_may_open_it() -> None:
    assert set(patterns()) == set(WHO) | PUBLIC
    for path, view in patterns().items():
        assert view.access.public == (path in PUBLIC), path
        assert view.access.roles == WHO.get(path, set()), path


def leads_somewhere(path: str) -> bool:
    from django.urls import Resolver404, resolve

    try:
        return bool(resolve(path))
    except Resolver404:
        return False


def test_every_address_in_a_template_is_a_page(office: Settings) -> None:
    from qingtian import portals

    named = re.compile(r'(?:href|action|hx-get|data-map|data-chart)="(/[^"%]*?)["?#]')
    nowhere, seen = [], 0
    for template in sorted((Path(portals.__file__).parent / "templates").rglob("*.html")):
        for found in named.finditer(template.read_text()):
            seen += 1
            # what stands there may be a code, or the whole query
            if not any(leads_somewhere(re.sub(r"{{.*?}}", filled, found[1])) for filled in ("1", "")):
                nowhere.append((template.name, found[1]))
    assert nowhere == []
    assert seen > 100


@pytest.mark.parametrize("person", cast.PEOPLE, ids=lambda person: person.username)
def test_it_closes_every_page_to_those_it_does_not_name(person: cast.Person, as_person: Any, alert: Any) -> None:
    client = as_person(person.username)
    for pattern, roles in WHO.items():
        if pattern == "/events/":
            # gives its connection back, which a test inside a transaction cannot; test_portal_events opens it
            continue
        answer = client.get(address(pattern, alert))
        if person.role not in roles:
            assert answer.status_code == 403, pattern
            assert b"web.forbidden" in answer.content
        else:
            # 400: a form that wants to know of which outlet says so
            assert answer.status_code in (200, 302, 400, 404, 405), (pattern, answer.status_code)


def test_a_refusal_keeps_the_frame_and_a_fault_asks_nothing(as_person: Any, office: Settings) -> None:
    from django.db import connection
    from django.test import RequestFactory

    from qingtian.portals.refusals import failed

    refused = as_person("officer").get("/tasks/999999/")
    assert refused.status_code == 404
    assert b'class="rail"' in refused.content
    assert b"data-back" in refused.content

    def nothing_answers(*_asked: Any) -> None:
        raise AssertionError("the database was asked")

    with connection.execute_wrapper(nothing_answers):
        answer = failed(RequestFactory().get("/desk/"))
    assert answer.status_code == 500
    assert b'class="rail"' not in answer.content
    assert b"web.fault" in answer.content


def test_it_says_what_authors_wrote_in_the_words_of_the_page(office: Settings) -> None:
    from django.utils import translation

    from qingtian.portals.templatetags import parts
    from qingtian.portals.templatetags.notes import own_half, prose, source_words

    title = "HJ/T 212-2005 与 2017 版单位不同的因子 Factors whose unit in 2005 differs"
    with translation.override("zh-hans"):
        assert own_half(title) == "HJ/T 212-2005 与 2017 版单位不同的因子"
        assert source_words("[memory:high]") == "凭记忆录入，没有文件"
        assert parts.printed("<= 40 times") == "≤ 40 倍"
        assert parts.printed("小时限值80mg/m3的") == "小时限值80mg/m³的"
    with translation.override("en"):
        assert own_half(title) == "Factors whose unit in 2005 differs"
        assert own_half("GB 18485-2014") == "GB 18485-2014"
        assert source_words("[memory:high] GB 18485-2014 table 4") == "GB 18485-2014 table 4"
    assert prose("# A\n\nSees `x` & <y>.\n\n- one\n- two") == (
        "<p>Sees <code>x</code> &amp; &lt;y&gt;.</p><ul><li>one</li><li>two</li></ul>"
    )
    assert (parts.number(""), parts.number(None), parts.number(-0.0), parts.number(0)) == ("—", "—", "0", "0")


def test_it_sends_strangers_to_the_door_and_back(as_person: Any, alert: Any) -> None:
    from django.test import Client

    stranger = Client()
    for pattern in WHO:
        answer = stranger.get(address(pattern, alert))
        assert answer.status_code in (302, 401), pattern
    assert stranger.get("/alerts/?state=live").headers["Location"] == "/login/?next=%2Falerts%2F%3Fstate%3Dlive"
    assert stranger.get("/alerts/?format=json").status_code == 401
    assert stranger.get("/healthz").status_code in (200, 503)


def test_it_closes_a_view_that_states_nothing(as_person: Any, people: dict[str, Any]) -> None:
    from django.core.exceptions import PermissionDenied
    from django.http import HttpResponse
    from django.test import RequestFactory

    from qingtian.portals.page import PageMiddleware

    request = RequestFactory().get("/")
    request.user = people["admin"]
    with pytest.raises(PermissionDenied):
        PageMiddleware(lambda _request: HttpResponse()).process_view(request, lambda _request: HttpResponse(), (), {})


def test_it_hides_another_district_and_another_firm(as_person: Any, alert: Any) -> None:
    there = (f"/alerts/{alert.pk}/", f"/outlets/{OUTLET}/", f"/outlets/{OUTLET}/readings/")
    assert as_person("officer").get(f"/enterprises/{FIRM}/").status_code == 200
    assert as_person("officer2").get(f"/enterprises/{FIRM}/").status_code == 404
    for username in ("officer", "firm"):
        assert [as_person(username).get(path).status_code for path in there] == [200, 200, 200]
    for username in ("officer2", "firm2"):
        answers = [as_person(username).get(path) for path in there]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert all(alert.number not in answer.content.decode() for answer in answers)
    assert as_person("officer").get(f"/tasks/{alert.task.pk}/").status_code == 200
    assert as_person("officer2").get(f"/tasks/{alert.task.pk}/").status_code == 404


@pytest.mark.parametrize(("path", "who", "other"), [("/alerts/", "firm", "firm2"), ("/tasks/", "officer", "officer2")])
def test_it_lists_only_what_is_in_scope(path: str, who: str, other: str, as_person: Any, alert: Any) -> None:
    mine = json.loads(as_person(who).get(f"{path}?format=json").content)
    theirs = json.loads(as_person(other).get(f"{path}?format=json").content)
    assert [row["outlet_code"] for row in mine["rows"]] == [OUTLET]
    assert theirs["rows"] == []


@pytest.mark.parametrize("path", LISTS)
def test_it_gives_each_list_as_page_json_and_csv(path: str, as_person: Any, alert: Any) -> None:
    client = as_person("admin")
    assert client.get(path).headers["Content-Type"].startswith("text/html")
    rows = json.loads(client.get(f"{path}?format=json").content)["rows"]
    table = list(csv.DictReader(io.StringIO(client.get(f"{path}?format=csv").content.decode("utf-8-sig"))))
    assert len(table) == len(rows)
    assert not rows or set(table[0]) == set(rows[0])


@pytest.mark.parametrize("path", LISTS)
def test_the_file_for_people_has_a_heading_of_their_language_over_each_column(
    path: str, as_person: Any, alert: Any
) -> None:
    client = as_person("admin")
    seen = client.get(path).content.decode()
    assert "list-foot" not in seen or "headings=words" in seen, "the page offers the file for people"
    for_people = client.get(f"{path}?format=csv&headings=words").content.decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(for_people))
    codes, *same = csv.reader(io.StringIO(client.get(f"{path}?format=csv&headings=codes").content.decode("utf-8-sig")))
    assert rows == same
    assert len(set(heads)) == len(heads) == len(codes)
    bare = [head for head in heads if not re.search("[\u4e00-\u9fff]", head) and head not in ("MN", "QN", "CN", "CP")]
    assert set(bare) <= {"QnRtn", "ExeRtn"}, "name them in portals/headings.py"
    assert client.get(f"{path}?format=csv&headings=nothing").status_code == 400


def test_it_filters_sorts_and_pages_by_the_url(as_person: Any, alert: Any) -> None:
    client = as_person("desk")
    water = json.loads(client.get("/outlets/?format=json&medium=water&sort=-code").content)["rows"]
    assert {row["medium"] for row in water} == {"water"}
    assert [row["code"] for row in water] == sorted((row["code"] for row in water), reverse=True)
    found = json.loads(client.get(f"/outlets/?format=json&q={OTHER_OUTLET}").content)["rows"]
    assert [row["code"] for row in found] == [OTHER_OUTLET]
    for nonsense in ("page=99999999999", "page=x", "sort=nothing", "state=nothing", "severity=9", "format=exe"):
        assert client.get(f"/alerts/?{nonsense}").status_code == 400, nonsense


# the ledger's checkpoints and what waits for a person have one order, suspicions are ranked by weight
@pytest.mark.parametrize("path", sorted({*LISTS} - {"/ledger/", "/inbox/", "/suspicions/"}))
def test_a_list_can_be_ordered_where_its_heads_are_not_shown(path: str, as_person: Any, alert: Any) -> None:
    client = as_person("admin")
    page = client.get(path).content.decode()
    field = page.split('id="f-sort"')[1].split("</select>")[0]
    offered = re.findall(r'value="([^"]*)"( selected)?', field)
    assert len([chosen for _, chosen in offered if chosen]) == 1
    wanted = offered[-1][0]
    field = client.get(f"{path}?sort={wanted}").content.decode().split('id="f-sort"')[1].split("</select>")[0]
    assert f'value="{wanted}" selected' in field


@pytest.mark.parametrize("path", LISTS)
def test_it_can_be_searched_for_what_is_not_there(path: str, as_person: Any, alert: Any) -> None:
    found = as_person("admin").get(f"{path}?format=json&q=nobody-has-this-name")
    assert found.status_code == 200
    # lists of a few dozen rows have no search
    assert json.loads(found.content)["rows"] == [] or path in UNSEARCHED


def test_it_finds_an_alert_by_the_code_of_its_outlet(as_person: Any, alert: Any) -> None:
    rows = json.loads(as_person("desk").get(f"/alerts/?format=json&q={OUTLET.lower()}").content)["rows"]
    assert [row["outlet_code"] for row in rows] == [OUTLET]


def test_it_defuses_formulas_in_csv(office: Settings) -> None:
    from django.test import RequestFactory

    from qingtian.portals.listing import Column, Empty, Listing, as_csv

    listing: Listing[str] = Listing(
        name="x", columns=(Column(name="a", title="a", value=lambda row: row),), empty=Empty(title="", why="")
    )
    request = RequestFactory().get("/")
    assert as_csv(request, listing, ["=1+1"]).content.decode("utf-8-sig").splitlines() == ["a", "'=1+1"]


def test_it_says_until_when_a_locked_name_must_wait(office: Settings) -> None:
    from django.test import Client

    client = Client()
    for _ in range(20):
        answer = client.post("/login/", {"username": "desk", "password": "wrong"})
        if answer.status_code == 429:
            break
        assert answer.status_code == 403
        assert "people.login_refused" in answer.content.decode()
    assert answer.status_code == 429
    assert "已暂停登录" in answer.content.decode()
    again = client.post("/login/", {"username": "desk", "password": cast.PASSWORD})
    assert again.status_code == 429


def test_it_lets_the_administrator_unlock_a_name(as_person: Any) -> None:
    from django.test import Client

    client = Client()
    while client.post("/login/", {"username": "desk", "password": "wrong"}).status_code != 429:
        pass
    admin = as_person("admin")
    assert "desk" in admin.get("/people/").content.decode().split("</section>")[0]
    admin.post("/people/unlock/", {"username": "desk", "address": "127.0.0.1"})
    assert client.post("/login/", {"username": "desk", "password": cast.PASSWORD}).headers["Location"] == "/desk/"


def test_it_takes_nobody_to_another_site(office: Settings) -> None:
    from django.test import Client

    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        form = {"username": "desk", "password": cast.PASSWORD, "next": target}
        assert Client().post("/login/", form).headers["Location"] == "/"


def test_it_speaks_the_language_a_person_has_chosen(as_person: Any) -> None:
    client = as_person("desk")
    assert "指挥" in client.get("/desk/").content.decode()
    client.post("/preferences/", {"language": "en", "theme": "dark", "care_mode": "1", "next": "/desk/"})
    page = client.get("/desk/").content.decode()
    assert 'lang="en" data-theme="dark" data-care="on"' in page
    assert "Outlets on line" in page
    assert "指挥" not in page


@pytest.mark.parametrize("wish", ["en", "en-GB,en;q=0.9", "fr", "zh-TW"])
def test_it_speaks_chinese_until_somebody_chooses(wish: str, people: dict[str, Any]) -> None:
    from django.test import Client

    client = Client(headers={"accept-language": wish}, raise_request_exception=False)
    for place in ("/login/", "/nowhere/"):
        assert 'lang="zh-hans"' in client.get(place).content.decode(), place
    client.force_login(people["desk"])
    for place in ("/alerts/", "/nowhere/", "/tasks/999999/"):
        assert 'lang="zh-hans"' in client.get(place).content.decode(), place


def test_it_keeps_the_language_chosen_at_the_door(office: Settings, people: dict[str, Any]) -> None:
    from django.test import Client

    client = Client()
    client.post("/preferences/", {"language": "en", "next": "/login/"})
    assert 'lang="en"' in client.get("/login/").content.decode()
    client.post("/login/", {"username": "desk", "password": cast.PASSWORD})
    assert 'lang="en"' in client.get("/alerts/").content.decode()
    # whoever comes next at this machine has made no choice, only the door stays as it was left
    client.post("/logout/")
    client.post("/login/", {"username": "leader", "password": cast.PASSWORD})
    assert 'lang="zh-hans"' in client.get("/alerts/").content.decode()


WHERE = {
    "desk": "全市",
    "leader": "全市",
    "reviewer": "全市",
    "admin": "全市",
    "officer": "宝安区",
    "officer2": "南山区",
    "officer3": "宝安区",
    **dict.fromkeys(("legal", "host", "cashier", "disclosure", "higher"), "全市"),
}


@pytest.mark.parametrize("person", cast.PEOPLE, ids=lambda person: person.username)
def test_its_top_line_names_the_place_of_the_person(
    person: cast.Person, as_person: Any, people: dict[str, Any]
) -> None:
    from qingtian.office.sites.models import Enterprise

    place = WHERE.get(person.username)
    if person.enterprise:
        place = Enterprise.objects.get(pk=person.enterprise).name
    elif person.grid:
        place = people[person.username].grid.name
    page = as_person(person.username).get("/alerts/").content.decode()
    assert f'<p class="place"><span title="{place}">{place}</span>' in page


@pytest.mark.parametrize("person", cast.PEOPLE, ids=lambda person: person.username)
def test_it_sends_nobody_from_an_empty_list_to_a_closed_page(person: cast.Person, as_person: Any) -> None:
    client = as_person(person.username)
    for path, roles in WHO.items():
        if path in LISTS and person.role in roles:
            page = client.get(path).content.decode()
            empty = page.partition('<div class="empty">')[2].partition("</div>")[0]
            for target in re.findall(r'class="button" href="([^"]+)"', empty):
                assert client.get(target).status_code == 200, (path, target)


def test_it_says_so_when_a_person_has_no_place(as_person: Any, people: dict[str, Any]) -> None:
    people["officer"].district = None
    people["officer"].save()
    assert "尚未分配辖区" in as_person("officer").get("/alerts/").content.decode()


def test_it_cites_a_limit_by_standard_and_table(as_person: Any, alert: Any) -> None:
    from qingtian.office.sites.models import Limit

    raw = "Fungwingwaa/cee:docs/GB-39731-2020.pdf#table1"
    Limit.objects.filter(outlet_id=OUTLET).update(standard="GB 39731-2020", source=raw)
    type(alert).objects.filter(pk=alert.pk).update(limit={**alert.limit, "source": raw})
    for who, path in (
        ("desk", f"/outlets/{OUTLET}/"),
        ("firm", f"/alerts/{alert.pk}/"),
        ("officer", f"/tasks/{alert.task.pk}/"),
    ):
        page = as_person(who).get(path).content.decode()
        assert f'<cite title="来源： {raw}">GB 39731-2020 表1</cite>' in page, path
        assert page.count(raw) == page.count(f'title="来源： {raw}"'), path


def test_it_introduces_the_invented_people_of_a_demo_at_the_door(office: Settings, settings_override: Any) -> None:
    from django.test import Client

    settings_override(DEMO_PASSWORD=cast.PASSWORD)
    page = Client().get("/login/").content.decode()
    assert cast.PASSWORD in page
    assert "演示人员" in page
    assert all(f'data-fill="{person.username}"' in page for person in cast.PEOPLE)


@pytest.mark.parametrize(("password", "synthetic"), [("", True), (cast.PASSWORD, False)])
def test_it_introduces_nobody_at_the_door_of_a_real_office(
    password: str, synthetic: bool, office: Settings, settings_override: Any
) -> None:
    from django.test import Client

    from qingtian.office.people.models import User

    settings_override(DEMO_PASSWORD=password)
    User.objects.update(synthetic=synthetic)
    page = Client().get("/login/").content.decode()
    assert cast.PASSWORD not in page
    assert "data-fill" not in page
    assert "演示" not in page


def notices_of(client: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get("/notices/?format=json").content)["rows"]
    return rows


def test_it_tells_each_person_what_concerns_them_and_nobody_else(as_person: Any, alert: Any) -> None:
    for who in ("desk", "officer", "firm"):
        rows = notices_of(as_person(who))
        assert rows, who
        assert all(alert.outlet.name in row["about"] for row in rows), who
    for who in ("officer2", "firm2"):
        assert notices_of(as_person(who)) == [], who
        assert alert.outlet.name not in as_person(who).get("/notices/").content.decode(), who
    assert {row["link"] for row in notices_of(as_person("grid"))} == {
        f"/alerts/{alert.pk}/",
        f"/tasks/{alert.task.pk}/",
    }
    assert {row["link"] for row in notices_of(as_person("firm"))} == {f"/alerts/{alert.pk}/"}


def test_it_counts_unread_notices_until_they_are_read(as_person: Any, alert: Any) -> None:
    officer = as_person("officer")
    first, *others = notices_of(officer)
    assert (
        f'<b class="count" aria-hidden="true">{1 + len(others)}</b>' in officer.get("/notices/bell/").content.decode()
    )
    # somebody else can do nothing about them
    as_person("desk").post("/notices/read/", {"id": first["id"]})
    assert notices_of(officer)[0]["read_at"] is None
    officer.post("/notices/read/", {"id": first["id"]})
    assert [row["read_at"] is None for row in notices_of(officer)] == [True] * len(others) + [False]
    assert notices_of(officer)[-1]["id"] == first["id"]
    officer.post("/notices/read/")
    assert 'class="count"' not in officer.get("/notices/bell/").content.decode()
    assert notices_of(as_person("desk"))[0]["read_at"] is None
    assert officer.post("/notices/read/", {"id": "x"}).status_code == 400


def test_it_lists_enterprises_of_the_scope_as_they_stand(as_person: Any, alert: Any) -> None:
    rows = json.loads(as_person("desk").get("/enterprises/?format=json").content)["rows"]
    standing = {row["code"]: row for row in rows}
    assert (standing[FIRM]["open_alerts"], standing[OTHER_FIRM]["open_alerts"]) == (1, 0)
    assert standing[FIRM]["outlets"] == 1
    with_alerts = json.loads(as_person("desk").get("/enterprises/?format=json&alerts=open").content)["rows"]
    assert [row["code"] for row in with_alerts] == [FIRM]
    officer = json.loads(as_person("officer").get("/enterprises/?format=json").content)["rows"]
    assert FIRM in {row["code"] for row in officer}
    assert {row["district"] for row in officer} == {"440306"}
    other = json.loads(as_person("officer2").get("/enterprises/?format=json").content)["rows"]
    assert FIRM not in {row["code"] for row in other}


def test_it_shows_an_enterprise_with_its_outlets_alerts_and_tasks(as_person: Any, alert: Any) -> None:
    page = as_person("desk").get(f"/enterprises/{FIRM}/").content.decode()
    assert all(text in page for text in (OUTLET, f"/alerts/{alert.pk}/", alert.task.number))
    known = json.loads(as_person("desk").get(f"/enterprises/{FIRM}/?format=json").content)
    assert [row["number"] for row in known["alerts"]] == [alert.number]
    other = json.loads(as_person("desk").get(f"/enterprises/{OTHER_FIRM}/?format=json").content)
    assert (other["alerts"], other["tasks"]) == ([], [])


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "没有任务 999999"), ("en", "There is no task 999999")])
def test_it_refuses_in_one_language(language: str, said: str, as_person: Any) -> None:
    client = as_person("officer")
    client.post("/preferences/", {"language": language})
    page = client.get("/tasks/999999/").content.decode()
    assert said.replace("没有任务", "没有 任务") in page
    assert " / 任务" not in page


def test_it_says_what_is_wrong_with_a_packet_in_the_language_of_the_page() -> None:
    from django.utils import translation

    from qingtian.portals.deadletters import detail_said

    with translation.override("zh-hans"):
        assert detail_said("expected 1C80, got 1C81") == "应为 1C80，收到 1C81"
        assert detail_said("not a device of plan 12") == "不在第 12 号监测方案的设备中"
        assert detail_said("something new") == "something new"
    with translation.override("en"):
        assert detail_said("declared 10, found 8") == "declared 10 bytes, found 8"


def test_it_refuses_an_act_in_the_offices_own_words(as_person: Any, alert: Any) -> None:
    desk = as_person("desk")
    assert desk.post(f"/alerts/{alert.pk}/acknowledge/").status_code == 302
    again = desk.post(f"/alerts/{alert.pk}/acknowledge/")
    assert again.status_code == 409
    assert "alerts.already_done" in again.content.decode()
    not_mine = as_person("officer").post(f"/alerts/{alert.pk}/acknowledge/")
    assert not_mine.status_code == 403
    assert "people.not_yours" in not_mine.content.decode()


def test_it_refuses_a_form_without_its_secret(people: dict[str, Any], alert: Any) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(people["desk"])
    answer = client.post(f"/alerts/{alert.pk}/acknowledge/")
    assert answer.status_code == 403
    assert "web.stale_form" in answer.content.decode()


def test_it_lets_no_inline_script_and_no_other_host_in(as_person: Any, alert: Any) -> None:
    client = as_person("admin")
    for path in ("/desk/", f"/alerts/{alert.pk}/", f"/outlets/{OUTLET}/", f"/tasks/{alert.task.pk}/", "/parts/"):
        answer = client.get(path)
        page = answer.content.decode()
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "<script>" not in page
        assert "style=" not in page
        assert "onclick" not in page
        assert 'src="http' not in page
        assert 'href="http' not in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/desk/", 12),
        ("/outlets/", 6),
        ("/alerts/", 5),
        ("/tasks/", 5),
        ("/enterprises/", 8),
        ("/enterprises/E0001/", 10),
        ("/notices/", 6),
        ("/notices/bell/", 3),
        ("/deadletters/", 6),
        ("/people/", 9),
        ("/alerts/{alert}/", 12),
        ("/tasks/{task}/", 15),
        ("/outlets/SZ-W-0001/", 17),
    ],
)
def test_it_keeps_to_its_budget_of_queries(
    path: str, queries: int, as_person: Any, alert: Any, django_assert_queries: Any
) -> None:
    client = as_person("admin")
    place = path.format(alert=alert.pk, task=alert.task.pk)
    client.get(place)
    with django_assert_queries(queries):
        answer = client.get(place)
    assert answer.status_code == 200


def test_the_desk_counts_every_alert_of_the_hour_in_which_it_was_opened(
    as_person: Any, alert: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that are closed by now; not those of yesterday, nor those of another district."""
    from qingtian.office.alerts.models import Episode

    at = times.now()
    # no hour begins between two lines of this test
    monkeypatch.setattr(times, "now", lambda: at)
    hour = at.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)
    for back, state in ((0, "closed"), (0, "recovered"), (3, "closed"), (30, "open")):
        opened = hour - timedelta(hours=back)
        alert.pk, alert.number, alert.state, alert.opened_at = None, f"预警{back}{state}", state, opened
        alert.factor = f"w2100{back}{state[:2]}"
        alert.save(force_insert=True)
    Episode.objects.filter(number__startswith="预警〔").update(opened_at=hour - timedelta(days=2))

    def counted(name: str) -> list[int]:
        page = unescape(as_person(name).get("/desk/").content.decode())
        told = re.search(r'data-points="(\{.*?\})"', page)
        assert told
        return list(json.loads(told[1])["values"])

    assert counted("desk") == [0] * 8 + [1, 0, 0, 2]
    assert sum(counted("officer2")) == 0


@pytest.mark.parametrize(
    ("tags", "stands"),
    [
        ([("Cou", 1.5143), ("Min", 60.0), ("Avg", 62.9)], 62.9),
        ([("Rtd", 0.0)], 0.0),
        ([("Ia", 4.2)], 4.2),
        ([], ""),
    ],
    ids=["hour", "zero", "other", "none"],
)
def test_a_line_about_a_packet_shows_the_value_and_not_the_total(office: Any, tags: list[Any], stands: object) -> None:
    from qingtian.portals.packets import FactorLine

    assert FactorLine(code="w01018", name="COD", tags=tags, flag="N", flag_word="").main == stands


def test_it_says_on_an_alert_why_one_was_told_and_shows_the_list_to_the_desk_only(as_person: Any, alert: Any) -> None:
    path = f"/alerts/{alert.pk}/"
    assert "是当日第 1 条" in as_person("officer").get(path).content.decode()
    assert "一律立即通知" in as_person("firm").get(path).content.decode()
    assert "达到“严重超标”的预警才通知您的角色" in as_person("leader").get(path).content.decode()
    assert "应通知 " in as_person("desk").get(path).content.decode()
    assert "应通知 " not in as_person("officer").get(path).content.decode()
    assert "静默该排放口" not in as_person("grid").get(path).content.decode()


def test_it_silences_from_the_page_of_an_alert_and_lifts_from_there(as_person: Any, alert: Any) -> None:
    desk, path = as_person("desk"), f"/alerts/{alert.pk}/"
    form = {"outlet": OUTLET, "factor": "", "hours": "8", "reason": "仪器检修", "next": path}
    assert desk.post("/silences/make/", form).url == path
    (row,) = desk.get("/silences/?format=json").json()["rows"]
    assert (row["outlet"], row["reason"]) == (OUTLET, "仪器检修")
    page = desk.get(path).content.decode()
    assert "静默至" in page
    lift = re.search(r"/silences/\d+/lift/", page)
    assert lift
    assert as_person("officer2").post(lift[0]).status_code == 404
    assert desk.post(lift[0], {"next": path}).status_code == 302
    assert "静默至" not in desk.get(path).content.decode()
    assert as_person("firm").get("/silences/").status_code == 403


def test_it_takes_quiet_hours_and_refuses_times_that_are_none(as_person: Any) -> None:
    officer = as_person("officer")
    assert officer.post("/notices/quiet/", {"begins": "22:00", "ends": "07:00"}).status_code == 302
    assert 'value="22:00"' in officer.get("/notices/").content.decode()
    assert 'value="22:00"' not in as_person("desk").get("/notices/").content.decode()
    assert officer.post("/notices/quiet/", {"begins": "25:00", "ends": "07:00"}).status_code == 400


def test_it_takes_a_mark_of_a_firm_to_the_review_of_an_officer(as_person: Any, alert: Any) -> None:
    firm, officer = as_person("firm"), as_person("officer")
    form = {"outlet": OUTLET, "label": "device:维护", "start": "2026-11-20T08:00", "end": "2026-11-20T10:00"}
    page = firm.post("/marks/file/", {**form, "reason": "更换试剂"}, follow=True).content.decode()
    assert "待审核" in page
    assert "超过标记时限" in page
    (row,) = officer.get("/marks/?state=to_review&format=json").json()["rows"]
    assert (row["suspicions"], row["start"]) == ("late", "2026-11-20T08:00:00+08:00")
    path = f"/marks/{row['id']}/"
    assert "审核" in officer.get(path).content.decode()
    assert f"{path}review/" not in firm.get(path).content.decode()
    assert as_person("firm2").get(path).status_code == 404
    assert as_person("officer2").post(f"{path}review/", {"verdict": "accept", "opinion": "x"}).status_code == 404
    assert officer.post(f"{path}review/", {"verdict": "accept", "opinion": "属实"}).status_code == 302
    assert "审核通过" in firm.get(path).content.decode()
    assert "维护" in firm.get(f"/outlets/{OUTLET}/").content.decode()


def test_it_corrects_a_mark_and_keeps_the_first(as_person: Any, alert: Any) -> None:
    firm = as_person("firm")
    form = {"outlet": OUTLET, "label": "device:维护", "start": "2026-11-20T08:00", "end": "2026-11-20T10:00"}
    first = firm.post("/marks/file/", {**form, "reason": "更换试剂"}).url
    number = first.strip("/").split("/")[-1]
    assert 'value="2026-11-20T08:00"' in firm.get(f"/marks/file/?corrects={number}").content.decode()
    corrected = {**form, "end": "2026-11-20T09:00", "reason": "时间更正", "corrects": number}
    second = firm.post("/marks/file/", corrected).url
    assert "已更正" in firm.get(first).content.decode()
    assert first in firm.get(second).content.decode()
    assert firm.post("/marks/file/", {**form, "start": "yesterday", "reason": "x"}).status_code == 400
