"""Settings of the one Django project; every value that differs between installations comes from env.py."""

import os
from datetime import timedelta

from csp.constants import NONE, SELF

from responses_ui import env

BASE_DIR = env.ROOT
DATA_DIR = env.data_dir()

SECRET_KEY = env.secret("SECRET_KEY", DATA_DIR)
AUDIT_KEYS = env.audit_keys(DATA_DIR)
DEBUG = False
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
UPSTREAM = env.upstream()
RETENTION_DAYS = env.whole_number("RETENTION_DAYS", 30, low=1, high=3650)
DEMO = env.text("DEMO") == "1"

INSTALLED_APPS = [
    "servestatic.runserver_nostatic",
    "responses_ui.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "conversations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "responses_ui.urls"
ASGI_APPLICATION = "responses_ui.asgi.application"

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
            ],
            "libraries": {"desk": "conversations.admin.tags"},
        },
    }
]

DATABASES = {"default": env.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "conversations.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
# From one address; after so many no password is looked at until the minute is over.
# Of one web process; each takes a processor for as long as hashing a password takes.
LOGINS_AT_ONCE = env.whole_number("LOGINS_AT_ONCE", max(1, (os.cpu_count() or 1) // 2), low=1, high=1_000)
LOGIN_REFUSALS_PER_MINUTE = env.whole_number("LOGIN_REFUSALS_PER_MINUTE", 60, low=1, high=100_000)
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

# Under which address people reach us, for links in what is sent to them.
PUBLIC_URL = env.public_url(CSRF_TRUSTED_ORIGINS)
# Notices by e-mail; off without EMAIL_URL.
_MAIL = env.mail()
EMAIL_ON = bool(_MAIL.host)
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.starttls, _MAIL.tls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _MAIL.sender
# Hosts with private addresses that webhooks may go to all the same.
WEBHOOK_PRIVATE_HOSTS = env.names("WEBHOOK_PRIVATE_HOSTS")

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# The site is served over TLS as soon as one of its origins is; a demo on loopback is not.
HTTPS = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# One value for every user of Redis; empty until `make` has started a private server.
REDIS_URL = env.recorded_redis(DATA_DIR)

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1) or "redis://localhost:1/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Rows, leases and the sweeper are the guarantee, never redelivery: Redis needn't keep what a worker took.
    "ack_emulation": False,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # A person waits for the answer to a message; the sweeper sends what couldn't be sent.
    "connect_retries_timeout": 1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "responses"
CELERY_TASK_ROUTES = {
    "conversations.chat.tasks.run_computer": {"queue": "computer"},
    "conversations.chat.*": {"queue": "responses"},
    "conversations.retention.*": {"queue": "deletions"},
    "conversations.stored.*": {"queue": "desk"},
    "conversations.people.*": {"queue": "desk"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# A turn. Seconds; tests shorten them.
MESSAGE_MAX_CHARS = env.whole_number("MESSAGE_MAX_CHARS", 200_000, low=1, high=10_000_000)
FRAME_MAX_BYTES = 1_048_576
SOCKET_MESSAGES_PER_10_SECONDS = env.whole_number("SOCKET_MESSAGES_PER_10_SECONDS", 40, low=1, high=100_000)
WAITING_TURNS_MAX = env.whole_number("WAITING_TURNS_MAX", 5, low=0, high=1000)
HEARTBEAT_SECONDS = env.seconds("HEARTBEAT_SECONDS", 5)
LEASE_SECONDS = env.seconds("LEASE_SECONDS", 45)
SWEEP_SECONDS = env.seconds("SWEEP_SECONDS", 5)
REQUEUE_SECONDS = env.seconds("REQUEUE_SECONDS", 10)
CHECKPOINT_SECONDS = env.seconds("CHECKPOINT_SECONDS", 2)
LOG_KEPT_SECONDS = env.whole_number("LOG_KEPT_SECONDS", 3600, low=1, high=86_400)
UPSTREAM_SILENCE_SECONDS = env.seconds("UPSTREAM_SILENCE_SECONDS", 120)
UPSTREAM_TOTAL_SECONDS = env.seconds("UPSTREAM_TOTAL_SECONDS", 3600)
# What a tool's output may have, so that it leaves room for the answer.
TOOL_ROUNDS_MAX = env.whole_number("TOOL_ROUNDS_MAX", 10, low=1, high=100)
TOOL_OUTPUT_MAX_BYTES = env.whole_number("TOOL_OUTPUT_MAX_BYTES", 100_000, low=100, high=10_000_000)
# How long a browser waits for a person, and how long it is kept for the next task.
COMPUTER_WAIT_SECONDS = env.seconds("COMPUTER_WAIT_SECONDS", 600)
COMPUTER_KEPT_SECONDS = env.seconds("COMPUTER_KEPT_SECONDS", 600)
# Hosts with port that a browser may visit though their address is private, where a team's policy names them.
COMPUTER_LOCAL_SITES = env.names("COMPUTER_LOCAL_SITES", ())
# The browser that computer use works in; found on the PATH, or Playwright's own, when it is not named.
CHROMIUM = env.text("CHROMIUM")
# The desk: how long it waits for upstream, and how long a reason opens what others wrote.
DESK_UPSTREAM_SECONDS = env.seconds("DESK_UPSTREAM_SECONDS", 30)
READ_GRANT_MINUTES = env.whole_number("READ_GRANT_MINUTES", 30, low=1, high=1440)
# Requests of one import in flight at a time.
IMPORT_REQUESTS = env.whole_number("IMPORT_REQUESTS", 8, low=1, high=200)
# Deletions: how often what is due is looked for, how long one request may take, how many go at once, and how
# many of a job's last 50 requests may fail before it stops by itself.
DELETION_SECONDS = env.seconds("DELETION_SECONDS", 3)
DELETION_LEASE_SECONDS = env.seconds("DELETION_LEASE_SECONDS", 120)
DELETION_BATCH = 100
DELETIONS_AT_ONCE = env.whole_number("DELETIONS_AT_ONCE", 32, low=1, high=500)
DELETION_ERRORS = env.whole_number("DELETION_ERRORS", 20, low=1, high=50)
# Bulk deletions: how many rows are planned or released while a person waits, for how long a plan may be
# executed, above how many deletions a second person must approve, and for how long that may take.
PLAN_AT_ONCE = env.whole_number("PLAN_AT_ONCE", 2000, low=0, high=100_000)
PLAN_HOURS = env.whole_number("PLAN_HOURS", 168, low=1, high=8760)
SECOND_PERSON_ABOVE = env.whole_number("SECOND_PERSON_ABOVE", 1000, low=0, high=10_000_000)
APPROVAL_HOURS = env.whole_number("APPROVAL_HOURS", 24, low=1, high=720)
# For how long a member can restore a conversation that she deleted.
OWN_DELETE_UNDO_SECONDS = env.whole_number("OWN_DELETE_UNDO_SECONDS", 86_400, low=0, high=2_592_000)
# How long before upstream forgets a held response it is made sure that all of it is here.
HOLD_COPY_DAYS = env.whole_number("HOLD_COPY_DAYS", 7, low=1, high=3650)
# Exports: how many responses are written while a person waits, and how long a file is kept.
EXPORT_AT_ONCE = env.whole_number("EXPORT_AT_ONCE", 500, low=0, high=100_000)
EXPORT_KEPT_DAYS = env.whole_number("EXPORT_KEPT_DAYS", 7, low=1, high=3650)
# Attachments: less than so many bytes each and in one request, and so many pictures, as the API has it; how
# long a process may look into one, how many one person uploads in a minute, and how long an unsent one stays.
ATTACHMENT_BYTES = 50_000_000
ATTACHMENTS_MAX = 100
INSPECTION_SECONDS = env.seconds("INSPECTION_SECONDS", 30)
UPLOADS_PER_MINUTE = env.whole_number("UPLOADS_PER_MINUTE", 120, low=1, high=100_000)
UNSENT_HOURS = env.whole_number("UNSENT_HOURS", 24, low=1, high=8760)
LEDGER_THREADS = 1 if "sqlite" in str(DATABASES["default"]["ENGINE"]) else 4

CELERY_BEAT_SCHEDULE = {
    "tidy": {"task": "conversations.chat.tasks.tidy", "schedule": timedelta(days=1)},
    "forget_exports": {
        "task": "conversations.stored.tasks.forget_exports",
        "schedule": timedelta(hours=1),
    },
    "forget_attachments": {
        "task": "conversations.stored.tasks.forget_attachments",
        "schedule": timedelta(hours=1),
    },
    "resume": {
        "task": "conversations.stored.tasks.resume",
        "schedule": timedelta(seconds=REQUEUE_SECONDS),
        "options": {"expires": REQUEUE_SECONDS},
    },
    "run_due": {
        "task": "conversations.retention.tasks.run_due",
        "schedule": timedelta(seconds=DELETION_SECONDS),
        "options": {"expires": 60},
    },
    "look_after_policies": {
        "task": "conversations.retention.tasks.look_after_policies",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "look_after_own": {
        "task": "conversations.retention.tasks.look_after_own",
        "schedule": timedelta(seconds=min(60, max(1, OWN_DELETE_UNDO_SECONDS))),
        "options": {"expires": 60},
    },
    "look_after_backlogs": {
        "task": "conversations.retention.tasks.look_after_backlogs",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "look_after_holds": {
        "task": "conversations.stored.tasks.look_after_holds",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "go_on_with_plans": {
        "task": "conversations.retention.tasks.go_on",
        "schedule": timedelta(seconds=REQUEUE_SECONDS),
        "options": {"expires": REQUEUE_SECONDS},
    },
    "deliver_notices": {
        "task": "conversations.people.tasks.deliver_notices",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "forget_notices": {"task": "conversations.people.tasks.forget_notices", "schedule": timedelta(days=1)},
    "close_folds": {
        "task": "conversations.people.tasks.close_folds",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
}

# At INFO these print addresses and headers of requests, or two lines per task; what matters is in the ledger.
QUIET = ("azure", "httpx2", "httpcore2", "openai", "aiohttp", "celery.worker.strategy", "celery.app.trace")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"routine": {"()": "responses_ui.logs.WithoutRoutine"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routine"]},
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {name: {"level": "WARNING"} for name in QUIET},
}
