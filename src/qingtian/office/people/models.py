"""Districts, grids, users (辖区、网格、用户) and their attempts to log in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.base.errors import Term


class District(models.Model):
    """An administrative district (行政区), with the point its name stands at on the map (WGS-84)."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=32)
    name_en = models.CharField(max_length=48)
    lon = models.FloatField()
    lat = models.FloatField()

    def __str__(self) -> str:
        return self.name

    @property
    def outline(self) -> Any:
        """The outline as GeoJSON; a query of its own unless ``drawn`` was selected with the district."""
        return self.drawn.geometry


class DistrictOutline(models.Model):
    """The outline of a district: simplified WGS-84 GeoJSON. Apart from the district, which every list joins."""

    district = models.OneToOneField(District, models.CASCADE, primary_key=True, related_name="drawn")
    geometry = models.JSONField()


class Grid(models.Model):
    """A grid (网格) of a district, walked by a grid member."""

    code = models.CharField(max_length=12, primary_key=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="grids")
    name = models.CharField(max_length=48)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person is here for. One person has one role."""

    DUTY_DESK = "duty_desk", _("值班")
    OFFICER = "officer", _("执法人员")
    GRID_MEMBER = "grid_member", _("网格员")
    REVIEWER = "reviewer", _("审核")
    ENTERPRISE = "enterprise", _("企业用户")
    LEADER = "leader", _("领导")
    ADMINISTRATOR = "administrator", _("管理员")


class Theme(models.TextChoices):
    SYSTEM = "system", _("跟随系统")
    LIGHT = "light", _("浅色")
    DARK = "dark", _("深色")


class Language(models.TextChoices):
    ZH = "zh-hans", "简体中文"
    EN = "en", "English"


class People(BaseUserManager["User"]):
    """Django's way in to users by name."""


class User(AbstractBaseUser):
    """A person with one role. District, grid and enterprise narrow what the role may see; see `access.Scope`."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=Role.choices)
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, related_name="users")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="users")
    # the code only: enterprises belong to the later stage `sites`
    enterprise = models.CharField(max_length=32, blank=True, default="", db_index=True)
    is_active = models.BooleanField(default=True)
    synthetic = models.BooleanField(default=False)
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.ZH)
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    care_mode = models.BooleanField(default=False)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "username"

    class Meta:
        indexes = [models.Index(fields=["role", "district"], name="people_user_role_district")]

    def __str__(self) -> str:
        return self.name

    @property
    def role_term(self) -> Term:
        """The role as a refusal names it."""
        return Term(zh=str(Role(self.role).label), en=self.role.replace("_", " "))


class Post(models.Model):
    """A post 岗位 that a person holds besides those of the role; ``until`` is exclusive, open if null."""

    user = models.ForeignKey(User, models.CASCADE, related_name="posts")
    post = models.CharField(max_length=32)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "post", "since"], name="people_post_once")]
        indexes = [models.Index(fields=["post"], name="people_post_post")]


class CertificateKind(models.TextChoices):
    ENFORCEMENT = "enforcement", _("行政执法证")
    LEGAL = "legal", _("法律职业资格证书")


class Certificate(models.Model):
    """A certificate 证件 that an act of law asks for; ``until``: the last day it is good for, open if null."""

    user = models.ForeignKey(User, models.CASCADE, related_name="certificates")
    kind = models.CharField(max_length=16, choices=CertificateKind.choices)
    number = models.CharField(max_length=48)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="people_certificate_once")]


class LoginAttempt(models.Model):
    """One attempt to log in. ``forgiven`` is set when an administrator unlocks the name or the address."""

    username = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)
    succeeded = models.BooleanField()
    forgiven = models.BooleanField(default=False)


class Token(models.Model):
    """A token 访问令牌 by which a program acts as its owner, within its scopes. Only the digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64)
    scopes = models.CharField(max_length=255, help_text="of `tokens.SCOPES`, with blanks between")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
