"""Settings: read the environment, nothing else. docs/operating.md says what each variable is for."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django.conf.locale
import django_stubs_ext
from celery.schedules import schedule
from django.utils.translation import gettext_lazy as _

from agency.environment import BROKER_SCHEMES, HIGHEST_PORT, Environment
from agency.logs import logging_config

# So that classes may say what they are of (ModelAdmin[Client]) where Django itself doesn't let them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

environment = Environment()
environment.refuse_unknown()

# Where things are

HOME = environment.home(BASE_DIR)
FILO_HOME = HOME.root
PORT = environment.number("PORT", 8000, 1, HIGHEST_PORT)
BIND = environment.text("FILO_BIND", "127.0.0.1")
BASE_URL = environment.web_address("FILO_BASE_URL", f"http://127.0.0.1:{PORT}")

# Database: PostgreSQL of one's own, or the embedded one, found by its socket

EMBEDDED = not environment.given("DATABASE_URL")
if EMBEDDED:
    _database: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "filo",
        "USER": "postgres",
        "HOST": str(HOME.socket_dir),
        "PORT": "5432",
    }
else:
    _database = environment.database()
THREADS = environment.number("FILO_THREADS", 16, 1, 256)
DATABASES = {
    "default": _database
    | {
        # Each process holds a few connections and lends them to its threads, so that no request and no task connects anew.
        # What is asked again and again on one of them is planned once: a sixth of the time of a decision.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # where the server was started again, those that broke are not lent any more
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5}
        | _database.get("OPTIONS", {})
        | {"pool": {"min_size": 1, "max_size": THREADS + 4, "timeout": 10, "max_idle": 60}},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Secrets

SECRET_KEY = environment.secret("SECRET_KEY", HOME.secret_key, embedded=EMBEDDED)
# Keys of before: addresses in old mails stay good, and so do the hashes of who asked to be forgotten (newsletter.tokens).
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])
FILO_KEYS = environment.keys(HOME.keys, embedded=EMBEDDED)
FILO_EVIDENCE_KEYS = environment.evidence_keys(HOME.evidence_key, embedded=EMBEDDED)

# Apps

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # without a site of its own: ours is agency.admin_site
    "unfold.contrib.filters",
    "agency.apps.AgencyAdminConfig",
    "agency.apps.AgencyConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "accounts",
    "rest",
    "audit",
    "notifications",
    "clients",
    "approvals",
    "strategy",
    "social",
    "newsletter",
    "portal",
]
MIDDLEWARE = [
    "agency.logs.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PersonLocale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "agency.urls"
WSGI_APPLICATION = "agency.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEBUG = False

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the agency vouches for the addresses that it adds
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail of ours because somebody typed their address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Languages and times

# The Italian of those who say Lei: its own catalogue, which says only what differs and falls back on `it`.
django.conf.locale.LANG_INFO["it-formal"] = {
    "bidi": False,
    "code": "it-formal",
    "name": "Italian (formal)",
    "name_local": "italiano (Lei)",
}
LANGUAGES = [("en", _("English")), ("it", _("Italian")), ("it-formal", _("Italian (formal)"))]
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["agency.formats"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
TIME_ZONE = "UTC"

# The web: whoever sets an https address has TLS in front, and a proxy that says so in X-Forwarded-Proto

_HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS", [str(urlsplit(BASE_URL).hostname), "localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _HTTPS
# Probes come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# HSTS for subdomains and for browsers' preload lists binds a whole domain, of which Filo has one name only.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
METRICS_TOKEN = environment.text("FILO_METRICS_TOKEN")
# Bytes, files apart: far above what any text may have, so that one that is too long is told so at its field.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# Files

STATIC_URL = "/static/"
STATIC_ROOT = HOME.static
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
MEDIA_ROOT = HOME.media
MEDIA_URL = "/media/"  # no URL serves it: media go out through views that ask who is there
STORAGES = {
    "default": environment.storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", "woff", "woff2", "gz", "br", "map"]
FILE_UPLOAD_PERMISSIONS = 0o640
# Of one video; a picture is decoded whole, and has a limit of its own.
VIDEO_BYTES = environment.number("FILO_VIDEO_MB", 1024, 1, 100_000) * 1024**2

# Mail

# On our own database, with mail into files, this is the sample agency until somebody says otherwise.
_own = environment.given("DATABASE_URL") or environment.given("EMAIL_URL")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text(
    "FILO_MAIL_FROM", "Filo <filo@localhost>" if _own else "Studio Filo <filo@localhost>"
)
EMAIL_TIMEOUT = 20  # seconds
if environment.given("EMAIL_URL"):
    _email = environment.email()
    EMAIL_BACKEND: str = _email["EMAIL_BACKEND"]
    EMAIL_HOST: str = _email["EMAIL_HOST"]
    EMAIL_PORT: int = _email["EMAIL_PORT"] or 25
    EMAIL_HOST_USER: str = _email["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD: str = _email["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS: bool = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL: bool = _email.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "agency.mail.FolderBackend"
    EMAIL_FILE_PATH = HOME.mail

# Celery: the database remembers, the broker only carries, so losing it loses nothing

if environment.given("CELERY_BROKER_URL"):
    CELERY_BROKER_URL = environment.url("CELERY_BROKER_URL", BROKER_SCHEMES)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
        {"visibility_timeout": 3600} if "redis" in CELERY_BROKER_URL else {}
    )
else:
    CELERY_BROKER_URL = "filo-folder://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(HOME.broker / "queue"),
        "data_folder_out": str(HOME.broker / "queue"),
        "processed_folder": str(HOME.broker / "taken"),
        "control_folder": str(HOME.broker / "control"),
        "polling_interval": 0.1,  # seconds
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Celery's own 100 end a worker after three quarters of an hour
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = THREADS
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# Acknowledged on receipt: what a killed worker had begun is found again by its lease, and by that alone.
CELERY_TASK_ACKS_LATE = False


def _every(task: str, seconds: float) -> dict[str, Any]:
    """One entry of the beat: a tick that nobody took in time is dropped, the next one does its work."""
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": max(seconds, 5)}}


CELERY_BEAT_SCHEDULE = {
    "alive": _every("agency.tasks.beat_alive", 2),
    "sweep": _every("social.tasks.sweep", 0.5),
    "late": _every("social.tasks.mark_late", 5),
    "renditions": _every("social.tasks.order_renditions", 1),
    "series": _every("social.tasks.go_on_with_series", 20),
    "looks": _every("social.tasks.order_looks", 5),
    "ended": _every("social.tasks.retire_ended_networks", 3600),
    "objectives": _every("social.tasks.order_objectives", 3600),
    "uses": _every("social.tasks.forget_old_uses", 3600),
    "renewals": _every("social.tasks.order_renewals", 2),
    "asked_checks": _every("social.tasks.order_asked_checks", 1),
    "checks": _every("social.tasks.order_checks", 30),
    "silences": _every("social.tasks.foresee_silences", 300),
    "remind_of_silences": _every("social.tasks.remind_of_silences", 60),
    "sign_ins": _every("social.tasks.order_sign_ins", 1),
    "connections": _every("social.tasks.look_after_connections", 300),
    "mail": _every("notifications.tasks.send_due", 1),
    "confirmations": _every("newsletter.tasks.send_confirmations", 1),
    "imports": _every("newsletter.tasks.go_on_with_imports", 2),
    "unconfirmed": _every("newsletter.tasks.forget", 3600),
    "time_up": _every("approvals.tasks.time_up", 30),
    "warn": _every("approvals.tasks.warn", 60),
    "remind": _every("approvals.tasks.remind", 60),
    "remind_of_strategies": _every("strategy.tasks.remind", 60),
    "answers": _every("rest.tasks.forget_old_answers", 3600),
    "stuck": _every("approvals.tasks.tell_of_stuck", 300),
}
# No file of its own: what is due stands in the database, a tick has no memory.
CELERY_BEAT_SCHEDULER = "agency.heartbeats:NotingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1

# Cache: rate limits. Shared where Redis is there, else each process has its own.

CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CELERY_BROKER_URL,
            "KEY_PREFIX": "filo",
        }
    }

# REST

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest.parsers.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "rest.negotiation.Json",
    "DEFAULT_METADATA_CLASS": None,  # the schema says it all
    "DEFAULT_PAGINATION_CLASS": "rest.pagination.Cursor",
    "DEFAULT_FILTER_BACKENDS": ["rest.filters.Backend"],
    "DEFAULT_SCHEMA_CLASS": "rest.schema.Schema",
    "EXCEPTION_HANDLER": "rest.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Filo",
    "VERSION": "1",
    "DESCRIPTION": "Posts of an agency's clients: written, approved, published, proved. docs/api.md is the guide.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],  # it holds nobody's data
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "rest.schema.add_problems"],
    "ENUM_NAME_OVERRIDES": {
        "Language": "accounts.models.Language",
        "Role": "clients.models.Role",
        "ClientStatus": "clients.models.Status",
        "SubjectKind": "approvals.kinds.choices",
        "Rule": "approvals.models.Rule",
        "ReviewState": "approvals.models.ReviewState",
        "StepState": "approvals.models.StepState",
        "Verdict": "approvals.models.Verdict",
        "Via": "approvals.models.Via",
        "Audience": "approvals.models.Audience",
        "ChannelStatus": "social.models.ChannelStatus",
        "MediaKind": "social.models.Kind",
        "PieceKind": "social.api.differences.PIECE_KINDS",
        "PostState": "social.models.PostState",
        "Act": "social.models.Act",
        "Correction": "social.api.after.CHOICES",
        "PublicationState": "social.models.PublicationState",
        "AttemptOutcome": "social.models.Outcome",
        "StrategyState": "strategy.models.StrategyState",
        "StrategyKind": "strategy.models.StrategyKind",
        "SectionKind": "strategy.models.SectionKind",
        "SuggestionKind": "strategy.models.SuggestionKind",
        "SuggestionState": "strategy.models.SuggestionState",
        "NumberSource": "strategy.models.NumberSource",
        "Rank": "strategy.models.Rank",
    },
}

# Staff's admin

UNFOLD = {
    "SITE_TITLE": "Filo",
    "SITE_HEADER": "Filo",
    "SITE_URL": None,
    "SITE_ICON": "agency.navigation.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "agency.navigation.icon"}],
    "SHOW_LANGUAGES": False,
    "SHOW_HISTORY": False,
    "STYLES": ["agency.navigation.style"],
    "SCRIPTS": ["agency.navigation.files"],
    "SIDEBAR": {"navigation": "agency.navigation.menu"},
    "ACCOUNT": {"navigation": "agency.navigation.account"},
}

# Logs

LOGGING = logging_config(
    as_json=environment.flag("FILO_LOG_JSON"),
    level=environment.choice("FILO_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
)
# What lies inside the operator's network and may be called all the same (social.networks.inside)
FILO_INSIDE_ADDRESSES = environment.inside("FILO_INSIDE_ADDRESSES")
WEB_WORKERS = environment.number("FILO_WORKERS", 1, 1, 64)

# Networks: which version of Meta's Graph API is spoken; each lasts about two years (social.networks.meta)
FILO_META_VERSION = environment.text("FILO_META_VERSION", "v26.0")
# Networks: which dated version of LinkedIn's API is spoken (social.networks.linkedin)
FILO_LINKEDIN_VERSION = environment.month("FILO_LINKEDIN_VERSION", "202607")
# What X takes for a post and for one with a web address, in US dollars; whether its contract is Enterprise (social.networks.x)
PAID_READS = environment.flag("FILO_PAID_READS")
FILO_X_ENTERPRISE = environment.flag("FILO_X_ENTERPRISE")
FILO_X_POST_DOLLARS = environment.dollars("FILO_X_POST_DOLLARS", "0.015")
FILO_X_LINK_POST_DOLLARS = environment.dollars("FILO_X_LINK_POST_DOLLARS", "0.200")
# What Google lets this installation do at YouTube in a day: uploads, and units of everything else (social.networks.youtube)
FILO_YOUTUBE_UPLOADS = environment.number("FILO_YOUTUBE_UPLOADS", 100, 1, 1_000_000)
FILO_YOUTUBE_UNITS = environment.number("FILO_YOUTUBE_UNITS", 10_000, 1_000, 1_000_000_000)
