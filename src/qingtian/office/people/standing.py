"""What a person is in the office on a day: posts 岗位 by role and by name, certificates 证件. Nothing is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from qingtian.base.errors import Term
from qingtian.law import rules
from qingtian.office import statements
from qingtian.office.people.models import Post, Role, User


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The posts a person holds and the kinds of certificate that are good on the day."""

    posts: frozenset[str]
    certificates: frozenset[str]


NOBODY = Standing(posts=frozenset(), certificates=frozenset())


@lru_cache(512)
def of_role(role: str, *, day: date) -> frozenset[str]:
    """Return the posts that a role holds by itself (rules/posts.yaml)."""
    return frozenset(post for rule in rules.table("posts").at(day) if rule["role"] == role for post in rule["posts"])


def names(*, day: date) -> Mapping[str, Term]:
    """Return what each known post is called."""
    return {rule["post"]: Term(zh=rule["zh"], en=rule["en"]) for rule in rules.table("post_names").at(day)}


def held(day: date) -> Q:
    """Return the filter for posts that are held on a day."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


# a certificate is still good on its last day, a post is over on the day it ends
OFFICIALS = """
SELECT u.id, u.username, u.role, u.is_active,
    ARRAY(SELECT p.post FROM people_post p
          WHERE p.user_id = u.id AND p.since <= %(day)s AND (p.until IS NULL OR p.until > %(day)s)),
    ARRAY(SELECT c.kind FROM people_certificate c
          WHERE c.user_id = u.id AND c.since <= %(day)s AND (c.until IS NULL OR c.until >= %(day)s))
FROM people_user u WHERE """
BY_KEY = f"{OFFICIALS} u.id = ANY(%(keys)s::bigint[])"
BY_NAME = f"{OFFICIALS} u.username = ANY(%(names)s::text[])"


@dataclass(frozen=True, kw_only=True)
class Official:
    """Somebody by primary key and name, with what they are on the day."""

    key: int
    username: str
    active: bool
    standing: Standing


def _official(row: tuple[Any, ...], day: date) -> Official:
    key, username, role, active, posts, certificates = row
    held = of_role(role, day=day) | frozenset(posts)
    known = Standing(posts=held, certificates=frozenset(certificates)) if active else NOBODY
    return Official(key=key, username=username, active=active, standing=known)


def officials(usernames: Iterable[str], *, day: date) -> dict[str, Official]:
    """Return those of these people who are there, by username. One query."""
    rows = statements.run(BY_NAME, names=sorted(usernames), day=day)
    return {row[1]: _official(row, day) for row in rows}


def standings(people: Iterable[User], *, day: date) -> dict[int, Standing]:
    """Return what each of these people is, by primary key; somebody inactive is nothing. One query."""
    known = {person.pk: person for person in people}
    rows = statements.run(BY_KEY, keys=list(known), day=day)
    return {row[0]: _official(row, day).standing for row in rows}


def standing(user: User, *, day: date) -> Standing:
    """Return what one person is on a day. One query."""
    return standings([user], day=day)[user.pk]


def holders(posts: Iterable[str], *, day: date) -> QuerySet[User]:
    """Return the active people who hold one of these posts, wherever they are."""
    wanted = set(posts)
    roles = [role for role in Role.values if of_role(role, day=day) & wanted]
    given = Post.objects.filter(held(day), post__in=wanted).values("user")
    return User.objects.filter(Q(role__in=roles) | Q(pk__in=given), is_active=True).order_by("pk")
