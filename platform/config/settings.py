"""Settings of the whole house; what differs between machines comes from the environment."""

from pathlib import Path

import environ
from redis.backoff import NoBackoff
from redis.retry import Retry

from web.worker_policy import guard_scripts

ROOT = Path(__file__).resolve().parents[2]
env = environ.Env()

VAR = Path(env("ETP_VAR", default=str(ROOT / "var")))
DEBUG = env.bool("ETP_DEBUG", default=False)
SECRET_KEY = env("ETP_SECRET_KEY", default="for-development-and-tests-only" if DEBUG else environ.Env.NOTSET)
ALLOWED_HOSTS = env.list("ETP_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("ETP_TRUSTED_ORIGINS", default=[])

# The name that stands in every sealed context, checkpoint and receipt; changing it starts a new log.
ETP_ORIGIN = env("ETP_ORIGIN", default="ggzy.qingjiang.example")
# The ten digits of this platform in national project codes (region and serial of the trading body).
ETP_PLATFORM_DIGITS = env("ETP_PLATFORM_DIGITS", default="4299000001")
ETP_BASE_URL = env("ETP_BASE_URL", default="http://localhost:8000")
ETP_KEYS = Path(env("ETP_KEYS", default=str(VAR / "keys")))
# The signer's socket. Empty: keys are used in the process itself, for tests and one-off commands on one machine.
ETP_SIGNER = env("ETP_SIGNER", default="")
ETP_SIGNER_KEYS = Path(env("ETP_SIGNER_KEYS", default=str(VAR / "signer")))
ETP_LEDGER = Path(env("ETP_LEDGER", default=str(VAR / "ledger")))
# Witnesses whose cosignatures are taken in (C2SP vkeys), and where one of them shows the newest note it keeps.
ETP_WITNESSES = env.list("ETP_WITNESSES", default=[])
ETP_WITNESS_NOTE = env("ETP_WITNESS_NOTE", default="")
# The authority that time-stamps checkpoints and seals: an address (RFC 3161), `local` for demonstrations, or none.
ETP_TSA = env("ETP_TSA", default="")
# A time server (SNTP, host:port) that the database's clock is compared with.
ETP_TIME_SERVER = env("ETP_TIME_SERVER", default="")
# Where the platform asks its own website for its health, as a visitor would; empty: it does not.
ETP_PROBE = env("ETP_PROBE", default="")
# Keys for messages with the bank and the issuers of guarantees, and where these answer (docs/integrating.md). While the
# platform is tried out, a bank and an issuer of its own stand in for them, with pages where a person plays their customers.
ETP_PARTNERS = Path(env("ETP_PARTNERS", default=str(VAR / "partners")))
# The holder and the bank of the collecting account, as bidders must write them on their transfer.
ETP_COLLECTOR = {
    "name": env("ETP_COLLECTOR_NAME", default="清江市公共资源交易中心保证金专户"),
    "bank": env("ETP_COLLECTOR_BANK", default="清江市商业银行（虚构）"),
}
ETP_BANK_URL = env("ETP_BANK_URL", default="")
ETP_ISSUER_URL = env("ETP_ISSUER_URL", default="")
ETP_UPLOADS = Path(env("ETP_UPLOADS", default=str(VAR / "uploads")))
# A PEM file of roots trusted for seals and time stamps beside the platform's own seal.
ETP_SEAL_ROOTS = env("ETP_SEAL_ROOTS", default="")
# How many seconds whoever opens a new document waits for the ledger and the seal.
ETP_SEAL_PATIENCE = env.float("ETP_SEAL_PATIENCE", default=4)
# How long a public page that looks the same to everybody is answered from memory.
ETP_PAGE_SECONDS = env.float("ETP_PAGE_SECONDS", default=1)
# A deployment turns the local consoles (outbox of messages, simulated bank) off; `bin/serve` leaves them on.
ETP_CONSOLES = env.bool("ETP_CONSOLES", default=DEBUG)
# Certificate authorities whose certificates people sign and sign in with (docs/certificates.md): a folder of roots and
# intermediates, a folder of revocation lists, and where newer lists are fetched from.
_AUTHORITY = VAR / ("demo-ca" if ETP_CONSOLES else "trust")
ETP_TRUST_ROOTS = Path(env("ETP_TRUST_ROOTS", default=str(_AUTHORITY / "roots")))
ETP_CRLS = Path(env("ETP_CRLS", default=str(_AUTHORITY / "crls")))
ETP_CRL_URLS = env.list("ETP_CRL_URLS", default=[])
# A revocation list older than this many hours is no longer relied on.
ETP_CRL_HOURS = env.int("ETP_CRL_HOURS", default=24)
ETP_SM2 = env.bool("ETP_SM2", default=False)
# Signing keys count only with a certificate; consoles for trying out take keys without one, and say so.
ETP_REQUIRE_CERTIFICATE = env.bool("ETP_REQUIRE_CERTIFICATE", default=not ETP_CONSOLES)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "guardian",
    "axes",
    "csp",
    "rest_framework",
    "rulebook",
    "ledger",
    "accounts",
    "documents",
    "postbox",
    "web",
    "draws",
    "sealing",
    "reception",
    "disclosure",
    "credit",
    "experts",
    "agencies",
    "trading",
    "supervision",
    "config",
    "config.demo.bank",
]

