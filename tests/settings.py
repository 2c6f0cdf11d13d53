"""The settings of the tests and of the servers they start: production's, with what only costs time left out."""

from pathlib import Path

from vnpt_smile.settings import *  # noqa: F403
from vnpt_smile.settings import DATABASES, INSTALLED_APPS, STORAGES

INSTALLED_APPS = ["tests", *INSTALLED_APPS]  # for its migrate

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Hashed names need collectstatic first; the files themselves are served straight from the packages.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

PHOTO_GRACE_SECONDS = 0  # tests of covering set it

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # The data is thrown away, so nothing needs to reach the disk, and what a process wrote outlives it all the same.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    # Django's own choice is memory, which neither a thread nor a server process can share.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATABASES["default"]["NAME"]).with_name("test.sqlite3"))}
