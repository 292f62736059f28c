"""Personal fields can be erased, by the administrator with a reason; every proof holds before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.ledger_world import World, proven
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def world(office: Settings) -> Iterator[World]:
    with proven(office) as made:
        yield made


def test_the_clear_text_goes_and_the_proofs_stay(world: World, people: dict[str, Any]) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger import exported
    from qingtian.office.people import api

    chain = world.chains[0]
    assert ledger.history(chain)[10].content["phone"] == "13800000010"
    admin = people["admin"]
    assert api.erase(acting_user=admin, chain=chain, sequence=11, reason="本人申请", at=MONDAY) == ["phone"]
    line, said = ledger.history(chain)[10], ledger.history(chain)[-1]
    assert (line.erased, "phone" in line.content) == (("phone",), False)
    assert (said.act, said.content) == ("erase", {"entry": 11, "fields": ["phone"], "reason": "本人申请"})
    assert world.one("SELECT count(*) FROM ledger_personal WHERE value = '13800000010' AND erased_by IS NOT NULL") == 0
    assert ledger.verify(processes=1).holds
    content = ledger.export(chain=chain, at=MONDAY)
    assert b"13800000010" not in content
    assert exported.check(content, known=set()).holds
    with pytest.raises(ledger.NothingToErase):
        api.erase(acting_user=admin, chain=chain, sequence=11, reason="again", at=MONDAY)


def test_nobody_else_erases_and_nobody_without_a_reason(world: World, people: dict[str, Any]) -> None:
    from qingtian.office.people import api

    wish = {"chain": world.chains[1], "sequence": 1, "at": MONDAY}
    for username in ("desk", "officer", "leader"):
        with pytest.raises(api.NotYours):
            api.erase(acting_user=people[username], reason="x", **wish)
    with pytest.raises(api.NoReasonToErase):
        api.erase(acting_user=people["admin"], reason=" ", **wish)


def test_what_is_gone_without_an_act_of_erasing_is_found(world: World) -> None:
    from qingtian.office.ledger.api import verify

    chain = world.chains[2]
    entry = world.one("SELECT id FROM ledger_entry WHERE chain = %s AND sequence = 1", chain)
    kept = world.one("SELECT id, salt, value FROM ledger_personal WHERE entry_id = %s", entry)
    world.owner.execute(
        "UPDATE ledger_personal SET salt = NULL, value = NULL, erased_by = %s WHERE id = %s", [entry, kept[0]]
    )
    assert [(link.chain, link.sequence, link.what) for link in verify(processes=1).broken] == [(chain, 1, "personal")]
    world.owner.execute(
        "UPDATE ledger_personal SET salt = %s, value = %s, erased_by = NULL WHERE id = %s", [*kept[1:], kept[0]]
    )
    assert verify(processes=1).holds


def test_the_application_can_only_erase(world: World, office: Settings) -> None:
    with psycopg.connect(office.require_database_url(), autocommit=True) as application:
        for change in ("value = 'x'", "name = 'x'", "salt = NULL, value = NULL"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(f"UPDATE ledger_personal SET {change}".encode())


def test_one_value_has_another_digest_in_each_entry() -> None:
    from qingtian.office.ledger.sealing import seal

    first, second = seal({"phone": "13800000000"}), seal({"phone": "13800000000"})
    assert first[0].digest != second[0].digest
