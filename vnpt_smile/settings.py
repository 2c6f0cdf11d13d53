"""Settings, all from the environment.

With no variable set this is a development server on SQLite. With DEBUG=0 the process refuses to
start without SECRET_KEY and ALLOWED_HOSTS. README.md lists every variable.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=not DEMO)
ADMIN = env.bool("ADMIN", default=False)
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))
# How many proxies of ours a request passes. HTTPS ends at one of them, unless told otherwise.
PROXIES = env.int("PROXIES", default=int(HTTPS))

public_key = "development-only"  # known to whoever has the source, so only for whoever sits at the machine itself
loopback = ["localhost", "127.0.0.1", "[::1]"]
SECRET_KEY = env.str("SECRET_KEY", default=public_key if DEBUG or DEMO else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=loopback if DEBUG or DEMO else [])
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Production (DEBUG=0) needs a secret of at least 50 characters: "
        'python -c "import secrets; print(secrets.token_urlsafe(64))"'
    )
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS is not set. Production (DEBUG=0) needs the host names of this site, "
        "separated by commas, for example ALLOWED_HOSTS=smile.example.vn"
    )
if public_key == SECRET_KEY and not set(ALLOWED_HOSTS) <= set(loopback):
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Without one this is for http://localhost only: whoever knows the source could log in "
        'as anybody. To serve other hosts, set it: python -c "import secrets; print(secrets.token_urlsafe(64))"'
    )
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- The house --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "vnpt_smile",
    "audits",
    "outlets",
    "crispy_forms",
    "crispy_bootstrap5",
    "bootstrap",
    "django_htmx",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
if ADMIN:
    INSTALLED_APPS.append("django.contrib.admin")

MIDDLEWARE = [
    # What every answer carries, early refusals and static files included.
    "csp.middleware.CSPMiddleware",
    "vnpt_smile.middleware.security_headers",
    "vnpt_smile.middleware.language",
    "vnpt_smile.middleware.json_refusals",
    "django.middleware.security.SecurityMiddleware",
    "vnpt_smile.middleware.sound_request",
    "vnpt_smile.middleware.plain_answers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vnpt_smile.middleware.CompressPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vnpt_smile.middleware.access",
    "django.contrib.messages.middleware.MessageMiddleware",
    "vnpt_smile.middleware.kept_forms",
    "vnpt_smile.middleware.LoginRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "vnpt_smile.urls"
WSGI_APPLICATION = "vnpt_smile.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vnpt_smile.navigation.navigation",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "outlets.templatetags.smile"],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data -------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'smile.sqlite3'}")}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(exist_ok=True)
    # Django's own defaults lose most read-then-write requests under load: docs/decisions/0003.
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"]["OPTIONS"] |= {
        "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
    }

# What has been worked out and may be again, for all processes of this machine: docs/decisions/0017.
CACHE_DIR = env.str("CACHE_DIR", default=str(VAR_DIR / "cache"))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "figures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": CACHE_DIR,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}

MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))
FILE_UPLOAD_PERMISSIONS = 0o640
# A section of the largest published checklist, with half as much again: see tests/audits/fieldwork.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 60
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# One request, photos included; more is refused before Django reads it: docs/decisions/0004.
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=40_000_000)

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "vnpt_smile.static_files.StaticFiles"
    },
}
# The demo is there in seconds: its files come straight from the packages, while compressing them takes half a minute.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or DEMO

# --- Who may come in --------------------------------------------------------------------------

AUTH_USER_MODEL = "outlets.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "outlets.people.backends.AccountBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Five wrong passwords for one name from one address close that pair for 15 minutes: a guesser is
# slowed, and the person attacked can still log in from elsewhere. vnpt_smile/lockout.py says how the rest is slowed.
AXES_HANDLER = "vnpt_smile.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=60)
LOGIN_FAILURES_PER_NAME = 20
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Trying on while the pair is closed does not keep it closed: a guesser cannot shut the owner out for good.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "vnpt_smile.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "vnpt_smile.middleware.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

# A log-in ends after 12 hours without use, and after so many days in any case.
LOGIN_LASTS = timedelta(days=env.int("LOGIN_DAYS", default=7))
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # the phone form reads the current token from it
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of their own
CSRF_FAILURE_VIEW = "vnpt_smile.views.csrf_failure"
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if PROXIES:  # without one of ours before it, the header is the client's own claim
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # Bootstrap's own icons, and a photo before it is sent
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "packages"]  # ours first, then texts of packages
FORMAT_MODULE_PATH = ["vnpt_smile.formats"]
USE_THOUSAND_SEPARATOR = False  # on, it prints the year as 2.025
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# --- Rules of the programme -------------------------------------------------------------------

# Two visits of one shopper at one outlet lie at least so many months apart; 0 switches the rule off.
SAME_SHOPPER_MONTHS = env.int("SAME_SHOPPER_MONTHS", default=3)
# A photo waits so long on the phone before it goes, so that a face or a paper in it can be covered first.
PHOTO_GRACE_SECONDS = env.int("PHOTO_GRACE_SECONDS", default=15)
# A reviewer is asked to look closer when a form was filled in within fewer minutes, or submitted more days after the
# visit.
REVIEW_FASTEST_MINUTES = env.int("REVIEW_FASTEST_MINUTES", default=8)
REVIEW_LATE_DAYS = env.int("REVIEW_LATE_DAYS", default=1)
# Visits of an outlet are published together, never fewer than this, by no fewer shoppers: docs/decisions/0008.
BLOCK_VISITS = env.int("BLOCK_VISITS", default=3)
BLOCK_SHOPPERS = env.int("BLOCK_SHOPPERS", default=2)
# Critical criteria of which all outlets around are reminded at once when one was not met.
SAFETY_CRITERIA = env.list("SAFETY_CRITERIA", default=["KT-D2"])
# A unit may ask for a second look at what was published for so many days after the closing. The demo closes its latest
# month on the 5th, and is tried on any day.
SECOND_LOOK_DAYS = env.int("SECOND_LOOK_DAYS", default=45 if DEMO else 14)

# --- Log --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "vnpt_smile.logs.OneLine", "format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django": {"handlers": [], "level": "INFO"},  # Django's own handlers would write each line twice, or mail it
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
