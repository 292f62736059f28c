"""The founding report's kinds of matters and its counted figures: each has a folder and a statistic."""

from __future__ import annotations

import pytest

from qingtian.law import rules
from qingtian.law.machine import shelf
from qingtian.law.machine.definition import Definition

KINDS = {each.folder: each for each in shelf.discover(more=()).kinds.values()}

REPORT = {
    "penalty": "penalty_decisions",
    "penalty_simple": None,
    "seizure": None,
    "production_limit": None,
    "daily_penalty": None,
    "crime_transfer": None,
    "detention_transfer": None,
    "damage_compensation": "damage_cases",
    "reconsideration": "reconsiderations",
    "litigation": None,
    "credit_repair": None,
    "positive_list": "positive_list_firms",
    "inspection": "inspections_scanned",
    "assistance_visit": "assistance_visits",
    "campaign": "campaigns",
    "joint_enforcement": "joint_dust_noise",
    "petition": "petitions",
    "mediation": "mediations_settled",
    "nimby_risk": "nimby_incidents",
    "information_request": "requests_received",
    "normative_document": "documents_issued",
    "fair_competition_review": "competition_reviews",
    "major_decision": "major_decisions",
    "legislation": "legislation_items",
    "legal_opinion": "legal_opinions",
    "proposal": "proposals_satisfied",
    "procuratorial_advice": None,
    "emergency_plan": "government_plans",
    "emergency_drill": "drills",
    "emergency_incident": "incidents",
    "emergency_material": "material_lots",
    "training": "trainings",
    "compliance_programme": "compliance_firms",
    "file_review": "files_reviewed",
    "live_stream": "live_streams",
    "public_interest_fund": "fund_projects",
}


@pytest.mark.parametrize("code", REPORT)
def test_it_has_each_kind_of_the_report_with_its_figure(code: str) -> None:
    assert code in KINDS
    statistic = REPORT[code]
    assert statistic is None or statistic in KINDS[code].manifest.statistics


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_its_roles_are_held_by_posts_of_the_office(kind: Definition) -> None:
    known = {str(row.values["post"]) for row in rules.table("post_names").rows}
    assert {post for role in kind.roles.values() for post in role.office} <= known


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_is_more_than_a_list_of_things_to_do(kind: Definition) -> None:
    stages = kind.stages.values()
    assert sum(not stage.end for stage in stages) >= 3
    assert sum(stage.end for stage in stages) >= 2