MIDDLEWARE = [
    "web.middleware.UnwantedBodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.ActingOrganisationMiddleware",
    "web.middleware.SecondFactorMiddleware",
    "web.middleware.RefusalMiddleware",
    "trading.evaluation.isolation.IsolationMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.shell",
            ],
            "builtins": ["web.templatetags.etp"],
        },
    }
]

# Forms are drawn by our own templates, so they are looked for where pages are.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///etp")}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = env.int("ETP_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"NAME": env("ETP_TEST_DATABASE", default="test_etp")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
# A Redis that is gone or frozen holds nobody up: after a second it counts as away.
REDIS_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "OPTIONS": REDIS_PATIENCE}}
# Sessions stand in the database: losing Redis must sign nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Half an hour without a request ends a session; `ActingOrganisationMiddleware` moves its end, once a minute at most.
SESSION_COOKIE_AGE = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("ETP_HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_HSTS_SECONDS = 31536000 if SESSION_COOKIE_SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CELERY_BROKER_URL = env("ETP_BROKER", default=REDIS_URL)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Nobody waits for a queue that is away: what is to be done stands in the database, and sweeps find it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Shanghai"

_HTTP = "trading.deposits.gateways"
ETP_BANK = env("ETP_BANK", default="config.demo.bank.partners.LocalBank" if ETP_CONSOLES else f"{_HTTP}.HttpBank")
ETP_ISSUER = env("ETP_ISSUER", default="config.demo.bank.partners.LocalIssuer" if ETP_CONSOLES else f"{_HTTP}.HttpIssuer")
ETP_GATEWAY = env("ETP_GATEWAY", default="postbox.gateways.LocalGateway")
ETP_CONFERENCE = env("ETP_CONFERENCE", default="trading.remote.conference.LocalConference")

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
    "trading.evaluation.permissions.SeatBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# People of the centre and of regulators, and administrators, sign in with two factors; only tests turn it off.
ETP_REQUIRE_TOTP = env.bool("ETP_REQUIRE_TOTP", default=True)
# Openers, supervisors, holders of keys and administrators sign in by passkey or certificate; only consoles for trying out do without.
ETP_REQUIRE_STRONG = env.bool("ETP_REQUIRE_STRONG", default=not ETP_CONSOLES)
# Official acts bear a fresh signature: "required" of everybody, or "offered" (asked only of people who have a passkey).
ETP_STEP_UP = env("ETP_STEP_UP", default="offered" if ETP_CONSOLES else "required")
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "web:desk"
# What `authenticate` is given: without this, failures would be counted for nobody.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_LOCKOUT_CALLABLE = "reception.views.locked_out"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("ETP_STATIC_ROOT", default=str(VAR / "staticfiles")))
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_ROOT = Path(env("ETP_MEDIA", default=str(VAR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "web.released.ReleasedStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "worker-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        # Strings become neither HTML nor script addresses; the one policy there is lets our own workers start.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["etp"],
    }
}
WHITENOISE_ADD_HEADERS_FUNCTION = guard_scripts

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("ETP_LOG_LEVEL", default="INFO")},
    # It announces itself in every process that could touch a PDF.
    "loggers": {"pikepdf": {"level": "WARNING"}},
}
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "axes.W006"]
