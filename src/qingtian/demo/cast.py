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
    posts: tuple[str, ...] = ()
    """Posts besides those of the role."""
    certificates: tuple[str, ...] = ()

    def describe(self, language: str = "zh") -> str:
        """Return who this is, for the list that the demo prints."""
        return self.zh if language.startswith("zh") else self.en


DESK = Person(username="desk", zh="值班员（演示）", en="duty desk", role="duty_desk")
OFFICER = Person(
    username="officer",
    zh="宝安执法员（演示）",
    en="officer, Bao'an",
    role="officer",
    district="440306",
    certificates=("enforcement",),
)
OTHER_OFFICER = Person(
    username="officer2",
    zh="南山执法员（演示）",
    en="officer, Nanshan",
    role="officer",
    district="440305",
    certificates=("enforcement",),
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

PARTNER = Person(
    username="officer3",
    zh="宝安执法员二（演示）",
    en="second officer, Bao'an",
    role="officer",
    district="440306",
    certificates=("enforcement",),
)
LEGAL = Person(
    username="legal",
    zh="法制审核员（演示）",
    en="legal reviewer",
    role="reviewer",
    certificates=("legal",),
)
HOST = Person(username="host", zh="听证主持人（演示）", en="hearing host", role="reviewer", posts=("hearing_host",))
CASHIER = Person(username="cashier", zh="财务人员（演示）", en="cashier", role="duty_desk", posts=("cashier",))
DISCLOSURE = Person(
    username="disclosure",
    zh="信息公开负责人（演示）",
    en="head of disclosure",
    role="leader",
    posts=("disclosure_head",),
)
HIGHER = Person(
    username="higher", zh="上级机关联络员（演示）", en="for the higher body", role="reviewer", posts=("higher_body",)
)

PEOPLE = (
    *(DESK, OFFICER, OTHER_OFFICER, GRID, REVIEWER, FIRM, OTHER_FIRM, LEADER, ADMINISTRATOR),
    *(PARTNER, LEGAL, HOST, CASHIER, DISCLOSURE, HIGHER),
)
