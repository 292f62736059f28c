"""The face of people: who there is, what they may see, how they log in."""

from __future__ import annotations

from qingtian.office.people.access import CARING, Scope, caring, caring_for, demonstrators, users
from qingtian.office.people.actions import NoSuchPreference, set_preferences
from qingtian.office.people.appointing import (
    AlreadyInPost,
    CertificateRefused,
    NoSuchPerson,
    NoSuchPost,
    NotInPost,
    end_post,
    give_post,
    record_certificate,
    withdraw_certificate,
)
from qingtian.office.people.appointments import appointed, appointments, certificates, person
from qingtian.office.people.erasing import NoReasonToErase, erase, require_eraser
from qingtian.office.people.installing import SHORTEST as SHORTEST_PASSWORD
from qingtian.office.people.installing import PasswordTooShort, UsernameTaken, anybody, make_administrator
from qingtian.office.people.login import Locked, LoginLocked, LoginRefused, NotYours, locked, log_in, unlock
from qingtian.office.people.models import (
    Certificate,
    CertificateKind,
    District,
    DistrictOutline,
    Grid,
    Language,
    Post,
    Role,
    Theme,
    Token,
    User,
)
from qingtian.office.people.standing import NOBODY, Official, Standing, holders, officials, standing, standings
from qingtian.office.people.standing import names as post_names
from qingtian.office.people.standing import of_role as role_posts
from qingtian.office.people.tokens import (
    SCOPES,
    NoSuchToken,
    TokenRefused,
    holder,
    make_token,
    revoke_token,
    tokens,
)

__all__ = [
    "CARING",
    "NOBODY",
    "SCOPES",
    "SHORTEST_PASSWORD",
    "AlreadyInPost",
    "Certificate",
    "CertificateKind",
    "CertificateRefused",
    "District",
    "DistrictOutline",
    "Grid",
    "Language",
    "Locked",
    "LoginLocked",
    "LoginRefused",
    "NoReasonToErase",
    "NoSuchPerson",
    "NoSuchPost",
    "NoSuchPreference",
    "NoSuchToken",
    "NotInPost",
    "NotYours",
    "Official",
    "PasswordTooShort",
    "Post",
    "Role",
    "Scope",
    "Standing",
    "Theme",
    "Token",
    "TokenRefused",
    "User",
    "UsernameTaken",
    "anybody",
    "appointed",
    "appointments",
    "caring",
    "caring_for",
    "certificates",
    "demonstrators",
    "end_post",
    "erase",
    "give_post",
    "holder",
    "holders",
    "locked",
    "log_in",
    "make_administrator",
    "make_token",
    "officials",
    "person",
    "post_names",
    "record_certificate",
    "require_eraser",
    "revoke_token",
    "role_posts",
    "set_preferences",
    "standing",
    "standings",
    "tokens",
    "unlock",
    "users",
    "withdraw_certificate",
]
