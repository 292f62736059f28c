"""Django's settings. Everything that differs between machines comes from `qingtian.base.settings`."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.utils.functional import lazy

from qingtian.base import settings as base_settings
from qingtian.office import database, secret

_base = base_settings.from_environment()
_portals = Path(__file__).resolve().parents[1] / "portals"

DEBUG = False
# each request signs with it several times: the file is read once
SECRET_KEY = lazy(cache(secret.secret_key), str)()
ALLOWED_HOSTS = os.environ.get("QINGTIAN_ALLOWED_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("QINGTIAN_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "qingtian.office.ledger",
    "qingtian.office.people",
    "qingtian.office.sites",
    "qingtian.office.relays",
    "qingtian.office.reverse_control",
    "qingtian.office.alerts",
    "qingtian.office.tasks",
    "qingtian.office.marks",
    "qingtian.office.quality",
    "qingtian.office.evidence",
    "qingtian.office.suspicions",
    "qingtian.office.matters",
    "qingtian.office.jobs",
    "qingtian.portals",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "qingtian.portals.streamed.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qingtian.portals.language.LanguageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "qingtian.portals.page.PageMiddleware",
    "qingtian.portals.refusals.RefusalMiddleware",
]
CSRF_FAILURE_VIEW = "qingtian.portals.refusals.forged"
ROOT_URLCONF = "qingtian.portals.urls"
ASGI_APPLICATION = "qingtian.portals.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_portals / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
                "qingtian.portals.shell.surroundings",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

DATABASES = {"default": database.configuration(_base)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["qingtian.office.people.visits.ByKey"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

SESSION_ENGINE = "qingtian.office.people.visits"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# set where TLS ends at a proxy in front; the demo speaks plain HTTP on loopback
_tls = os.environ.get("QINGTIAN_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _tls
SECURE_HSTS_SECONDS = 31_536_000 if _tls else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _tls else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [_portals / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS = [_portals / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
# straight from the package: nothing to collect before the first start
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
OBJECTS_URL = os.environ.get("QINGTIAN_OBJECTS_URL") or str(_base.data / "evidence")
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
UPLOAD_MAX_FILES = 50
# a form may ask for several papers
DATA_UPLOAD_MAX_NUMBER_FILES = 4 * UPLOAD_MAX_FILES

# shown on the login page of a demo, whose people are invented; `qingtian demo` sets it
DEMO_PASSWORD = os.environ.get("QINGTIAN_DEMO_PASSWORD", "")

LOGGING_CONFIG = None

# jobs are registered by `office.jobs`, not searched for in every app
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "procrastinate_jobs"
