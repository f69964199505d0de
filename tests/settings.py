"""The settings under test: the real ones, on an embedded PostgreSQL that tests/conftest.py starts for the run."""

import os
import tempfile
from pathlib import Path

# Fixed keys, so that a digest or a token in a failing test is the same at the next run.
os.environ["SECRET_KEY"] = "for the tests alone, and long enough that nobody would be told to change it"
os.environ["FILO_KEYS"] = "Rm9yIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXMhISE="
os.environ["FILO_EVIDENCE_KEY"] = "Rm9yIHByb29mcyBpbiB0ZXN0cywgYWxzbyAzMiBiISE="
if (
    "PYTEST_XDIST_WORKER" not in os.environ
):  # the workers share the home, and the server, of the process that started them
    os.environ["FILO_HOME"] = str(Path(tempfile.gettempdir()) / f"filo-tests-{os.getpid()}")

from agency.settings import *  # noqa: F403
from agency.settings import DATABASES, INSTALLED_APPS, LOGGING

INSTALLED_APPS += ["tests.quotes"]  # a kind of things to approve that the product does not know

DATABASES["default"]["OPTIONS"].pop("pool")  # a test database can't be dropped under a pool
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of people sign in
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILO_INSIDE_ADDRESSES = ["127.0.0.1"]  # where the servers of the tests listen, and nothing else inside
WHITENOISE_AUTOREFRESH = True  # nothing is collected: files are looked up where they lie
WHITENOISE_USE_FINDERS = True
LOGGING["root"]["level"] = "WARNING"
