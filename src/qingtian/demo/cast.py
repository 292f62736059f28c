"""The fixed cast (演示人员) of the demo and of all tests. Invented people, one shared password, for demos only."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "qingtian-demo"  # noqa: S105 - printed at every start of the demo


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the cast: ``role`` is a value of `office.people.models.Role`, the rest narrows it."""

    username: str
    zh: str
    en: str
    role: str
    district: str | None = None
    grid: str | None = None
    enterprise: str = ""

    def describe(self, language: str = "zh") -> str:
        """Return who this is, for the list that the demo prints."""
        return self.zh if language.startswith("zh") else self.en


DESK = Person(username="desk", zh="值班员（演示）", en="duty desk", role="duty_desk")
OFFICER = Person(username="officer", zh="宝安执法员（演示）", en="officer, Bao'an", role="officer", district="440306")
OTHER_OFFICER = Person(
    username="officer2", zh="南山执法员（演示）", en="officer, Nanshan", role="officer", district="440305"
)
GRID = Person(
    username="grid",
    zh="宝安沙井网格员（演示）",
    en="grid member, Bao'an Shajing",
    role="grid_member",
    district="440306",
    grid="440306-01",
)
REVIEWER = Person(username="reviewer", zh="审核员（演示）", en="reviewer", role="reviewer")
FIRM = Person(
    username="firm", zh="企业用户甲（演示）", en="enterprise user, firm E0001", role="enterprise", enterprise="E0001"
)
OTHER_FIRM = Person(
    username="firm2",
    zh="企业用户乙（演示）",
    en="enterprise user, firm E0002",
    role="enterprise",
    enterprise="E0002",
)
LEADER = Person(username="leader", zh="局领导（演示）", en="leader", role="leader")
ADMINISTRATOR = Person(username="admin", zh="系统管理员（演示）", en="administrator", role="administrator")

PEOPLE = (DESK, OFFICER, OTHER_OFFICER, GRID, REVIEWER, FIRM, OTHER_FIRM, LEADER, ADMINISTRATOR)
