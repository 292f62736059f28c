"""What a person is in the office on a day: posts 岗位 by role and by name, certificates 证件. Nothing is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Value

from qingtian.base.errors import Term
from qingtian.law import rules
from qingtian.office.people.models import Certificate, Post, Role, User


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The posts a person holds and the kinds of certificate that are good on the day."""

    posts: frozenset[str]
    certificates: frozenset[str]


NOBODY = Standing(posts=frozenset(), certificates=frozenset())


def of_role(role: str, *, day: date) -> frozenset[str]:
    """Return the posts that a role holds by itself (rules/posts.yaml)."""
    return frozenset(post for rule in rules.table("posts").at(day) if rule["role"] == role for post in rule["posts"])


def names(*, day: date) -> Mapping[str, Term]:
    """Return what each known post is called."""
    return {rule["post"]: Term(zh=rule["zh"], en=rule["en"]) for rule in rules.table("post_names").at(day)}


def held(day: date) -> Q:
    """Return the filter for posts that are held on a day."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


def given(user: User, *, day: date) -> QuerySet[Post]:
    """Return the posts that a person holds by name on a day."""
    return Post.objects.filter(held(day), user=user)


def good(day: date) -> Q:
    """Return the filter for certificates that are good on a day: the last day still is."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gte=day))


def standings(people: Iterable[User], *, day: date) -> dict[int, Standing]:
    """Return what each of these people is, by primary key; somebody inactive is nothing. One query."""
    people = list(people)
    posts: dict[int, set[str]] = {
        person.pk: set(of_role(person.role, day=day)) if person.is_active else set() for person in people
    }
    certificates: dict[int, set[str]] = {person.pk: set() for person in people}
    active = [person.pk for person in people if person.is_active]
    given = Post.objects.filter(held(day), user__in=active).annotate(what=Value("post"))
    shown = Certificate.objects.filter(good(day), user__in=active).annotate(what=Value("certificate"))
    rows = given.values_list("what", "user_id", "post").union(shown.values_list("what", "user_id", "kind"), all=True)
    for what, user, name in rows:
        (posts if what == "post" else certificates)[user].add(name)
    return {
        key: Standing(posts=frozenset(each), certificates=frozenset(certificates[key])) for key, each in posts.items()
    }


def standing(user: User, *, day: date) -> Standing:
    """Return what one person is on a day. One query."""
    return standings([user], day=day)[user.pk]


def holders(posts: Iterable[str], *, day: date) -> QuerySet[User]:
    """Return the active people who hold one of these posts, wherever they are."""
    wanted = set(posts)
    roles = [role for role in Role.values if of_role(role, day=day) & wanted]
    given = Post.objects.filter(held(day), post__in=wanted).values("user")
    return User.objects.filter(Q(role__in=roles) | Q(pk__in=given), is_active=True).order_by("pk")
