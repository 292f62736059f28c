"""Packages as people may see them: those of episodes in scope, for the authority alone."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingtian.base.errors import Term
from qingtian.office.evidence.models import EvidencePackage
from qingtian.office.objects import api as objects
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import NotFoundHere

MOST = 1000


def _in_scope(user: User) -> QuerySet[EvidencePackage]:
    rows = EvidencePackage.objects.filter(Scope.of(user).q("episode__"))
    return rows.none() if user.role == Role.ENTERPRISE else rows


def packages(user: User, *, episode: int | None = None, search: str = "") -> list[EvidencePackage]:
    """Return the packages in scope, newest first. One query."""
    rows = _in_scope(user).select_related("episode__outlet", "episode__enterprise", "made_by")
    if episode is not None:
        rows = rows.filter(episode_id=episode)
    if search:
        found = Q(number__icontains=search) | Q(episode__number__icontains=search)
        rows = rows.filter(found | Q(episode__outlet__name__icontains=search))
    return list(rows.order_by("-pk")[:MOST])


def package(user: User, package_id: int) -> EvidencePackage:
    """Return one package.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    found = _in_scope(user).select_related("episode").filter(pk=package_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="证据包", en="evidence package"), code=package_id)
    return found


def content(package: EvidencePackage) -> bytes:
    """Return the bytes of a package as they were kept.

    :raises ObjectMissing, ObjectDamaged, StoreUnreachable: if they are not to be had unchanged.
    """
    return objects.get(package.sha256)
